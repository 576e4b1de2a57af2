"""Assess afterwards what an unblinding means for the trial (ICH E6(R3) 4.1.4)."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import ClassVar, Final
from uuid import UUID

from randomization.accounts.policies import check_can
from randomization.accounts.roles import Permission
from randomization.audit.record import record
from randomization.shared import clock
from randomization.shared.actor import Actor
from randomization.shared.errors import InvalidInput
from randomization.shared.sentences import sentence as _
from randomization.shared.service import service
from randomization.signatures.command import ParticipantCommand
from randomization.signatures.services.sign import use_signature
from randomization.unblinded.codebreak.categories import Necessity
from randomization.unblinded.codebreak.models import ImpactAssessment
from randomization.unblinded.codebreak.selectors import code_break

TEXTS: Final = ("spread", "effect", "measures")


@dataclass(frozen=True, slots=True)
class AssessImpact(ParticipantCommand):
    """What the unblinding of a participant means for the trial.

    necessity: one of `Necessity`. spread: who else knows; effect: on the patient's data and the trial; measures: what
    is done.
    """

    meaning: ClassVar[str] = "assess the impact of an unblinding"
    uid: UUID
    necessity: str
    spread: str
    effect: str
    measures: str

    def content(self) -> dict[str, str]:
        return {
            "code_break": str(self.uid),
            "necessity": self.necessity,
            "spread": self.spread,
            "effect": self.effect,
            "measures": self.measures,
        }


@service
def assess_impact(*, actor: Actor, command: AssessImpact, grant: UUID) -> ImpactAssessment:
    """Record and sign the assessment of one code break; a later one counts instead, the earlier stays.

    Raises NotFound for a rehearsal or outside reach, InvalidInput where an answer is missing.
    """
    unblinding = code_break(actor, command.uid)
    check_can(actor, Permission.CODE_ASSESS)
    if command.necessity not in Necessity.values:
        raise InvalidInput(_("Say whether it was needed."), field="necessity")
    answers = {name: str(getattr(command, name)).strip() for name in TEXTS}
    for field, text in answers.items():
        if not text:
            raise InvalidInput(_("Write a sentence, or: none."), field=field)
    number = unblinding.participant_number
    signature = use_signature(actor=actor, grant=grant, command=replace(command, number=number))
    assessment = ImpactAssessment.objects.create(
        code_break=unblinding,
        necessity=command.necessity,
        assessed_by=actor.user_name,
        assessed_at=clock.now(),
        signature=signature.id,
        **answers,
    )
    record(
        actor=actor,
        action="code.assess",
        subject=number,
        stream=unblinding.site_code,
        data={"uid": str(command.uid), "necessity": command.necessity, "signature": str(signature.id)},
        texts=answers,
    )
    return assessment
