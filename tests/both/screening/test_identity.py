"""Who somebody is, on the ways beside the page: an envelope entered after an outage, and files from before."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from immunosep_site.demonstration import cast, play
from immunosep_site.demonstration.play import Case
from randomization.accounts.roles import PERMISSIONS, Role
from randomization.shared.errors import Refused
from randomization.shared.service import Side, on_side
from tests.both.outage.test_outage import eligible, enter, printed
from tests.permissions import client_of
from tests.steps import acts, address

COORDINATOR = cast.at_site(Role.COORDINATOR, "GR01")
__all__ = ["printed"]


@pytest.mark.requirement("R05")
def test_an_envelope_is_entered_once_it_is_known_who_it_was_for(printed: list[SimpleNamespace]) -> None:
    number, kit_code = eligible(), printed[0].kit_code
    other = play.screen(Case("GR01", year_of_birth=1962)).number
    with on_side(Side.BLINDED):
        play.record_eligibility(
            actor=COORDINATOR,
            number=other,
            answers=play.answers_for(Case("GR01")),
            sex="female",
            year_of_birth=1960,
            neutrophils_per_mm3=9000,
            reason="misread",
        )
    with pytest.raises(Refused) as refusal:
        enter(number, kit_code)
    assert refusal.value.code == "same_person_open"
    with on_side(Side.BLINDED):
        play.answer_identity_of(number, COORDINATOR)
    assert enter(number, kit_code).created


@pytest.mark.requirement("R05")
def test_the_acts_above_that_a_next_step_names_are_there_for_their_roles(trial: None) -> None:
    for act in acts(below=False):
        assert act.permission in PERMISSIONS[act.role]
        who = cast.laboratory("GR") if act.role is Role.LABORATORY else cast.at_site(act.role, "GR01")
        assert client_of(who).get(address(act.page, "GR01-001")).status_code == 200, act
        answer = client_of(who).get(address(act.api, "GR01-001"))
        assert answer.status_code in {200, 405}, act
