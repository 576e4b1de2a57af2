"""Reads of treatment that only the upper side needs: what asks for a replacement, and what still waits."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from randomization.blinded.bedside.models import Clearance, Dose, Packaging
from randomization.blinded.bedside.selectors import is_reduced, window_of
from randomization.blinded.bedside.states import WAITING
from randomization.blinded.sites.selectors import protocol_of
from randomization.shared import clock
from randomization.shared.protocol import RenalRule


def level_changes(rules: Mapping[UUID, RenalRule]) -> dict[UUID, datetime]:
    """When a clearance was last recorded that changed the dose level (UTC), by participant; one statement.

    The first value changes nothing. rules: by participant.
    """
    in_force: dict[UUID, Clearance] = {}
    changed: dict[UUID, datetime] = {}
    for value in Clearance.objects.filter(participant_id__in=list(rules)).order_by("recorded_at", "id"):
        uid, rule = value.participant_id, rules[value.participant_id]
        before = in_force.get(uid)
        if before is not None and (before.sampled_at, before.pk) > (value.sampled_at, value.pk):
            continue
        if before is not None and is_reduced(before, rule) != is_reduced(value, rule):
            changed[uid] = value.recorded_at
        in_force[uid] = value
    return changed


def open_doses_of(participant_uid: UUID) -> list[Dose]:
    """The doses of a participant that wait and whose window is not over, of a treatment that goes on, by time."""
    doses = Dose.objects.select_related("course__participant__site").filter(
        course__participant_id=participant_uid, state__in=WAITING, course__held_at=None, course__stopped_at=None
    )
    now = clock.now()
    return [
        due
        for due in doses.order_by("planned_at", "route")
        if now <= window_of(due, protocol_of(due.course.participant.site).regimen)[1]
    ]


def voided_at_below(pack_code: str) -> datetime | None:
    """When a packaging became void for the ward (UTC); None while it holds, or where it was never announced."""
    return Packaging.objects.filter(pack_code=pack_code).values_list("voided_at", flat=True).first()


def sites_with_open_doses() -> list[str]:
    """Sites at which a dose is planned or ready."""
    doses = Dose.objects.filter(state__in=WAITING, course__stopped_at=None)
    return list(doses.order_by().values_list("course__participant__site_id", flat=True).distinct())
