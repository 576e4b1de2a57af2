"""A class that is corrected after allocation, and the decision about it."""

from __future__ import annotations

from collections.abc import Mapping

from immunosep_site.demonstration import cast, play
from immunosep_site.demonstration.play import Case
from randomization.accounts.roles import Role
from randomization.blinded.screening.models import Participant, Sample
from randomization.shared.actor import Actor
from randomization.signatures.signing import sign
from randomization.unblinded.laboratory.models import ClassCase, ClassDecision
from randomization.unblinded.laboratory.services.analyse import enter_result
from randomization.unblinded.laboratory.services.decide_class import DecideClass, decide_class

SITE = "GR01"
PHARMACIST, SAFETY = cast.at_site(Role.PHARMACIST, SITE), cast.SAFETY_OFFICER
STARTS = {"IV": 2, "SC": 2}


def corrected(case: Case = Case(SITE), *, ferritin: str = "9000") -> Participant:  # noqa: B008 (a frozen value)
    """A randomised patient whose ferritin is corrected afterwards."""
    number = play.enrol(case).participant
    play.pass_hatch()
    sample = Sample.objects.get(participant__number=number)
    enter_result(
        actor=cast.laboratory("GR"), sample_uid=sample.uid, analyte="ferritin", value=ferritin, reason="dilution error"
    )
    return Participant.objects.get(number=number)


def case_of(participant: Participant) -> ClassCase:
    return ClassCase.objects.filter(participant_uid=participant.uid).latest("opened_at")


def decide(
    participant: Participant,
    actor: Actor = PHARMACIST,
    *,
    immune_class: str = "MALS",
    starts: Mapping[str, int] = STARTS,
    reason: str = "second laboratory agrees",
) -> ClassDecision:
    command = DecideClass(participant.number, case_of(participant).pk, immune_class, starts, reason)
    grant = sign(actor=actor, secret=cast.PASSWORD, command=command)
    return decide_class(actor=actor, command=command, grant=grant)
