"""Move the doses not yet given, inside the running service; the calling service records what moved."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from randomization.blinded.bedside.models import Administration, Course, Dose, Packaging
from randomization.blinded.bedside.schedule import anchor_of, is_dropped, still_fits, time_of
from randomization.blinded.bedside.states import GIVEN, WAITING, DoseState
from randomization.blinded.bedside.void_ready import expected, tell_the_ward
from randomization.blinded.screening.models import Participant
from randomization.shared import clock
from randomization.shared.foreseen import Accepted, ExpectedVoid, check_accepted, on_the_ward
from randomization.shared.ids import dose_name
from randomization.shared.protocol import Regimen, Route


@dataclass(frozen=True, slots=True)
class NewTime:
    """The new planned time and window of one dose that was not given yet; all UTC."""

    dose: str
    planned_before: datetime
    planned_at: datetime
    window_from: datetime
    window_until: datetime

    def as_data(self) -> dict[str, str]:
        """For what is shown before it is done."""
        return {
            "dose": self.dose,
            "planned_before": clock.stamp(self.planned_before),
            "planned_at": clock.stamp(self.planned_at),
            "window_from": clock.stamp(self.window_from),
            "window_until": clock.stamp(self.window_until),
        }


def new_time(dose: Dose, planned_at: datetime, route: Route) -> NewTime:
    """What changes when a dose is planned for `planned_at` (UTC)."""
    name, early, late = dose_name(dose.route, dose.number), planned_at - route.early, planned_at + route.late
    return NewTime(name, dose.planned_at, planned_at, early, late)


@dataclass(slots=True)
class Replanned:
    """What moved: the doses with their new times, which were dropped (`IV 45`), which packagings became void, and of
    which doses as they were planned before.
    """

    anchor: datetime
    times: list[NewTime] = field(default_factory=list)
    moved: int = 0
    dropped: list[str] = field(default_factory=list)
    voided: list[str] = field(default_factory=list)
    voids: list[ExpectedVoid] = field(default_factory=list)

    def as_data(self) -> dict[str, Any]:
        """For the trail."""
        return {"anchor": clock.stamp(self.anchor), "moved": self.moved, "dropped": self.dropped, "voided": self.voided}


def anchor_by_doses_given(course: Course, regimen: Regimen) -> datetime | None:
    """The anchor by the first dose really given on either route; None while none was."""
    administrations = Administration.objects.select_related("dose").filter(
        dose__course=course, outcome__in=GIVEN, corrected=None
    )
    first = administrations.order_by("at", "dose__route").first()
    if first is None:
        return None
    return anchor_of(route=regimen.route(first.dose.route), number=first.dose.number, given_at=first.at)


def time_in(course: Course, dose: Dose, regimen: Regimen) -> datetime:
    """When a dose is due by the anchor and the shift of its course (UTC)."""
    route = regimen.route(dose.route)
    shift = timedelta(minutes=course.shift_minutes) if route.ward_hours else timedelta(0)
    return time_of(route=route, number=dose.number, anchor=course.first_dose_at, shift=shift)


def replan(
    participant: Participant, course: Course, anchor: datetime, regimen: Regimen, *, accepted: Accepted | None
) -> Replanned:
    """Plan everything that waits anew from `anchor` and the course's shift: numbers stay, what falls behind the last
    hour is dropped, and what is ready and no longer fits is void. Saves the course and its doses, and tells the ward.

    Raises VoidsNotAccepted unless exactly these were accepted; see `check_accepted`.
    """
    done, now = Replanned(anchor), clock.now()
    course.first_dose_at = anchor
    course.save(update_fields=["first_dose_at", "anchored_at", "shift_minutes", "steered_at"])
    doses = list(
        Dose.objects.select_for_update().filter(course=course, state__in=WAITING).order_by("planned_at", "route")
    )
    ready = {
        item.dose_id: item for item in Packaging.objects.select_related("dose").filter(dose__in=doses, voided_at=None)
    }
    for dose in doses:
        route = regimen.route(dose.route)
        at = time_in(course, dose, regimen)
        packaging, dropped = ready.get(dose.uid), is_dropped(at=at, anchor=anchor, regimen=regimen)
        fits = packaging is not None and still_fits(
            route=route, printed_at=dose.planned_at, planned_at=at, use_before=packaging.use_before
        )
        if packaging is not None and (dropped or not fits):
            done.voided.append(packaging.pack_code)
            done.voids += expected(participant, [packaging])
            dose.state = DoseState.PLANNED
        if dropped:
            done.dropped.append(str(dose))
            dose.state = DoseState.DROPPED
        done.moved += dose.planned_at != at
        if dose.planned_at != at and not dropped:
            done.times.append(new_time(dose, at, route))
        dose.planned_at = at
    check_accepted(done.voids, accepted, on_the_ward)
    tell_the_ward(participant, done.voided)
    Packaging.objects.filter(pack_code__in=done.voided).update(voided_at=now)
    Dose.objects.bulk_update(doses, ["planned_at", "state"])
    return done
