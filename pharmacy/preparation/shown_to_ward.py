"""Which released syringes the ward is to see now. What it was not told of does not exist for it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from pharmacy.preparation.fixed_times import Late, shown_late_at
from pharmacy.preparation.models import Preparation
from pharmacy.preparation.states import PreparationState
from pharmacy.preparation.times_of_doses import seen_from, times_of
from randomization.blinded.bedside.for_unblinded import Dose, doses_by_uid, open_doses_of
from randomization.blinded.sites.for_unblinded import protocol_of
from randomization.shared import clock


@dataclass(frozen=True, slots=True)
class Showing:
    """A preparation, and the moment fixed by rule at which the ward sees it (UTC, past)."""

    preparation: Preparation
    at: datetime


def to_show() -> list[Showing]:
    """What is released, not shown, and due: by moment, then by the dose's random UID, never by who was quicker.

    One statement where nothing is due.
    """
    now = clock.now()
    waiting = Preparation.objects.filter(state=PreparationState.RELEASED, shown_at=None, ready_at__lte=now)
    shown: list[Showing] = []
    doses = {due.uid: due for due in doses_by_uid(preparation.dose_uid for preparation in waiting)} if waiting else {}
    for preparation in waiting:
        due = doses[preparation.dose_uid]
        at = _shown_late(preparation, due, now) if preparation.ready_missed else seen_from(preparation, due)
        if at is not None and at <= now:
            shown.append(Showing(preparation, at))
    return sorted(shown, key=lambda showing: (showing.at, str(showing.preparation.dose_uid)))


def _shown_late(preparation: Preparation, due: Dose, now: datetime) -> datetime | None:
    """When a syringe that was released too late is shown; None where that lies ahead."""
    regimen = protocol_of(due.course.participant.site).regimen
    return shown_late_at(
        released_at=preparation.released_at or now,
        ends=due.planned_at + regimen.route(due.route).late,
        others=others_of(due),
        now=now,
        step=regimen.late_shown_every,
    )


def others_of(due: Dose) -> list[Late]:
    """The patient's other doses that the ward does not see: prepared by whatever was fixed, or as if opened now."""
    others = [other for other in open_doses_of(due.course.participant_id) if other.uid != due.uid]
    live: dict[UUID, Preparation] = {
        preparation.dose_uid: preparation
        for preparation in Preparation.objects.exclude(state=PreparationState.VOIDED).filter(
            dose_uid__in=[other.uid for other in others]
        )
    }
    times = times_of(others)
    return [
        Late(seen_from(preparation, other), preparation.released_at)
        if preparation
        else Late(times[other.uid].ready_at, None)
        for other in others
        for preparation in [live.get(other.uid)]
        if preparation is None or preparation.shown_at is None
    ]
