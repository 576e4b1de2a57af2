"""Correct a wrong COVID-19 answer, also after a verdict; the laboratory's verdict is reached again where it may be."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar
from uuid import UUID

from randomization.accounts.roles import Permission, Role
from randomization.blinded.screening.eligibility import tells_the_class
from randomization.blinded.screening.file_changes import need_reason, open_for_change, record_change
from randomization.blinded.screening.models import Sample
from randomization.blinded.screening.same_person import identity_of
from randomization.notices.models import Channel
from randomization.notices.outbox import queue
from randomization.shared.actor import Actor
from randomization.shared.errors import NotFound, Refused
from randomization.shared.sentences import sentence as _
from randomization.shared.service import service
from randomization.shared.verdict import Verdict
from randomization.signatures.command import ParticipantCommand
from randomization.signatures.services.sign import use_signature


@dataclass(frozen=True, slots=True)
class CorrectCovid19(ParticipantCommand):
    """The right answer, and why the one before was wrong."""

    meaning: ClassVar[str] = "COVID-19 answer corrected"
    covid19: bool
    reason: str

    def content(self) -> dict[str, Any]:
        return {"participant": self.subject, "covid19": self.covid19, "reason": self.reason.strip()}


@service
def correct_covid19(*, actor: Actor, command: CorrectCovid19, grant: UUID) -> Sample:
    """Correct the answer on every usable sample of a participant who is not randomised; trial managers are told.

    The verdict is pending again until the laboratory's side has reached it over the right answer, except where it would
    tell the class (docs/decisions/0047): then the participant cannot enter. Raises NotFound outside reach or
    without a sample, Refused for the answer that is recorded, InvalidInput without a reason.
    """
    participant = open_for_change(actor, command.number, Permission.ELIGIBILITY_SIGN)
    sample = participant.sample
    if sample is None:
        raise NotFound(_("No sample of this participant is recorded yet."))
    if sample.covid19 == command.covid19:
        raise Refused(_("This is the answer that is recorded."), code="same_answer")
    need_reason(is_correction=True, reason=command.reason)
    signature = use_signature(actor=actor, grant=grant, command=command)
    is_barred = tells_the_class(
        covid19=command.covid19, was_judged_with_covid19=identity_of(participant).was_judged_with_covid19
    )
    again = {} if is_barred else {"verdict": Verdict.PENDING, "verdict_uid": None, "stratum_uid": None}
    participant.samples.filter(unusable_at=None).update(covid19=command.covid19, **again)
    sample.refresh_from_db()
    record_change(
        actor,
        participant,
        "covid19.correct",
        old={"covid19": not command.covid19},
        new={"covid19": command.covid19, "judged_again": not is_barred, "signature": str(signature.id)},
        reason=command.reason,
    )
    queue(
        channel=Channel.PEOPLE,
        kind="covid19_corrected",
        site_code=participant.site_id,
        roles=[Role.INVESTIGATOR, Role.TRIAL_MANAGER],
        payload={"participant": participant.number},
    )
    return sample
