"""What the pharmacy tells through the hatch: a packaging is ready, or void; and that a code was broken."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from randomization.accounts.roles import Role
from randomization.audit.record import record
from randomization.blinded.bedside.models import Course, Dose, Packaging
from randomization.blinded.bedside.selectors import is_due
from randomization.blinded.bedside.states import WAITING, DoseState, check_transition
from randomization.notices.models import Channel
from randomization.notices.outbox import queue
from randomization.shared import clock
from randomization.shared.actor import Actor
from randomization.shared.errors import Refused
from randomization.shared.sentences import sentence as _
from randomization.shared.service import service


def _dose(uid: UUID) -> Dose:
    dose = Dose.objects.select_for_update().filter(uid=uid).first()
    if dose is None:
        raise Refused(_("A message names a dose that is not here."), code="unknown_dose")
    return dose


def _place(dose: Dose) -> tuple[str, str]:
    participant = dose.course.participant
    return participant.number, participant.site_id


def _ended_at(dose: Dose) -> datetime | None:
    """When the treatment of a dose that still waits was put on hold or stopped (UTC)."""
    course = dose.course
    return (course.held_at or course.stopped_at) if dose.state in WAITING else None


@service
def note_ready(
    *, actor: Actor, dose_uid: UUID, prepared_at_site: str, pack_code: str, ready_at: datetime, use_before: datetime
) -> None:
    """A packaging is ready for the ward; announced a second time, it stays as it is.

    prepared_at_site: code of the site whose pharmacy prepared it. ready_at: fixed by rule, not when it was prepared.
    Where treatment was put on hold or stopped after `ready_at` (an envelope entered late), the packaging is void
    since then: what was given of it before can be recorded.
    Raises Refused where another one is ready, the dose is done, treatment is on hold or stopped before, or another site
    treats the patient now than the one that prepared.
    """
    dose = _dose(dose_uid)
    if Packaging.objects.filter(dose=dose, pack_code=pack_code).exists():
        return
    void_since = None if is_due(dose) else _ended_at(dose)
    if not is_due(dose) and (void_since is None or ready_at >= void_since):
        raise Refused(_("Treatment is on hold or stopped: nothing becomes ready."), code="not_due")
    if dose.course.participant.site_id != prepared_at_site:
        raise Refused(_("The patient was transferred since: another pharmacy prepares."), code="transferred")
    check_transition(DoseState(dose.state), DoseState.READY)
    Packaging.objects.create(
        dose=dose, pack_code=pack_code, ready_at=ready_at, use_before=use_before, voided_at=void_since
    )
    if void_since is None:
        dose.state = DoseState.READY
        dose.save(update_fields=["state"])
    number, site_code = _place(dose)
    record(
        actor=actor,
        action="dose.ready",
        subject=number,
        stream=site_code,
        data={
            "route": dose.route,
            "number": dose.number,
            "pack_code": pack_code,
            "use_before": clock.stamp(use_before),
            **({"void_since": clock.stamp(void_since)} if void_since else {}),
        },
    )


@service
def note_voided(*, actor: Actor, dose_uid: UUID, pack_code: str) -> None:
    """A packaging is void, and the ward is told; what the ward voided itself stays as it is.

    Why is deliberately absent, here and in what the ward is told.

    Raises Refused where it was given already or never announced.
    """
    dose = _dose(dose_uid)
    packaging = Packaging.objects.filter(dose=dose, pack_code=pack_code).first()
    if packaging is None:
        raise Refused(_("A message voids a packaging that was never announced here."), code="unknown_packaging")
    if packaging.voided_at is not None:
        return
    check_transition(DoseState(dose.state), DoseState.PLANNED)
    packaging.voided_at = clock.now()
    packaging.save(update_fields=["voided_at"])
    dose.state = DoseState.PLANNED
    dose.save(update_fields=["state"])
    number, site_code = _place(dose)
    record(
        actor=actor,
        action="dose.voided",
        subject=number,
        stream=site_code,
        data={"route": dose.route, "number": dose.number, "pack_code": pack_code},
    )
    queue(
        channel=Channel.PEOPLE,
        kind="dose_voided",
        site_code=site_code,
        roles=[Role.NURSE, Role.COORDINATOR],
        payload={"participant": number},
    )


@service
def note_code_broken(*, actor: Actor, participant_uid: UUID, at: datetime) -> None:
    """That a code was broken, and nothing else (ICH E6(R3) 4.1.4)."""
    course = Course.objects.select_related("participant").filter(participant_id=participant_uid).first()
    if course is None:
        raise Refused(_("A message names a participant without treatment."), code="unknown_participant")
    course.code_broken_at = course.code_broken_at or at
    course.save(update_fields=["code_broken_at"])
    participant = course.participant
    record(
        actor=actor,
        action="code.broken",
        subject=participant.number,
        stream=participant.site_id,
        data={"at": clock.stamp(at)},
    )
    queue(
        channel=Channel.PEOPLE,
        kind="code_broken",
        site_code=participant.site_id,
        roles=[Role.INVESTIGATOR, Role.TRIAL_MANAGER],
        payload={"participant": participant.number},
    )
