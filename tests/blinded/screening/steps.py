"""Steps of a screening that several tests take: eligible, told apart from others, corrected, refused by a code."""

from __future__ import annotations

import json

import pytest

from randomization.accounts.roles import Role
from randomization.blinded.screening.identity import Identity
from randomization.blinded.screening.models import Participant
from randomization.blinded.screening.same_person import identity_of
from randomization.blinded.screening.selectors import find_participant
from randomization.blinded.screening.services.answer_identity import answer_identity
from randomization.blinded.screening.services.record_eligibility import record_eligibility
from randomization.shared.actor import SYSTEM
from randomization.shared.errors import TrialError
from tests.blinded.world import at, confirm, randomise, screen, verdict

COORDINATOR = at(Role.COORDINATOR)


def alike(number: str) -> dict[str, bool | None]:
    return {
        look_alike.number: look_alike.is_same
        for look_alike in identity_of(find_participant(SYSTEM, number)).look_alikes
    }


def eligible(site_code: str = "GR01") -> str:
    number = screen(site_code)
    verdict(number)
    confirm(number)
    return number


def answer(number: str, *, elsewhere: bool = False, reason: str = "", **same: bool) -> Identity:
    """Everybody else is somebody else, but for `same` (GR01_002=True)."""
    same_by_number = {key.replace("_", "-"): value for key, value in same.items()}
    answers = {look_alike: bool(was) for look_alike, was in alike(number).items()} | same_by_number
    return answer_identity(actor=COORDINATOR, number=number, same=answers, elsewhere=elsewhere, reason=reason)


def code_of(number: str) -> str:
    with pytest.raises(TrialError) as refusal:
        randomise(number)
    return refusal.value.code


def correct_sex(number: str, sex: str) -> None:
    assessment = Participant.objects.get(number=number).assessment
    assert assessment is not None
    record_eligibility(
        actor=COORDINATOR,
        number=number,
        answers=json.loads(assessment.answers),
        sex=sex,
        year_of_birth=1960,
        neutrophils_per_mm3=9000,
        reason="wrong box",
    )
