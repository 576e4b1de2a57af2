"""Code break and drill: at once, one patient, recorded; below they learn only that it happened."""

from __future__ import annotations

import json
from typing import Any

import pytest

from immunosep_site.demonstration import cast, play
from immunosep_site.demonstration.play import Case
from immunosep_site.demonstration.small_trial import add_sites
from randomization.accounts.models import Membership
from randomization.accounts.roles import Role
from randomization.audit.models import Event, FreeText
from randomization.blinded.bedside.models import Course
from randomization.blinded.sites.models import Site
from randomization.hatch.models import InboxMessage
from randomization.notices.selectors import notices_for
from randomization.shared.errors import InvalidInput, NotFound, NotPermitted, Refused
from randomization.shared.service import Side, on_side
from randomization.unblinded.codebreak.models import CodeBreak
from randomization.unblinded.codebreak.patients import patient_for_break
from tests.both.codebreak.steps import BREAKER, SAFETY, reveal
from tests.conftest import tampering


@pytest.mark.requirement("R17", "R18", "R19")
@pytest.mark.parametrize(("ferritin", "drug"), [("9000", "anakinra"), ("800", "interferon")])
def test_one_patients_treatment_at_once_and_recorded(trial: None, ferritin: str, drug: str) -> None:
    seen = set()
    for _turn in range(8):
        number = play.enrol(Case("GR01", ferritin=ferritin)).participant
        revealed = reveal(number)
        named = [syringe.product for syringe in revealed.syringes if drug in syringe.product]
        assert bool(named) == (revealed.arm == "PRECISION")
        seen.add(revealed.arm)
        entry = CodeBreak.objects.get(uid=revealed.uid)
        assert (entry.broken_by, entry.category, entry.reason) == ("investigator.gr01", "emergency", "shock")
        assert "substance" in entry.shown
        assert FreeText.objects.filter(key="reason", text="shock").exists()
    assert seen == {"PRECISION", "CONTROL"}


@pytest.mark.parametrize("spelling", ["{0} {1}", "{0}-{1}", " {0}{1} "])
def test_a_kit_code_is_found_as_people_write_it(trial: None, spelling: str) -> None:
    allocation = play.enrol(Case("GR01"))
    written = spelling.format(allocation.kit_code[:4].lower(), allocation.kit_code[4:])
    assert patient_for_break(BREAKER, written).number == allocation.participant
    assert patient_for_break(BREAKER, allocation.participant.lower().replace("-", " ")).number == allocation.participant


@pytest.mark.requirement("R20")
def test_below_they_learn_only_that_it_happened(trial: None) -> None:
    number = play.enrol(Case("GR01")).participant
    reveal(number)
    play.pass_hatch()
    message = InboxMessage.objects.filter(kind="CodeBroken").get()
    assert set(json.loads(message.payload)) == {"participant_uid", "at"}
    assert Course.objects.get(participant__number=number).code_broken_at is not None
    with on_side(Side.BLINDED):
        notice = notices_for(cast.at_site(Role.INVESTIGATOR, "GR01"))[0]
    assert (notice.kind, notice.facts) == ("code_broken", {"participant": number})


@pytest.mark.requirement("R17")
def test_no_gate_but_identity(trial: None) -> None:
    """A closed site, no delegation, no training: the answer still comes."""
    number = play.enrol(Case("GR01")).participant
    with tampering():
        Site.objects.filter(code="GR01").update(closed_at="2026-01-01T00:00:00Z", may_supply=False)
        Membership.objects.filter(role=Role.CODE_BREAKER).update(delegated_by="", trained_for="")
    assert reveal(number).arm in {"PRECISION", "CONTROL"}


@pytest.mark.requirement("R18", "R23")
def test_reach_reason_and_role(trial: None) -> None:
    number = play.enrol(Case("GR01")).participant
    with pytest.raises(NotFound) as elsewhere:
        reveal(number, actor=cast.at_site(Role.CODE_BREAKER, "GR02"))
    with pytest.raises(NotFound) as nowhere:
        reveal("GR02-999", actor=cast.at_site(Role.CODE_BREAKER, "GR02"))
    assert elsewhere.value.sentence == nowhere.value.sentence
    wrong: tuple[dict[str, Any], ...] = ({"reason": " "}, {"category": "curiosity"}, {"category": "drill"})
    for changed in wrong:
        with pytest.raises(InvalidInput):
            reveal(number, **changed)
    with pytest.raises(NotPermitted):
        reveal(number, actor=cast.at_site(Role.PHARMACIST, "GR01"))
    with pytest.raises(Refused) as refusal:
        reveal(number, category="safety_report")
    assert refusal.value.code == "safety_function"
    assert reveal(number, actor=SAFETY, category="safety_report").subject == number
    assert CodeBreak.objects.filter(participant_number=number).count() == 1


@pytest.mark.requirement("R21")
def test_the_drill_opens_the_sites_gate_and_uses_no_patients_position(trial: None) -> None:
    add_sites(["IT01"])
    assert Site.objects.get(code="IT01").drill_done_at is not None
    drill = CodeBreak.objects.get(site_code="IT01")
    assert (drill.category, drill.participant_uid) == ("drill", None)
    with tampering():
        Site.objects.filter(code="IT01").update(drill_done_at=None)
    with pytest.raises(Refused) as refusal:
        play.enrol(Case("IT01"))
    assert refusal.value.code == "drill_not_done"
    play.rehearse("IT01")
    play.pass_hatch()
    assert play.enrol(Case("IT01")).created
    assert Event.objects.filter(action="code.rehearse", subject="IT01").count() == 2


def test_made_up_patients_are_used_once(trial: None) -> None:
    with pytest.raises(Refused) as refusal:
        for _turn in range(30):
            play.rehearse("GR02")
    assert refusal.value.code == "no_drill_list"
    kits = list(CodeBreak.objects.filter(site_code="GR02").values_list("kit_code", flat=True))
    assert len(kits) == len(set(kits)) >= 12


def test_the_safety_officer_is_told_and_the_ward_learns_no_more(trial: None) -> None:
    number = play.enrol(Case("GR01")).participant
    reveal(number)
    notice = notices_for(SAFETY)[0]
    assert (notice.kind, notice.facts) == ("code_broken", {"participant": number})
