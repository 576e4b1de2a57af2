"""A dose that nobody released by its ready time, and that was given a later one afterwards: it is late all the same."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from pharmacy.preparation.fixed_times import EarlierTime, Release, missed_ready_time
from pharmacy.preparation.models import Preparation
from pharmacy.preparation.states import PreparationState
from pharmacy.preparation.times_of_doses import earlier_ready_times
from randomization.audit.selectors import moments_of
from randomization.blinded.bedside.for_unblinded import Dose


def missed_release(due: Dose, now: datetime) -> EarlierTime | None:
    """The ready time that passed before the dose was given the one that it has `now` (UTC), nothing being released.

    None where there is none, or where a syringe was released meanwhile: then that release was in time, or late itself.
    """
    times = earlier_ready_times(due, now)
    return missed_ready_time(times, _releases(due.uid)) if times else None


def _releases(dose_uid: UUID) -> list[Release]:
    preparations = Preparation.objects.filter(dose_uid=dose_uid, released_at__isnull=False).order_by("opened_at")
    return [
        Release(preparation.released_at, _void_at(preparation))
        for preparation in preparations
        if preparation.released_at
    ]


def _void_at(preparation: Preparation) -> datetime | None:
    """When a syringe became void (UTC): when its cause happened, else when it was recorded."""
    if preparation.state != PreparationState.VOIDED or preparation.cause_at is not None:
        return preparation.cause_at
    recorded = moments_of(subject=str(preparation.uid), actions=["preparation.void"], since=preparation.opened_at)
    return recorded[-1][1] if recorded else None
