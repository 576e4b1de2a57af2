"""Reads of outcomes: scores, milestones, handovers of duty."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from django.db.models import OuterRef, Subquery

from randomization.blinded.bedside.models import Dose, Packaging
from randomization.blinded.bedside.selectors import ready_packaging
from randomization.blinded.bedside.states import WAITING
from randomization.blinded.outcomes.models import Handover, Milestone, SofaDay
from randomization.blinded.screening.models import Participant
from randomization.shared import clock

HANDED: Final = timedelta(hours=12)
"""How far ahead a handover of duty looks [choice]."""


def open_at_handover(site_code: str) -> list[dict[str, str]]:
    """What is open at a site: syringes on the ward, doses overdue, treatments on hold; by time, in words."""
    now = clock.now()
    doses = Dose.objects.select_related("course__participant").filter(
        course__participant__site_id=site_code, state__in=WAITING, course__stopped_at=None, planned_at__lte=now + HANDED
    )
    rows = []
    for dose in doses.prefetch_related(ready_packaging()).order_by(
        "planned_at", "course__participant__number", "route"
    ):
        ready: list[Packaging] = getattr(dose, "ready", [])
        state = "ready on the ward" if ready else "overdue" if dose.planned_at < now else "not ready"
        if dose.course.held_at is not None:
            state = "on hold"
        rows.append(
            {
                "participant": dose.course.participant.number,
                "kit_code": dose.course.kit_code,
                "dose": str(dose),
                "planned_at": clock.stamp(dose.planned_at),
                "state": state,
                "use_before": clock.stamp(ready[0].use_before) if ready else "",
            }
        )
    return rows


def sofa_of(participant: Participant) -> list[SofaDay]:
    """The last row of each day, by day."""
    last: dict[int, SofaDay] = {}
    for row in SofaDay.objects.filter(participant=participant).order_by("id"):
        last[row.day] = row
    return [last[day] for day in sorted(last)]


def milestones_of(participant: Participant) -> list[Milestone]:
    """The last of each kind, by time."""
    last = {row.kind: row for row in Milestone.objects.filter(participant=participant).order_by("id")}
    return sorted(last.values(), key=lambda row: row.at)


def last_milestone() -> Subquery:
    """The kind of the last milestone of each course's participant, for `annotate`."""
    milestones = Milestone.objects.filter(participant_id=OuterRef("participant_id")).order_by("-at", "-id")
    return Subquery(milestones.values("kind")[:1])


def handovers_of(site_code: str) -> list[Handover]:
    """The newest handovers of a site."""
    return list(Handover.objects.filter(site_id=site_code).order_by("-id")[:20])
