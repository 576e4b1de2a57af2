"""The times of doses that may be prepared: by their planned times, and by what asked for a replacement."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from itertools import pairwise
from uuid import UUID

from django.db.models import Max

from pharmacy.preparation.fixed_times import EarlierTime, Times, fixed_times, ready_from
from pharmacy.preparation.models import Preparation
from pharmacy.preparation.states import PreparationState, VoidCause
from randomization.blinded.allocation.for_unblinded import allocation_times
from randomization.blinded.bedside.for_unblinded import (
    Dose,
    level_changes,
    planned_again_at,
    planned_over_time,
)
from randomization.blinded.sites.for_unblinded import protocol_of
from randomization.shared import clock


class _Causes:
    """When something last asked for replacements: of one dose, of a patient's, or of a route at a site.

    Whether a dose was prepared by then must make no difference, or the ward could read from its time what the pharmacy
    had done: a change of level counts for all doses of the patient, and so does a course that was resumed, moved or
    transferred; a quarantine for the route at the site; a decided class for the patient's route; a "missed" that was
    taken back for its dose. What a person voided before the ward saw it asks for nothing.
    """

    def __init__(self, doses: Sequence[Dose]) -> None:
        participants = {due.course.participant.uid: due.course.participant for due in doses}
        self._levels = level_changes(
            {uid: protocol_of(participant.site).renal_rule for uid, participant in participants.items()}
        )
        voided = Preparation.objects.filter(state=PreparationState.VOIDED, cause_at__isnull=False)
        sites = {participant.site_id for participant in participants.values()}
        numbers = {participant.number for participant in participants.values()}
        self._doses = self._last(voided.filter(dose_uid__in=[due.uid for due in doses]), "dose_uid")
        self._sites = self._last(voided.filter(void_cause=VoidCause.STOCK, site_code__in=sites), "site_code", "route")
        decided = voided.filter(void_cause=VoidCause.CLASS, participant_number__in=numbers)
        self._classes = self._last(decided, "participant_number", "route")

    @staticmethod
    def _last(queryset: object, *by: str) -> dict[tuple[object, ...], datetime]:
        rows = queryset.values_list(*by).annotate(last=Max("cause_at")).order_by(*by)  # type: ignore[attr-defined]
        return {tuple(key): last for *key, last in rows}

    def but_steering(self, due: Dose) -> list[datetime]:
        """The last cause of each kind that counts for a dose (UTC), but for what steered its course."""
        participant = due.course.participant
        causes = [
            planned_again_at(due),
            self._doses.get((due.uid,)),
            self._sites.get((participant.site_id, due.route)),
            self._classes.get((participant.number, due.route)),
            self._levels.get(participant.uid),
        ]
        return [cause for cause in causes if cause is not None]

    def of(self, due: Dose) -> datetime | None:
        """The last cause that counts for a dose (UTC); None where nothing asked for a replacement."""
        steered_at = due.course.steered_at
        return max([*self.but_steering(due), *([steered_at] if steered_at else [])], default=None)


def times_of(doses: Sequence[Dose]) -> dict[UUID, Times]:
    """The times of each dose, were it opened now, by UID; six statements however many doses."""
    if not doses:
        return {}
    causes, now = _Causes(doses), clock.now()
    first = [due.course.participant_id for due in doses if due.number == 1]
    allocated = allocation_times(first)
    times = {}
    for due in doses:
        regimen = protocol_of(due.course.participant.site).regimen
        times[due.uid] = fixed_times(
            planned_at=due.planned_at,
            route=regimen.route(due.route),
            regimen=regimen,
            now=now,
            cause_at=causes.of(due),
            allocated_at=allocated.get(due.course.participant_id) if due.number == 1 else None,
        )
    return times


def earlier_ready_times(due: Dose, now: datetime) -> list[EarlierTime]:
    """The ready times that a dose had before the one that it has `now` (UTC), oldest first; none for those on hold."""
    plans, causes = planned_over_time(due), _Causes([due]).but_steering(due)
    regimen = protocol_of(due.course.participant.site).regimen
    allocated = allocation_times([due.course.participant_id]) if due.number == 1 else {}
    moments = sorted({plan.since for plan in plans} | {cause for cause in causes if cause > plans[0].since})
    earlier = []
    for since, until in pairwise(moment for moment in moments if moment <= now):
        plan = [plan for plan in plans if plan.since <= since][-1]
        before = [cause for cause in (*causes, plan.steered_at) if cause is not None and cause <= since]
        times = fixed_times(
            planned_at=plan.planned_at,
            route=regimen.route(due.route),
            regimen=regimen,
            now=since,
            cause_at=max(before, default=None),
            allocated_at=allocated.get(due.course.participant_id),
        )
        if not plan.on_hold:
            earlier.append(EarlierTime(times.ready_at, until, plan.site_code))
    return earlier


def seen_from(preparation: Preparation, due: Dose) -> datetime:
    """From when on (UTC) the ward sees this syringe, if it is released by then."""
    regimen = protocol_of(due.course.participant.site).regimen
    return ready_from(ready_at=preparation.ready_at, steered_at=due.course.steered_at, wait=regimen.replacement_after)
