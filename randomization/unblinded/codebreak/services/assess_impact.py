"""Assess afterwards what an unblinding means for the trial (ICH E6(R3) 4.1.4)."""

from __future__ import annotations

from typing import Final
from uuid import UUID

from randomization.accounts.policies import check_can
from randomization.accounts.roles import Permission
from randomization.audit.record import record
from randomization.shared import clock
from randomization.shared.actor import Actor
from randomization.shared.errors import InvalidInput
from randomization.shared.sentences import sentence as _
from randomization.shared.service import service
from randomization.signatures.services.sign import use_signature
from randomization.unblinded.codebreak.categories import Necessity
from randomization.unblinded.codebreak.models import ImpactAssessment
from randomization.unblinded.codebreak.selectors import code_break

MEANING: Final = "assess the impact of an unblinding"
TEXTS: Final = ("spread", "effect", "measures")


def signed_content(uid: UUID, necessity: str, spread: str, effect: str, measures: str) -> dict[str, str]:
    """What the safety officer signs."""
    return {"code_break": str(uid), "necessity": necessity, "spread": spread, "effect": effect, "measures": measures}


@service
def assess_impact(
    *, actor: Actor, uid: UUID, necessity: str, spread: str, effect: str, measures: str, grant: UUID
) -> ImpactAssessment:
    """Record and sign the assessment of one code break; a later one counts instead, the earlier stays.

    necessity: one of `Necessity`. spread: who else knows; effect: on the patient's data and the trial; measures: what
    is done. Raises NotFound for a rehearsal or outside reach, InvalidInput where an answer is missing.
    """
    found = code_break(actor, uid)
    check_can(actor, Permission.CODE_ASSESS)
    if necessity not in Necessity.values:
        raise InvalidInput(_("Say whether it was needed."), field="necessity")
    given = {"spread": spread.strip(), "effect": effect.strip(), "measures": measures.strip()}
    for field, text in given.items():
        if not text:
            raise InvalidInput(_("Write a sentence, or: none."), field=field)
    content = signed_content(uid, necessity, spread, effect, measures)
    number = found.participant_number
    signature = use_signature(actor=actor, grant=grant, meaning=MEANING, subject=number, content=content)
    assessment = ImpactAssessment.objects.create(
        code_break=found,
        necessity=necessity,
        assessed_by=actor.user_name,
        assessed_at=clock.now(),
        signature=signature.id,
        **given,
    )
    record(
        actor=actor,
        action="code.assess",
        subject=number,
        stream=found.site_code,
        data={"uid": str(uid), "necessity": necessity, "signature": str(signature.id)},
        texts=given,
    )
    return assessment
