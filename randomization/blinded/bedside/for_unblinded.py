"""All that the upper side reads of treatment: doses, clearances, packagings, what was given, and the timetable.

Nothing above the line imports anything else of this package.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import Count, Max, Q

from randomization.blinded.bedside.course_history import PlannedSince, planned_over_time
from randomization.blinded.bedside.models import (
    Administration,
    Clearance,
    Dose,
    Packaging,
    WardRequest,
)
from randomization.blinded.bedside.schedule import planned_doses, still_fits
from randomization.blinded.bedside.selectors import (
    ClearanceInForce,
    clearance_in_force,
    clearances_in_force,
    dose,
    dose_by_label,
    doses_as_recorded,
    due_doses,
    is_due,
    is_reduced,
    is_too_late,
    planned_again_at,
    reachable,
    window_of,
)
from randomization.blinded.bedside.states import GIVEN, WAITING, DoseState, WardRequestKind
from randomization.blinded.screening.selectors import transferred
from randomization.blinded.sites.selectors import protocol_of
from randomization.shared import clock
from randomization.shared.actor import SYSTEM
from randomization.shared.protocol import RenalRule

__all__ = [
    "GIVEN",
    "Administration",
    "Clearance",
    "ClearanceInForce",
    "Dose",
    "DoseState",
    "Outcome",
    "PlannedSince",
    "WardRequest",
    "WardRequestKind",
    "clearance_in_force",
    "clearances_in_force",
    "dose",
    "dose_by_label",
    "doses_begun",
    "doses_by_uid",
    "due_doses",
    "is_due",
    "is_too_late",
    "level_changes",
    "open_doses_by_route",
    "open_doses_of",
    "outcome_of_dose",
    "outcomes_by_packaging",
    "planned_again_at",
    "planned_doses",
    "planned_over_time",
    "requests_for",
    "sites_with_open_doses",
    "still_fits",
    "voided_at_below",
    "voided_below",
    "window_of",
]


def doses_begun(participant_uid: UUID) -> dict[str, int]:
    """The last number of each route that is ready, given or missed; for reads from above."""
    doses = Dose.objects.filter(course__participant_id=participant_uid).exclude(state=DoseState.PLANNED)
    return dict(doses.values_list("route").annotate(last=Max("number")).order_by("route"))


def doses_by_uid(uids: Iterable[UUID]) -> list[Dose]:
    """These doses as they stand; for the pharmacy's reads from above."""
    return list(reachable(SYSTEM).filter(uid__in=list(uids)))


def open_doses_by_route(site_code: str, *, within: timedelta, but: Collection[UUID] = ()) -> dict[str, int]:
    """How many doses of a site within the horizon are neither given nor missed nor ready, by route; without `but`."""
    doses = Dose.objects.filter(
        course__participant__site_id=site_code,
        state=DoseState.PLANNED,
        planned_at__lte=clock.now() + within,
        course__stopped_at=None,
    ).exclude(uid__in=list(but))
    return dict(doses.values_list("route").annotate(count=Count("uid")).order_by("route"))


def outcome_of_dose(dose: Dose) -> str:
    """The packaging code from which a dose was given; empty where it was not."""
    return getattr(dose, "given_from", None) or ""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What the ward recorded of a packaging."""

    outcome: str
    at: datetime


def outcomes_by_packaging(site_code: str, pack_codes: Sequence[str] = ()) -> dict[str, Outcome]:
    """What became of packagings at a site, all or some, by packaging code; for the pharmacy's reads from above."""
    here = Q(dose__course__participant__site_id=site_code)
    moved = Q(dose__course__participant_id__in=transferred())
    administrations = Administration.objects.filter(here | moved, corrected=None).exclude(pack_code="")
    if pack_codes:
        administrations = administrations.filter(pack_code__in=pack_codes)
    return {
        code: Outcome(outcome, at) for code, outcome, at in administrations.values_list("pack_code", "outcome", "at")
    }


def requests_for(uids: Iterable[UUID]) -> dict[UUID, list[WardRequest]]:
    """What the ward asked about these doses, oldest first; for the pharmacy's reads from above."""
    ward_requests: dict[UUID, list[WardRequest]] = {}
    for request in WardRequest.objects.filter(dose_id__in=list(uids)).order_by("id"):
        ward_requests.setdefault(request.dose_id, []).append(request)
    return ward_requests


def voided_below(pack_codes: Sequence[str]) -> set[str]:
    """Of these packagings, those that are void for the ward; for the pharmacy's reads from above."""
    packagings = Packaging.objects.filter(pack_code__in=pack_codes, voided_at__isnull=False)
    return set(packagings.values_list("pack_code", flat=True))


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
    doses = doses_as_recorded().filter(
        course__participant_id=participant_uid, state__in=WAITING, course__held_at=None, course__stopped_at=None
    )
    now = clock.now()
    return [
        due
        for due in doses.order_by("planned_at", "route")
        if not is_too_late(due, protocol_of(due.course.participant.site).regimen, now)
    ]


def voided_at_below(pack_code: str) -> datetime | None:
    """When a packaging became void for the ward (UTC); None while it holds, or where it was never announced."""
    return Packaging.objects.filter(pack_code=pack_code).values_list("voided_at", flat=True).first()


def sites_with_open_doses() -> list[str]:
    """Sites at which a dose is planned or ready."""
    doses = Dose.objects.filter(state__in=WAITING, course__stopped_at=None)
    return list(doses.order_by().values_list("course__participant__site_id", flat=True).distinct())
