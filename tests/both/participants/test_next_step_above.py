"""The steps above the line that a participant's next step names are there, for who may do them."""

from __future__ import annotations

import pytest

from immunosep_site.demonstration import cast
from randomization.accounts.roles import PERMISSIONS, Role
from tests.permissions import client_of
from tests.steps import acts, address

pytestmark = pytest.mark.once


@pytest.mark.requirement("R05")
def test_the_acts_above_that_a_next_step_names_are_there_for_their_roles(trial: None) -> None:
    for act in acts(below=False):
        assert act.permission in PERMISSIONS[act.role]
        who = cast.laboratory("GR") if act.role is Role.LABORATORY else cast.at_site(act.role, "GR01")
        assert client_of(who).get(address(act.page, "GR01-001")).status_code == 200, act
        answer = client_of(who).get(address(act.api, "GR01-001"))
        assert answer.status_code in {200, 405}, act
