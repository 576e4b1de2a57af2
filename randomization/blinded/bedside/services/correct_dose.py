"""Correct what was recorded of a dose: its time, volume or giver, that it was given or missed, or recorded at all."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from randomization.accounts.policies import check_can
from randomization.accounts.roles import Permission
from randomization.audit.record import record
from randomization.blinded.bedside.correcting import (
    Consequences,
    anchor_again,
    plan_again,
    settle_deviations,
    settle_first_dose,
)
from randomization.blinded.bedside.giving_checks import check_course, giver_named, locked_dose, outcome_given
from randomization.blinded.bedside.models import Administration, Dose, Packaging
from randomization.blinded.bedside.move_doses import NewTime
from randomization.blinded.bedside.selectors import dose, window_of
from randomization.blinded.bedside.states import CORRECTABLE, GIVEN, NOT_RECORDED, DoseState
from randomization.blinded.bedside.syringe_label import label_given
from randomization.blinded.bedside.void_ready import void_packaging_of
from randomization.blinded.screening.file_changes import need_reason
from randomization.blinded.screening.models import Participant
from randomization.blinded.screening.selectors import protocol_for
from randomization.shared import clock
from randomization.shared.actor import Actor
from randomization.shared.errors import InvalidInput, NotFound, Refused
from randomization.shared.foreseen import Accepted, ExpectedVoid, check_accepted, on_the_ward
from randomization.shared.ids import dose_name
from randomization.shared.protocol import Protocol
from randomization.shared.sentences import sentence as _
from randomization.shared.service import service, undo


@dataclass(frozen=True, slots=True)
class DoseTruth:
    """What is true of a dose: given, at `at` (UTC) from the syringe with `barcode`, `volume_ml` of it, by `given_by`;
    or missed. Empty: as it was recorded; of a dose recorded as missed, the whole volume, by the person who corrects.
    planned_again: neither happened, and the dose that was recorded as missed is planned again.
    """

    given: bool
    at: datetime | None = None
    volume_ml: Decimal | None = None
    given_by: str = ""
    barcode: str = ""
    planned_again: bool = False


def _as_data(row: Administration) -> dict[str, Any]:
    return {
        "outcome": row.outcome,
        "at": clock.stamp(row.at),
        "pack_code": row.pack_code,
        "given_by": row.given_by,
        "volume_ml": None if row.volume_ml is None else str(row.volume_ml),
    }


@service
def correct_dose(
    *,
    actor: Actor,
    dose_uid: UUID,
    truth: DoseTruth,
    reason: str,
    preview: bool = False,
    accepted: Accepted | None = None,
) -> Consequences:
    """Record what is true of a dose instead of what was recorded; the earlier record stays, and names no dose any more.

    Windows of the doses not yet given, deviations and the anchor of the timetable are computed again. preview: say what
    follows, and record nothing. accepted: what may become void; None: nobody is asked.
    Recording a dose takes no signature, and neither does its correction. Raises NotFound outside reach, Refused where
    nothing was recorded, nothing changes, treatment was on hold or stopped then, or a dose can't be planned again;
    VoidsNotAccepted; InvalidInput for a time, volume, giver or syringe that cannot be, or without a reason.
    """
    unlocked = dose(actor, dose_uid)
    participant = unlocked.course.participant
    check_can(actor, Permission.ADMINISTRATION_RECORD, site_code=participant.site_id)
    need_reason(is_correction=True, reason=reason)
    locked, protocol = locked_dose(unlocked), protocol_for(participant)
    before = locked.administration
    if before is None or DoseState(locked.state) not in CORRECTABLE:
        raise Refused(_("Nothing is recorded of this dose yet: record it first."), code="not_recorded")
    again = plan_again(locked, protocol.regimen) if truth.planned_again else None
    administration = _replaced(actor, participant, locked, before, truth, protocol)
    if _as_data(administration) == _as_data(before):
        raise InvalidInput(_("This is what is recorded already: nothing changes."), code="unchanged")
    administration.save(force_insert=True)
    if again is None:
        locked.state = DoseState(administration.outcome)
    locked.save(update_fields=["state", "planned_at"])
    missed = administration.outcome == DoseState.MISSED
    voided = _codes_of(locked) if missed else []
    voids = void_packaging_of(participant, locked, accepted=None) if missed else []
    record(
        actor=actor,
        action="dose.correct",
        subject=participant.number,
        stream=participant.site_id,
        data={
            "route": locked.route,
            "number": locked.number,
            "old": _as_data(before),
            "new": _as_data(administration),
            "voided": voided,
        },
        texts={"reason": reason},
    )
    done = _settle(actor, participant, locked, before, administration, protocol, voided, voids, again)
    if preview:
        undo()
    else:
        check_accepted(done.voids, accepted, on_the_ward)
    return done


def _settle(
    actor: Actor,
    participant: Participant,
    locked: Dose,
    before: Administration,
    administration: Administration,
    protocol: Protocol,
    voided: list[str],
    voids: list[ExpectedVoid],
    again: NewTime | None,
) -> Consequences:
    course = locked.course
    anchor_before = course.first_dose_at
    moved = anchor_again(actor, participant, course, protocol)
    arising, lifted = settle_deviations(actor, participant, locked, protocol)
    late, in_time = settle_first_dose(actor, participant, course, protocol)
    return Consequences(
        dose=dose_name(locked.route, locked.number),
        old=_as_data(before),
        new=_as_data(administration),
        anchor_before=anchor_before,
        anchor_after=course.first_dose_at,
        moved=moved.moved if moved else 0,
        times=(*([again] if again and locked.state == DoseState.PLANNED else []), *(moved.times if moved else ())),
        dropped=(*([str(locked)] if locked.state == DoseState.DROPPED else []), *(moved.dropped if moved else ())),
        voided=(*voided, *(moved.voided if moved else ())),
        voids=(*voids, *(moved.voids if moved else ())),
        arising=(*arising, *late),
        lifted=(*lifted, *in_time),
    )


def _replaced(
    actor: Actor, participant: Participant, locked: Dose, before: Administration, truth: DoseTruth, protocol: Protocol
) -> Administration:
    """The row that comes into force, not saved yet."""
    administration = Administration(
        dose=locked,
        sequence=before.sequence + 1,
        corrects=before,
        recorded_by=actor.user_name,
        recorded_at=clock.now(),
    )
    if truth.planned_again:
        administration.outcome, administration.at, administration.given_by = (
            NOT_RECORDED,
            administration.recorded_at,
            actor.user_name,
        )
        return administration
    if not truth.given:
        missed = before.outcome == DoseState.MISSED
        administration.outcome, administration.at = DoseState.MISSED, before.at if missed else locked.planned_at
        administration.given_by, administration.transcribed = before.given_by, False
        return administration
    was_given = before.outcome in GIVEN
    packaging = _packaging(participant, locked, truth.barcode or (before.pack_code if was_given else ""))
    at = truth.at or (before.at if was_given else None)
    if at is None:
        raise InvalidInput(_("Say when the dose was given."), field="at")
    _check_time(locked, packaging, at, protocol)
    check_course(locked.course, at, transcribed=True)
    asked = truth.volume_ml if truth.volume_ml is not None or not was_given else before.volume_ml
    administration.outcome, administration.volume_ml = outcome_given(
        asked, protocol.regimen.route(locked.route).volume_ml
    )
    administration.pack_code, administration.at = packaging.pack_code, at
    if was_given and truth.given_by.strip().lower() in {"", before.given_by}:
        administration.given_by, administration.transcribed = before.given_by, before.transcribed
    else:
        administration.given_by = giver_named(truth.given_by, actor, participant, at)
        administration.transcribed = administration.given_by != actor.user_name
    return administration


def _packaging(participant: Participant, locked: Dose, barcode: str) -> Packaging:
    """The syringe from which it was given: one that was announced for this dose, void since or not."""
    if not barcode.strip():
        raise InvalidInput(_("Scan the syringe from which it was given, or type its packaging code."), field="barcode")
    label = label_given(barcode, participant.number)
    if (label.kit_code, label.route, label.number) != (locked.course.kit_code, locked.route, locked.number):
        raise InvalidInput(_("This syringe is for another dose: read its label again."), field="barcode")
    packaging = Packaging.objects.filter(dose=locked, pack_code=label.pack_code).first()
    if packaging is None:
        raise NotFound(_("This syringe was not announced as ready: call the pharmacy."))
    return packaging


def _check_time(locked: Dose, packaging: Packaging, at: datetime, protocol: Protocol) -> None:
    """Not in the future, and not before the ward could have had the syringe."""
    if at > clock.now():
        raise InvalidInput(_("The time lies in the future: check day and hour."), field="at")
    if at < min(packaging.ready_at, window_of(locked, protocol.regimen)[0]):
        raise InvalidInput(_("The time lies before the syringe was ready: check it."), field="at")


def _codes_of(locked: Dose) -> list[str]:
    """The syringe of a dose that was not given: it goes back to the pharmacy."""
    return list(
        Packaging.objects.filter(dose=locked, voided_at=None).order_by("id").values_list("pack_code", flat=True)
    )
