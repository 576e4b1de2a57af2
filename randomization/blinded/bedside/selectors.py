"""Reads of treatment: the timetable of a participant, doses due, the clearance in force."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from django.db.models import OuterRef, Prefetch, QuerySet, Subquery

from randomization.blinded.bedside.models import Administration, Clearance, Course, Dose, Method, Packaging
from randomization.blinded.bedside.schedule import shifts_of
from randomization.blinded.bedside.states import GIVEN, NOT_RECORDED, WAITING
from randomization.blinded.screening.models import Participant
from randomization.shared import clock
from randomization.shared.actor import Actor
from randomization.shared.errors import NotFound
from randomization.shared.ids import as_participant_number
from randomization.shared.protocol import Regimen, RenalRule
from randomization.shared.reach import within
from randomization.shared.read_once import read_once
from randomization.shared.sentences import sentence as _

RETURNED_WITHIN: Final = timedelta(days=2)
"""For how long the ward is told to return a void syringe [choice]."""


@dataclass(frozen=True, slots=True)
class ClearanceInForce:
    """The latest clearance; `reduced`: the reduced level holds; `old`: sampled long ago, warn."""

    value: Clearance
    reduced: bool
    old: bool


def is_reduced(clearance: Clearance, rule: RenalRule) -> bool:
    """Whether the reduced level holds: below the bound, or on renal replacement."""
    if clearance.method == Method.RENAL_REPLACEMENT or clearance.value_ml_min is None:
        return True
    return clearance.value_ml_min < rule.reduced_below_ml_min


def clearance_in_force(participant_uid: UUID, rule: RenalRule, at: datetime) -> ClearanceInForce | None:
    """The latest value sampled at or before `at`; None: no value yet, so nothing is prepared."""
    return clearances_in_force([participant_uid], {participant_uid: rule}, at).get(participant_uid)


def clearances_in_force(
    participant_uids: Sequence[UUID], rules: Mapping[UUID, RenalRule], at: datetime
) -> dict[UUID, ClearanceInForce]:
    """As `clearance_in_force`, for many participants in one statement; who has no value yet is left out."""
    latest: dict[UUID, Clearance] = {}
    values = Clearance.objects.filter(participant_id__in=participant_uids, sampled_at__lte=at)
    for value in values.order_by("sampled_at", "id"):
        latest[value.participant_id] = value
    return {
        uid: ClearanceInForce(value, is_reduced(value, rules[uid]), at - value.sampled_at > rules[uid].warn_after)
        for uid, value in latest.items()
    }


def doses_as_recorded() -> QuerySet[Dose]:
    """Doses with their course and site, from which syringe each was given, and when it was last planned again."""
    administrations = Administration.objects.filter(dose=OuterRef("pk"), corrected=None)
    taken_back = Administration.objects.filter(dose=OuterRef("pk"), outcome=NOT_RECORDED).order_by("-id")
    return Dose.objects.select_related("course__participant__site").annotate(
        given_from=Subquery(administrations.values("pack_code")[:1]), again_at=Subquery(taken_back.values("at")[:1])
    )


def reachable(actor: Actor) -> QuerySet[Dose]:
    """The doses within reach, as recorded."""
    return within(doses_as_recorded(), actor, "course__participant__site__code")


@read_once
def dose(actor: Actor, uid: UUID) -> Dose:
    """One dose; raises NotFound outside reach."""
    reachable_dose = reachable(actor).filter(uid=uid).first()
    if reachable_dose is None:
        raise NotFound()
    return reachable_dose


def due_doses(actor: Actor, *, within: timedelta, planned_since: datetime | None = None) -> list[Dose]:
    """Doses that wait, of treatments that go on, whose time is past or within the horizon, by time, with packaging.

    planned_since (UTC): none that were planned earlier; None: however long ago that was.
    """
    waiting = reachable(actor).filter(
        state__in=WAITING, planned_at__lte=clock.now() + within, course__held_at=None, course__stopped_at=None
    )
    if planned_since is not None:
        waiting = waiting.filter(planned_at__gte=planned_since)
    return list(waiting.prefetch_related(ready_packaging()).order_by("planned_at", "route", "course__kit_code"))


def planned_again_at(dose: Dose) -> datetime | None:
    """When a dose that was recorded as missed was last planned again (UTC); None where that never happened.

    The dose comes from a read of this module.
    """
    moment: datetime | None = dose.again_at  # type: ignore[attr-defined]
    return moment


def is_due(dose: Dose) -> bool:
    """Whether a dose waits, of a treatment that is neither on hold nor stopped."""
    return dose.state in WAITING and dose.course.held_at is None and dose.course.stopped_at is None


def ready_packaging() -> Prefetch[str]:
    """The packaging that is ready now, as `dose.ready`."""
    return Prefetch("packagings", queryset=Packaging.objects.filter(voided_at=None), to_attr="ready")


def voided_packaging() -> Prefetch[str]:
    """The packagings that became void in the last two days, as `dose.voided`: who holds one returns it."""
    recent = Packaging.objects.filter(voided_at__gt=clock.now() - RETURNED_WITHIN).order_by("id")
    return Prefetch("packagings", queryset=recent, to_attr="voided")


def recorded() -> Prefetch[str]:
    """What is recorded of a dose and in force, for `dose.administration`."""
    in_force = Administration.objects.filter(corrected=None).select_related("corrects")
    return Prefetch("administrations", queryset=in_force, to_attr="in_force")


def records_of(dose: Dose) -> list[Administration]:
    """All that was recorded of a dose, in order: the last is in force, those before it were corrected."""
    return list(Administration.objects.filter(dose=dose).select_related("corrects").order_by("sequence"))


def doses_of(actor: Actor, number: str) -> list[Dose]:
    """The whole timetable of one participant, by time."""
    doses = reachable(actor).filter(course__participant__number=as_participant_number(number))
    doses = doses.prefetch_related(ready_packaging(), voided_packaging(), recorded())
    return list(doses.order_by("planned_at", "route"))


@dataclass(frozen=True, slots=True)
class NextDose:
    """The next dose of a course; `ready`: a syringe is on the ward for it."""

    route: str
    number: int
    planned_at: datetime
    ready: bool


def next_doses(course_uids: Sequence[UUID]) -> dict[UUID, NextDose]:
    """The next dose that waits, by course; three statements however many courses."""
    waiting = Dose.objects.filter(course=OuterRef("uid"), state__in=WAITING).order_by("planned_at", "route")
    courses = Course.objects.filter(uid__in=course_uids).annotate(next=Subquery(waiting.values("uid")[:1]))
    wanted = [uid for uid in courses.values_list("next", flat=True) if uid is not None]
    return {
        dose.course_id: NextDose(dose.route, dose.number, dose.planned_at, bool(dose.ready))  # type: ignore[attr-defined]
        for dose in Dose.objects.filter(uid__in=wanted).prefetch_related(ready_packaging())
    }


def course_of(participant: Participant) -> Course | None:
    """The participant's treatment; None before allocation."""
    return Course.objects.filter(participant=participant).first()


def dose_by_label(actor: Actor, *, kit_code: str, route: str, number: int) -> Dose:
    """The dose a label names; raises NotFound where it lies outside reach or does not exist."""
    labelled_dose = reachable(actor).filter(course__kit_code=kit_code, route=route, number=number).first()
    if labelled_dose is None:
        raise NotFound(_("No dose of this site carries this label: do not give it, call the pharmacy."))
    return labelled_dose


def first_given(course_uid: UUID, route: str) -> datetime | None:
    """When the first dose of a route was given (UTC); None while none was."""
    administrations = Administration.objects.filter(
        dose__course_id=course_uid, dose__route=route, dose__number=1, corrected=None
    )
    return administrations.filter(outcome__in=GIVEN).values_list("at", flat=True).first()


def last_given_before(dose: Dose, at: datetime) -> datetime | None:
    """When the dose before this one of its route was given last (UTC), at or before `at`; None where none was."""
    administrations = Administration.objects.filter(dose__course_id=dose.course_id, dose__route=dose.route, at__lte=at)
    administrations = administrations.filter(outcome__in=GIVEN, corrected=None).exclude(dose=dose)
    return administrations.order_by("-at").values_list("at", flat=True).first()


def window_of(dose: Dose, regimen: Regimen) -> tuple[datetime, datetime]:
    """Earliest and latest moment of the dose's window."""
    route = regimen.route(dose.route)
    return dose.planned_at - route.early, dose.planned_at + route.late


def is_too_late(dose: Dose, regimen: Regimen, at: datetime) -> bool:
    """Whether the window of a dose is over; its last moment is inside."""
    return at > window_of(dose, regimen)[1]


def shift_choices(course: Course, regimen: Regimen, zone: str) -> list[datetime]:
    """The moments to which the one-time shift may move dose 2 now (UTC); none where it is not possible."""
    route = regimen.shifted
    first_given_at = first_given(course.uid, route.code) if route and not course.shift_minutes else None
    if route is None or first_given_at is None:
        return []
    waits = Dose.objects.filter(course=course, route=route.code, number=2, state__in=WAITING).exists()
    return shifts_of(route=route, first_given_at=first_given_at, zone=zone) if waits else []
