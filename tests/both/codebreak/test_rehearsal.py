"""A site opens when everybody who may break codes there has rehearsed."""

from __future__ import annotations

import pytest

from immunosep_site.demonstration import cast, play
from randomization.accounts.roles import Role
from randomization.accounts.services.appoint import end_membership
from randomization.blinded.sites.models import Site
from randomization.shared.service import Side, on_side
from tests.both.codebreak.steps import second_breaker
from tests.conftest import tampering
from tests.permissions import client_of

pytestmark = pytest.mark.once


@pytest.mark.requirement("R21")
def test_the_gate_waits_for_everybody_who_may_break_codes(trial: None) -> None:
    with tampering():
        Site.objects.filter(code="GR02").update(drill_done_at=None)
    below = second_breaker()
    play.rehearse("GR02")
    play.pass_hatch()
    assert Site.objects.get(code="GR02").drill_done_at is None
    page = client_of(cast.at_site(Role.CODE_BREAKER, "GR02")).get("/code-break/drill/").content.decode()
    assert "has not rehearsed" in page
    with on_side(Side.BLINDED):
        end_membership(actor=cast.MANAGER, membership_id=str(below.id), reason="left")
    play.pass_hatch()
    play.rehearse("GR02")
    play.pass_hatch()
    assert Site.objects.get(code="GR02").drill_done_at is not None


@pytest.mark.requirement("R21")
def test_the_gate_opens_when_who_had_not_rehearsed_leaves(trial: None) -> None:
    with tampering():
        Site.objects.filter(code="GR02").update(drill_done_at=None)
    below = second_breaker()
    play.rehearse("GR02")
    play.pass_hatch()
    assert Site.objects.get(code="GR02").drill_done_at is None
    with on_side(Side.BLINDED):
        end_membership(actor=cast.MANAGER, membership_id=str(below.id), reason="left")
    play.pass_hatch()
    play.pass_hatch()
    assert Site.objects.get(code="GR02").drill_done_at is not None
