"""Enter a code that was broken from the emergency pack while the system did not answer."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, ClassVar, Final
from uuid import UUID

from randomization.audit.record import record
from randomization.hatch.messages import CodeBroken
from randomization.hatch.send import send
from randomization.shared import clock
from randomization.shared.actor import Actor
from randomization.shared.entropy import new_uid
from randomization.shared.errors import InvalidInput, Refused
from randomization.shared.sentences import sentence as _
from randomization.shared.service import service
from randomization.signatures.command import ParticipantCommand
from randomization.signatures.services.sign import use_signature
from randomization.unblinded.codebreak.categories import Way
from randomization.unblinded.codebreak.models import CodeBreak
from randomization.unblinded.codebreak.patients import patient_for_break
from randomization.unblinded.codebreak.services.break_code import SHOWN, check_why, tell_safety

FURTHEST: Final = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class EnterOffline(ParticipantCommand):
    """Whose treatment was read in a pack, by participant number; when, by whom and why.

    broken_at: UTC, after the allocation and not in the future. seen_by: user name or name and function.
    """

    meaning: ClassVar[str] = "enter a code broken offline"
    broken_at: datetime
    seen_by: str
    category: str
    reason: str

    def content(self) -> dict[str, Any]:
        return {
            "subject": self.subject,
            "broken_at": clock.stamp(self.broken_at),
            "seen_by": self.seen_by.strip(),
            "category": self.category,
            "reason": self.reason.strip(),
        }


@service
def enter_offline(*, actor: Actor, command: EnterOffline, grant: UUID) -> CodeBreak:
    """Note who read which patient in a pack, when and why. Nothing is opened; below they learn that it happened.

    Raises as `break_code`, and InvalidInput for a time that cannot be.
    """
    broken_at, seen_by, category, reason = command.broken_at, command.seen_by, command.category, command.reason
    patient = patient_for_break(actor, command.number)
    check_why(actor, category, reason)
    now = clock.now()
    if not max(patient.allocated_at, now - FURTHEST) <= broken_at <= now:
        raise InvalidInput(
            _("The code was broken after randomisation and before now: check day and hour."), field="broken_at"
        )
    twice = CodeBreak.objects.filter(participant_uid=patient.uid, way=Way.PACK, broken_at=broken_at)
    if twice.exists():
        raise Refused(_("This code break is entered already."), code="entered")
    if not seen_by.strip():
        raise InvalidInput(_("Say who has seen the treatment."), field="seen_by")
    signature = use_signature(actor=actor, grant=grant, command=replace(command, number=patient.number))
    code_break = CodeBreak.objects.create(
        uid=new_uid(),
        participant_uid=patient.uid,
        participant_number=patient.number,
        site_code=patient.site_code,
        slot_uid=patient.slot_uid,
        kit_code=patient.kit_code,
        category=category,
        reason=reason.strip(),
        shown=SHOWN,
        way=Way.PACK,
        broken_by=actor.user_name,
        seen_by=seen_by.strip(),
        role=actor.role,
        broken_at=broken_at,
        signature=signature.id,
    )
    record(
        actor=actor,
        action="code.enter",
        subject=patient.number,
        stream=patient.site_code,
        data={
            "uid": str(code_break.uid),
            "category": category,
            "broken_at": clock.stamp(broken_at),
            "signature": str(signature.id),
        },
        texts={"reason": reason, "seen_by": seen_by},
    )
    send(CodeBroken(participant_uid=patient.uid, at=broken_at))
    tell_safety(patient.site_code, patient.number)
    return code_break
