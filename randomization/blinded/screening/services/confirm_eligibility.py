"""A physician signs eligible or not, over all answers and times."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any, ClassVar
from uuid import UUID

from randomization.accounts.roles import Permission
from randomization.audit.record import record
from randomization.blinded.screening.file_changes import move, open_for_change
from randomization.blinded.screening.models import Confirmation, Draft, Participant
from randomization.blinded.screening.selectors import answers_of, open_reasons, protocol_for
from randomization.blinded.screening.states import State
from randomization.shared import clock
from randomization.shared.actor import Actor
from randomization.shared.errors import Refused
from randomization.shared.sentences import joined
from randomization.shared.sentences import sentence as _
from randomization.shared.service import service
from randomization.signatures.command import SignedCommand
from randomization.signatures.services.sign import use_signature


@dataclass(frozen=True, slots=True)
class ConfirmEligibility(SignedCommand):
    """All answers and times a physician signs, as the file has them now; any change of them voids the signature."""

    meaning: ClassVar[str] = "eligibility confirmed"
    participant: Participant

    @property
    def subject(self) -> str:
        return self.participant.number

    def content(self) -> dict[str, Any]:
        participant = self.participant
        consent, assessment, sample = participant.consent, participant.assessment, participant.sample
        return {
            "participant": participant.number,
            "sepsis_at": clock.stamp(participant.sepsis_at),
            "consent": [consent.pk, clock.stamp(consent.given_at)] if consent else None,
            "assessment": [
                assessment.pk,
                answers_of(participant),
                assessment.sex,
                assessment.year_of_birth,
                assessment.neutrophils_per_mm3,
            ]
            if assessment
            else None,
            "sample": [
                str(sample.uid),
                sample.covid19,
                clock.stamp(sample.drawn_at),
                clock.stamp(sample.shipped_at) if sample.shipped_at else None,
                sample.verdict,
                str(sample.verdict_uid),
            ]
            if sample
            else None,
        }


@service
def confirm_eligibility(*, actor: Actor, number: str, grant: UUID) -> Confirmation:
    """Confirm eligible, or not eligible with all the reasons, under the physician's signature.

    Raises Refused while something is missing that waiting or completing would bring, and no final reason
    stands against it; SignatureRefused where what was signed has changed.
    """
    participant = open_for_change(actor, number, Permission.ELIGIBILITY_SIGN)
    protocol = protocol_for(participant)
    reasons = open_reasons(participant, protocol)
    if reasons and not any(reason.final for reason in reasons):
        missing = joined(reason.sentence for reason in reasons)
        raise Refused(_("It cannot be signed yet. %(missing)s", missing=missing), code="incomplete")
    signature = use_signature(
        actor=actor,
        grant=grant,
        command=ConfirmEligibility(participant),
        training=protocol.version,
    )
    confirmation = Confirmation.objects.create(
        participant=participant,
        signature=signature.id,
        signed_by=actor.user_name,
        signed_at=signature.given_at,
        content_hash=signature.content_hash,
        eligible=not reasons,
        reasons=json.dumps([[reason.code, reason.sentence] for reason in reasons if reason.final]),
    )
    participant.confirmation = confirmation
    Draft.objects.filter(participant=participant).delete()
    move(participant, State.NOT_ELIGIBLE if reasons else State.ELIGIBLE)
    record(
        actor=actor,
        action="eligibility.confirm",
        subject=participant.number,
        stream=participant.site_id,
        data={
            "eligible": not reasons,
            "reasons": [reason.code for reason in reasons if reason.final],
            "signature": str(signature.id),
            "content": signature.content_hash,
        },
    )
    return confirmation
