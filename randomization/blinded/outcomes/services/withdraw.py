"""Consent withdrawn, from treatment, follow-up or further use of data; and what the patient says later."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar
from uuid import UUID

from randomization.accounts.roles import Permission
from randomization.audit.record import record
from randomization.blinded.bedside.models import Course
from randomization.blinded.bedside.services.steer_course import end_course
from randomization.blinded.bedside.states import StopCause
from randomization.blinded.screening.file_changes import check_after_consent, locked, move, need_reason
from randomization.blinded.screening.models import Scope, Withdrawal
from randomization.blinded.screening.states import State
from randomization.shared import clock
from randomization.shared.actor import Actor
from randomization.shared.errors import InvalidInput, Refused
from randomization.shared.foreseen import Accepted
from randomization.shared.sentences import sentence as _
from randomization.shared.service import service
from randomization.signatures.command import ParticipantCommand
from randomization.signatures.services.sign import use_signature


@dataclass(frozen=True, slots=True)
class WithdrawConsent(ParticipantCommand):
    """From what consent was withdrawn, and when (UTC)."""

    meaning: ClassVar[str] = "consent withdrawn"
    scope: Scope
    at: datetime

    def content(self) -> dict[str, Any]:
        return {"participant": self.subject, "scope": self.scope, "at": clock.stamp(self.at)}


@service
def withdraw(
    *, actor: Actor, command: WithdrawConsent, reason: str, grant: UUID, accepted: Accepted | None = None
) -> Withdrawal:
    """Record that consent was withdrawn, signed. What was recorded before stays.

    From treatment, or from any further use of data, treatment stops; before randomisation the file is closed.
    accepted: what may become void; None: nobody is asked. Raises NotFound outside reach, Refused for a second time,
    VoidsNotAccepted, InvalidInput for a time in the future or before consent, or without a reason.
    """
    scope, at = command.scope, command.at
    participant = locked(actor, command.number, Permission.CONSENT_RECORD)
    need_reason(is_correction=True, reason=reason)
    if at > clock.now():
        raise InvalidInput(_("The time lies in the future: check day and hour."), field="at")
    check_after_consent(participant, at)
    if Withdrawal.objects.filter(participant=participant, scope=scope).exists():
        raise Refused(
            _(
                "The withdrawal of %(number)s from %(scope)s is on record.",
                number=participant.number,
                scope=scope.label,
            ),
            code="withdrawn",
        )
    use_signature(actor=actor, grant=grant, command=command)
    withdrawal = Withdrawal.objects.create(
        participant=participant,
        scope=scope,
        at=at,
        recorded_by=actor.user_name,
        recorded_at=clock.now(),
        signature=grant,
    )
    if participant.state != State.ALLOCATED:
        move(participant, State.WITHDRAWN)
    elif scope != Scope.FOLLOW_UP and Course.objects.filter(participant=participant, stopped_at=None).exists():
        end_course(actor, participant, StopCause.WITHDRAWAL, at, reason, accepted=accepted)
    record(
        actor=actor,
        action="consent.withdraw",
        subject=participant.number,
        stream=participant.site_id,
        data={"scope": str(scope), "at": clock.stamp(at), "signature": str(grant)},
        texts={"reason": reason},
    )
    return withdrawal
