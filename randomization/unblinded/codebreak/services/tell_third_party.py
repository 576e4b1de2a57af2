"""Let the treating physician read one patient's treatment, so that the investigator stays blind."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import ClassVar, Final
from uuid import UUID

from randomization.audit.record import record
from randomization.shared import clock
from randomization.shared.actor import EVERYWHERE, Actor
from randomization.shared.entropy import digest_of
from randomization.shared.errors import InvalidInput, Refused
from randomization.shared.ids import new_kit_code, parse_kit_code
from randomization.shared.sentences import sentence as _
from randomization.shared.service import service
from randomization.signatures.command import ParticipantCommand
from randomization.signatures.services.sign import use_signature
from randomization.unblinded.codebreak.categories import Way
from randomization.unblinded.codebreak.models import CodeBreak, Invitation
from randomization.unblinded.codebreak.patients import patient_for_break
from randomization.unblinded.codebreak.revealed import Revealed
from randomization.unblinded.codebreak.services.break_code import check_why, reveal

LIFETIME: Final = timedelta(minutes=30)
"""How long a code for a third party lives: 7 characters of 31 drawn by chance, so that guessing within it is idle."""
THIRD_PARTY: Final = "third_party"
NOBODY: Final = Actor("third.party", THIRD_PARTY, EVERYWHERE)
"""Nobody's account: the person who reads by a code."""
NO_SUCH_CODE: Final = _("This code is not known: read it again, letter by letter, or ask for a new one.")


@dataclass(frozen=True, slots=True)
class Told:
    """The code to read over the telephone, and until when it holds (UTC). It is shown once."""

    code: str
    number: str
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class InviteThirdParty(ParticipantCommand):
    """Whose treatment a third party may read, by participant number, and why."""

    meaning: ClassVar[str] = "let a third party read the treatment"
    category: str
    reason: str

    def content(self) -> dict[str, str]:
        return {
            "subject": self.subject,
            "category": self.category,
            "reason": self.reason.strip(),
            "for": "a third party",
        }


def check_nobody_is_logged_in(actor: Actor | None) -> None:
    """People with an account here break the code in their own name: raises Refused (the trail would name another)."""
    if actor is not None:
        raise Refused(
            _("You are logged in: break the code in your own name, or log out and give it to the physician."),
            code="logged_in",
        )


@service
def invite_third_party(*, actor: Actor, command: InviteThirdParty, grant: UUID) -> Told:
    """Make a code with which somebody else reads one patient's treatment, once, within `LIFETIME`.

    Nothing is opened yet. Raises as `break_code`.
    """
    category, reason = command.category, command.reason
    patient = patient_for_break(actor, command.number)
    check_why(actor, category, reason)
    signature = use_signature(actor=actor, grant=grant, command=replace(command, number=patient.number))
    now, code = clock.now(), new_kit_code()
    invitation = Invitation.objects.create(
        digest=digest_of(code),
        participant_number=patient.number,
        site_code=patient.site_code,
        category=category,
        reason=reason.strip(),
        invited_by=actor.user_name,
        role=actor.role,
        invited_at=now,
        expires_at=now + LIFETIME,
        signature=signature.id,
    )
    record(
        actor=actor,
        action="code.invite",
        subject=patient.number,
        stream=patient.site_code,
        data={
            "uid": str(invitation.uid),
            "category": category,
            "expires_at": clock.stamp(invitation.expires_at),
            "signature": str(signature.id),
        },
        texts={"reason": reason},
    )
    return Told(code, patient.number, invitation.expires_at)


@service
def tell_third_party(*, actor: Actor, code: str, name: str, function: str, telephone: str) -> Revealed:
    """Show one patient's treatment to a person who has the code and says who they are; once.

    actor: nobody's account; the trail has role `third_party` and who was told. Raises InvalidInput for a wrong code or
    a missing answer, Refused for one that was used or has run out.
    """
    said = [part.strip() for part in (name, function, telephone)]
    for field, part in zip(("name", "function", "telephone"), said, strict=True):
        if not part:
            raise InvalidInput(_("Say who you are: it is recorded and does not delay the answer."), field=field)
    try:
        wanted = parse_kit_code(code)
    except InvalidInput as error:
        raise InvalidInput(NO_SUCH_CODE, field="code") from error
    invitation = Invitation.objects.select_for_update().filter(digest=digest_of(wanted)).first()
    if invitation is None:
        raise InvalidInput(NO_SUCH_CODE, field="code")
    if CodeBreak.objects.filter(signature=invitation.signature).exists():
        raise Refused(_("This code was used already: ask for a new one."), code="used", field="code")
    if clock.now() >= invitation.expires_at:
        raise Refused(_("This code has run out: ask for a new one."), code="expired", field="code")
    # The invitation is the authority: the patient may have been transferred since, the code still opens.
    asked_by = Actor(invitation.invited_by, invitation.role, EVERYWHERE)
    reached = Actor(actor.user_name, THIRD_PARTY, invitation.site_code)
    return reveal(
        reached,
        patient_for_break(asked_by, invitation.participant_number),
        uid=invitation.uid,
        category=invitation.category,
        reason=invitation.reason,
        signature=invitation.signature,
        way=Way.THIRD_PARTY,
        seen_by=", ".join(said),
        asked_by=asked_by,
    )
