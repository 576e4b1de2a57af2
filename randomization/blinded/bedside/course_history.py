"""For when a dose was planned, and since when: by what the trail says of its course."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from randomization.audit.selectors import history_of
from randomization.blinded.bedside.models import Dose
from randomization.blinded.bedside.schedule import time_of
from randomization.blinded.screening.selectors import protocol_for
from randomization.shared import clock
from randomization.shared.service import Side, on_side

ALLOCATED: Final = "participant.allocate"
TRANSFERRED: Final = "participant.transfer"
STEERED: Final = frozenset({"course.plan", "course.shift", "course.resume", TRANSFERRED})
"""What sets `Course.steered_at`; so does an anchor that moved by a correction."""
RECORDED: Final = frozenset({"dose.administer", "dose.correct"})
"""What a `course.anchor` may follow."""
ACTIONS: Final = (ALLOCATED, "course.hold", "course.anchor", *sorted(STEERED | RECORDED))


@dataclass(frozen=True, slots=True)
class PlannedSince:
    """Since when (UTC) a dose was planned for `planned_at` at a site, until the next of these.

    on_hold: whether treatment was on hold. steered_at: when somebody last steered the course, as in `Course`.
    """

    since: datetime
    planned_at: datetime
    site_code: str
    on_hold: bool
    steered_at: datetime | None


def planned_over_time(dose: Dose) -> list[PlannedSince]:
    """Every planned time that a dose had while it waited, oldest first; one statement."""
    participant = dose.course.participant
    route = protocol_for(participant).regimen.route(dose.route)
    with on_side(Side.BLINDED):
        events = history_of(subject=participant.number, actions=ACTIONS)
    plans: list[PlannedSince] = []
    anchor, shift, on_hold, corrected = dose.course.first_dose_at, timedelta(0), False, False
    steered_at: datetime | None = None
    site_code = participant.home_id
    for action, at, data in events:
        if action in RECORDED:
            corrected = action == "dose.correct"
            continue
        moved_to = data.get("first_dose_at" if action == ALLOCATED else "anchor")
        anchor = clock.parse_stamp(moved_to) if moved_to else anchor
        if action == "course.shift" and route.ward_hours:
            shift = timedelta(minutes=data["minutes"])
        if action in STEERED or (action == "course.anchor" and corrected):
            steered_at = at
        on_hold = action == "course.hold" or (on_hold and action != "course.resume")
        if action == TRANSFERRED:
            site_code = data["new"]["site"]
        planned_at = time_of(route=route, number=dose.number, anchor=anchor, shift=shift)
        plans.append(PlannedSince(at, planned_at, site_code, on_hold, steered_at))
    return plans
