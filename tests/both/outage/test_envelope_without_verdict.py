"""An envelope that was opened for somebody without an eligible verdict: a fact, entered as a deviation.

Nothing more is prepared, whatever class there may be, and the ward reads nothing of it.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from immunosep_site.demonstration import cast, play
from immunosep_site.demonstration.play import Case
from pharmacy.preparation.models import EnvelopeLabel, Preparation
from pharmacy.preparation.services.prepare import prepare
from pharmacy.worklist.selectors import worklist
from randomization.accounts.roles import Role
from randomization.audit.models import Event
from randomization.blinded.allocation.models import Allocation
from randomization.blinded.bedside.models import Administration, Course, Dose
from randomization.blinded.bedside.services.administer import administer
from randomization.blinded.inbox.models import Applied
from randomization.blinded.screening.models import Deviation, Participant
from randomization.blinded.screening.services.record_sample import discard_sample
from randomization.blinded.screening.services.register_participant import register_participant
from randomization.hatch.models import InboxMessage
from randomization.shared import clock
from randomization.shared.errors import InvalidInput, Refused
from randomization.shared.service import Side, on_side
from randomization.unblinded.codebreak.models import KnownPatient
from randomization.unblinded.codebreak.services.break_code import EITHER
from randomization.unblinded.laboratory.selectors import samples_for
from tests.both.codebreak.steps import reveal
from tests.both.outage.steps import (
    COORDINATOR,
    PHARMACIST,
    SITE,
    WHY,
    departures,
    enter,
    enter_made,
    withdraw_from_treatment,
)
from tests.conftest import tampering

pytestmark = pytest.mark.once

NURSE = cast.at_site(Role.NURSE, SITE)
UNCLASSIFIED = Case(SITE, ferritin="600", hla_dr="20000")
WITHOUT_HLA_DR = Case(SITE, ferritin="600", hla_dr="")
SIP_WITH_COVID19 = Case(SITE, covid19=True)
Screen = Callable[[], str]


def not_eligible(case: Case) -> str:
    """The verdict is there, and the physician signed it."""
    number = play.screen(case).number
    play.measure(number, case)
    play.pass_hatch()
    assert not play.confirm(number, SITE)
    return number


def pending() -> str:
    """The sample is on its way, so that no physician can sign."""
    return play.screen(Case(SITE)).number


def without_sample() -> str:
    number = pending()
    with on_side(Side.BLINDED):
        discard_sample(actor=COORDINATOR, number=number, reason="haemolysed")
    return number


def label_of(kit_code: str, route: str = "IV") -> EnvelopeLabel:
    return EnvelopeLabel.objects.get(kit_code=kit_code, route=route, number=1, level="full")


def give(number: str, syringe: Preparation) -> Administration:
    with on_side(Side.BLINDED):
        return administer(
            actor=NURSE,
            participant_number=number,
            barcode=play.label_of(syringe),
            at=clock.now() - timedelta(minutes=20),
            given_by=f"investigator.{SITE.lower()}",
            reason="entered after the outage",
        )


def ward_reads(number: str) -> dict[str, Any]:
    """All that the ward knows of the treatment, without what differs from one patient to the next."""
    course = Course.objects.get(participant__number=number)
    doses = Dose.objects.filter(course=course).order_by("route", "number").values_list("route", "number", "state")
    return {
        "state": Participant.objects.get(number=number).state,
        "cause": course.stop_cause,
        "doses": list(doses),
        "departures": departures(number),
    }


@pytest.mark.requirement("R10")
def test_what_was_given_without_an_eligible_verdict_is_entered_and_the_ward_reads_the_same(printed: list[Any]) -> None:
    """Unclassified, without HLA-DR, or a class that is not eligible with COVID-19: nothing below tells them apart."""
    read = []
    for case, item in zip((UNCLASSIFIED, WITHOUT_HLA_DR, SIP_WITH_COVID19), printed, strict=False):
        number = not_eligible(case)
        with pytest.raises(InvalidInput) as refusal:
            enter(number, item.kit_code, why=WHY)
        assert (refusal.value.code, refusal.value.field) == ("no_verdict", "without_verdict")
        assert "call the laboratory" in refusal.value.sentence
        with pytest.raises(InvalidInput) as asked:
            enter(number, item.kit_code, without_verdict=True)
        assert "There is no eligible verdict of the laboratory." in asked.value.sentence
        assert not Allocation.objects.filter(participant__number=number).exists()
        assert enter(number, item.kit_code, why=WHY, without_verdict=True).created
        assert Allocation.objects.get(participant__number=number).verdict_uid is None
        syringe = enter_made(label_of(item.kit_code), prepared_as="SIP")
        play.pass_hatch()
        assert give(number, syringe).outcome == "given"
        play.pass_hatch()
        read.append(ward_reads(number))
    assert read[0] == read[1] == read[2]
    assert read[0]["departures"] == {"signed as not eligible", "randomised without an eligible verdict"}
    assert (read[0]["state"], read[0]["cause"]) == ("allocated", "no eligible verdict")
    states = [state for _route, _number, state in read[0]["doses"]]
    assert (states.count("given"), states.count("planned"), states.count("dropped")) == (1, 1, 51)
    below = Event.objects.using("blinded").filter(subject=number).values_list("data", flat=True)
    assert not any(word in data for data in below for word in ("SIP", "MALS", "UNCLASSIFIED"))
    assert not Applied.objects.filter(outcome="refused").exists()


@pytest.mark.requirement("R10")
@pytest.mark.parametrize("screened", [pending, without_sample])
def test_before_a_verdict_it_is_entered_without_a_physicians_signature(printed: list[Any], screened: Screen) -> None:
    number, kit_code = screened(), printed[0].kit_code
    with pytest.raises(InvalidInput) as refusal:
        enter(number, kit_code, why=WHY)
    assert refusal.value.code == "no_verdict"
    assert enter(number, kit_code, why=WHY, without_verdict=True).created
    assert departures(number) == {"randomised without an eligible verdict"}
    assert ward_reads(number)["cause"] == "no eligible verdict"
    syringe = enter_made(label_of(kit_code), prepared_as="MALS")
    assert syringe.immune_class == "MALS"
    play.pass_hatch()
    assert give(number, syringe).outcome == "given"


def test_a_verdict_that_comes_too_late_changes_nothing_below_and_leaves_the_laboratorys_list(
    printed: list[Any],
) -> None:
    number = pending()
    assert enter(number, printed[0].kit_code, why=WHY, without_verdict=True).created
    play.pass_hatch()
    before, read = InboxMessage.objects.count(), ward_reads(number)
    play.measure(number, Case(SITE))
    play.pass_hatch()
    received = InboxMessage.objects.count() - before
    assert (received, ward_reads(number)) == (1, read), "that the sample arrived, and no verdict"
    laboratory = cast.laboratory("GR")
    assert number not in {row.sample.participant.number for row in samples_for(laboratory)}
    assert number in {row.sample.participant.number for row in samples_for(laboratory, open_only=False)}


def test_what_is_missing_but_the_verdict_is_completed_first_and_it_says_whom_to_call(printed: list[Any]) -> None:
    number, kit_code = pending(), printed[0].kit_code
    with tampering():
        Participant.objects.filter(number=number).update(assessment=None)
    with pytest.raises(Refused) as refusal:
        enter(number, kit_code, why=WHY, without_verdict=True)
    assert refusal.value.code == "incomplete"
    assert "The eligibility questions are not answered yet. Complete the file first." in refusal.value.sentence
    assert "call the trial manager, Trial office" in refusal.value.sentence
    with on_side(Side.BLINDED):
        bare = register_participant(actor=COORDINATOR, site_code=SITE, sepsis_at=clock.now() - timedelta(hours=9))
    with pytest.raises(Refused) as refusal:
        enter(bare.number, kit_code, why=WHY, without_verdict=True)
    assert refusal.value.code == "no_consent"
    assert "call the trial manager, Trial office" in refusal.value.sentence


@pytest.mark.requirement("R10", "R17")
def test_a_code_break_shows_what_the_paper_says_and_before_that_what_it_may_be(printed: list[Any]) -> None:
    arms = set()
    for item in printed[:6]:
        number = pending()
        enter(number, item.kit_code, why=WHY, without_verdict=True)
        play.pass_hatch()
        early = reveal(number)
        assert KnownPatient.objects.get(number=number).verdict_uid is None
        is_open = {syringe.route: EITHER in syringe.product for syringe in early.syringes}
        assert set(is_open.values()) == {early.arm == "PRECISION"}, "a dummy is one whatever the class"
        syringe = enter_made(label_of(item.kit_code), prepared_as="MALS")
        play.pass_hatch()
        give(number, syringe)
        shown = {shown.route: (shown.product, shown.amount) for shown in reveal(number).syringes}
        assert shown["IV"] == (syringe.product_name, syringe.amount)
        assert EITHER not in shown["SC"][0]
        arms.add(early.arm)
    assert arms == {"PRECISION", "CONTROL"}


@pytest.mark.requirement("R10")
def test_the_class_on_the_paper_is_asked_for_only_without_a_verdict(printed: list[Any]) -> None:
    number, kit_code = pending(), printed[0].kit_code
    enter(number, kit_code, why=WHY, without_verdict=True)
    for wrong in ("", "UNCLASSIFIED"):
        with pytest.raises(InvalidInput) as refusal:
            enter_made(label_of(kit_code), prepared_as=wrong)
        assert (refusal.value.field, refusal.value.code) == ("prepared_as", "no_class")
    other = play.screen(Case(SITE)).number
    play.measure(other, Case(SITE))
    play.pass_hatch()
    play.confirm(other, SITE)
    assert enter(other, printed[1].kit_code, without_verdict=True).created
    assert Course.objects.get(participant__number=other).stopped_at is None, "there is an eligible verdict"
    with pytest.raises(InvalidInput) as refusal:
        enter_made(label_of(printed[1].kit_code), prepared_as="SIP")
    assert refusal.value.field == "prepared_as"
    event = Event.objects.using("blinded").get(action="participant.allocate", subject=other)
    assert "departures" not in json.loads(event.data)


def test_nothing_more_is_prepared_for_them(printed: list[Any]) -> None:
    number = pending()
    enter(number, printed[0].kit_code, why=WHY, without_verdict=True)
    assert number not in {row.dose.course.participant.number for row in worklist(PHARMACIST, hours=48)}
    for dose in Dose.objects.filter(course__participant__number=number, number__lte=2):
        with pytest.raises(Refused) as refusal:
            prepare(actor=PHARMACIST, dose_uid=dose.uid)
        assert refusal.value.code == "not_due"


def test_who_withdrew_before_any_verdict_is_entered_as_withdrawn(printed: list[Any]) -> None:
    number = pending()
    withdraw_from_treatment(number)
    assert enter(number, printed[0].kit_code, why=WHY, without_verdict=True).created
    assert departures(number) == {"consent was withdrawn", "randomised without an eligible verdict"}
    assert ward_reads(number)["cause"] == "withdrawal"
    assert Deviation.objects.filter(participant__number=number).count() == 2
