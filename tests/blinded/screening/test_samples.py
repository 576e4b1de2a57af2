"""A further sample, an unusable one, and a wrong COVID-19 answer: no state without a way on, and no class told."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import product
from uuid import uuid4

import pytest

from randomization.accounts.roles import Role
from randomization.blinded.inbox.models import Applied
from randomization.blinded.screening.eligibility import Facts, reasons_against, tells_the_class
from randomization.blinded.screening.for_unblinded import may_be_judged
from randomization.blinded.screening.models import Participant, Sample
from randomization.blinded.screening.selectors import find_participant, open_reasons, protocol_for
from randomization.blinded.screening.services.answer_identity import answer_identity
from randomization.blinded.screening.services.correct_covid19 import CorrectCovid19, correct_covid19
from randomization.blinded.screening.services.record_sample import discard_sample, draw_sample, ship_sample
from randomization.blinded.screening.services.register_participant import register_participant
from randomization.blinded.sites.selectors import protocol_in_force
from randomization.hatch import messages
from randomization.notices.models import Entry
from randomization.shared import clock
from randomization.shared.actor import SYSTEM
from randomization.shared.errors import InvalidInput, NotFound, Refused, TrialError
from randomization.shared.verdict import Verdict
from randomization.signatures.signing import sign
from tests.blinded.delivery.steps import local
from tests.blinded.screening.steps import code_of
from tests.blinded.world import NUMBER, PASSWORD, at, confirm, randomise, screen, send, verdict
from tests.permissions import client_of

pytestmark = pytest.mark.once

COORDINATOR, INVESTIGATOR = at(Role.COORDINATOR), at(Role.INVESTIGATOR)
NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


def sample_of(number: str) -> Sample:
    sample = find_participant(SYSTEM, number).sample
    assert sample is not None
    return sample


def judge(sample: Sample, words: str, *, covid19: bool) -> str:
    """The laboratory's verdict; what became of the message."""
    send(messages.LaboratoryVerdict(sample.uid, uuid4(), words, covid19, None))
    return Applied.objects.order_by("-number")[0].detail


def correct(number: str, *, covid19: bool, reason: str = "the swab was another patient's") -> Sample:
    command = CorrectCovid19(number, covid19, reason)
    grant = sign(actor=INVESTIGATOR, secret=PASSWORD, command=command)
    return correct_covid19(actor=INVESTIGATOR, command=command, grant=grant)


def codes(number: str) -> set[str]:
    participant = find_participant(SYSTEM, number)
    return {reason.code for reason in open_reasons(participant, protocol_for(participant))}


@pytest.mark.requirement("R05")
def test_a_further_sample_counts_and_the_one_before_counts_again(trial: None) -> None:
    number = screen()
    first = sample_of(number)
    with pytest.raises(InvalidInput) as refusal:
        draw_sample(actor=COORDINATOR, number=number, drawn_at=clock.now(), covid19=False)
    assert refusal.value.code == "reason_missing"
    second = draw_sample(actor=COORDINATOR, number=number, drawn_at=clock.now(), covid19=False, reason="haemolysed")
    ship_sample(actor=COORDINATOR, number=number, shipped_at=clock.now())
    assert judge(first, "eligible", covid19=False) == ""
    assert "verdict_pending" in codes(number), "the last sample decides, and it is not judged"
    assert discard_sample(actor=COORDINATOR, number=number, reason="lost by the courier") == first
    assert judge(second, "not eligible", covid19=False) == "sample_unusable"
    confirm(number)
    assert randomise(number)
    assert Sample.objects.get(pk=second.pk).unusable_at is not None


def test_a_sample_that_was_judged_is_followed_by_another_and_never_put_aside(trial: None) -> None:
    number = screen()
    verdict(number, "not eligible")
    with pytest.raises(Refused) as refusal:
        discard_sample(actor=COORDINATOR, number=number, reason="we want another verdict")
    assert refusal.value.code == "judged"
    confirm(number)
    assert Participant.objects.get(number=number).state == "not_eligible"
    draw_sample(
        actor=COORDINATOR, number=number, drawn_at=clock.now(), covid19=False, reason="closed for want of blood"
    )
    ship_sample(actor=COORDINATOR, number=number, shipped_at=clock.now())
    verdict(number)
    confirm(number)
    randomise(number)


def test_with_no_usable_sample_left_another_is_drawn(trial: None) -> None:
    number = screen()
    assert discard_sample(actor=COORDINATOR, number=number, reason="mixed up") is None
    assert "no_sample" in codes(number)
    with pytest.raises(NotFound):
        discard_sample(actor=COORDINATOR, number=number, reason="again")
    draw_sample(actor=COORDINATOR, number=number, drawn_at=clock.now(), covid19=True)


FACTS = Facts(NOON, NOON, {}, 1960, 9000, NOON, Verdict.PENDING, covid19=False)


@pytest.mark.parametrize(("covid19", "judged"), list(product((True, False), repeat=2)))
def test_a_verdict_without_covid19_is_never_told_after_one_with_it(covid19: bool, judged: bool, trial: None) -> None:
    tells = judged and not covid19
    assert tells_the_class(covid19=covid19, was_judged_with_covid19=judged) == tells
    facts = replace(FACTS, covid19=covid19, was_judged_with_covid19=judged)
    reasons = reasons_against(facts, protocol_in_force("GR01").eligibility, NOON)
    assert ("class_would_show" in {reason.code for reason in reasons if reason.final}) == tells


@pytest.mark.requirement("R11")
@pytest.mark.parametrize("words", ["eligible", "not eligible"])
def test_from_no_to_yes_the_verdict_is_reached_again(trial: None, words: str) -> None:
    number = screen()
    verdict(number, words)
    confirm(number)
    before = Entry.objects.filter(kind="covid19_corrected").count()
    sample = correct(number, covid19=True)
    assert (sample.covid19, sample.verdict, sample.verdict_uid) == (True, "pending", None)
    assert Participant.objects.get(number=number).state == "screening"
    assert Entry.objects.filter(kind="covid19_corrected").count() == before + 1
    assert judge(sample, words, covid19=False) == "flag_changed", "one that was on its way is not kept"
    assert judge(sample, "not eligible", covid19=True) == ""
    assert may_be_judged(sample_of(number))


@pytest.mark.requirement("R11")
@pytest.mark.parametrize("words", ["eligible", "not eligible"])
def test_from_yes_to_no_no_second_verdict_is_told(trial: None, words: str) -> None:
    """Eligible without COVID-19 and not with it is one class, eligible with it the other."""
    number = screen()
    correct(number, covid19=True, reason="swab came back")
    assert judge(sample_of(number), words, covid19=True) == ""
    sample = correct(number, covid19=False, reason="the swab was another patient's")
    assert (sample.covid19, sample.verdict) == (False, words)
    assert not may_be_judged(sample)
    assert judge(sample, "eligible", covid19=False) == "class_would_show"
    assert "class_would_show" in codes(number)
    with pytest.raises(Refused) as refusal:
        draw_sample(actor=COORDINATOR, number=number, drawn_at=clock.now(), covid19=False, reason="another try")
    assert refusal.value.code == "class_would_show"
    confirm(number)
    assert code_of(number) == "not_eligible"


@pytest.mark.requirement("R11")
def test_a_second_file_of_the_person_is_no_way_around(trial: None) -> None:
    first, two = screen(), screen()
    verdict(first)
    confirm(first)
    correct(two, covid19=True, reason="swab came back")
    same = {number: number == first for number in (NUMBER, first)}
    answer_identity(actor=COORDINATOR, number=two, same=same, elsewhere=False, reason="the same wristband")
    assert Participant.objects.get(number=first).state == "screening", "signed again, with both known"
    confirm(first)
    assert judge(sample_of(two), "eligible", covid19=True) == ""
    assert code_of(first) == "changed"
    assert "class_would_show" in codes(first)
    third = register_participant(actor=COORDINATOR, site_code="GR01", sepsis_at=clock.now(), earlier=two).number
    with pytest.raises(Refused) as refusal:
        draw_sample(actor=COORDINATOR, number=third, drawn_at=clock.now(), covid19=False)
    assert refusal.value.code == "class_would_show"


def test_who_corrects_the_answer_and_when(trial: None) -> None:
    number = screen()
    for whom, covid19, code in ((number, False, "same_answer"), (NUMBER, True, "already_allocated")):
        with pytest.raises(TrialError) as refusal:
            correct(whom, covid19=covid19)
        assert refusal.value.code == code
    with pytest.raises(InvalidInput):
        correct(number, covid19=True, reason=" ")
    fresh = register_participant(actor=COORDINATOR, site_code="GR01", sepsis_at=clock.now()).number
    with pytest.raises(NotFound):
        correct(fresh, covid19=True)


@pytest.mark.requirement("R32")
def test_the_pages_and_the_api_do_all_of_it(trial: None) -> None:
    number = screen()
    coordinator, investigator = client_of(COORDINATOR), client_of(INVESTIGATOR)
    page, api = f"/participants/{number}/", f"/api/v1/participants/{number}/"
    verdict(number, "not eligible")
    further = {"drawn_at": local(1), "covid19": "yes", "reason": "haemolysed"}
    refused = coordinator.post(page + "sample/further/", further)
    assert (refused.status_code, b"Correct the COVID-19 answer" in refused.content) == (409, True)
    assert coordinator.post(page + "sample/further/", {**further, "covid19": "no", "reason": ""}).status_code == 422
    assert coordinator.post(page + "sample/further/", {**further, "covid19": "no"}).status_code == 302
    assert coordinator.post(page + "sample/unusable/", {"reason": "lost"}).status_code == 302
    assert coordinator.get(page + "covid19/").status_code == 403
    typed = {"covid19": "yes", "reason": "swab came back", "secret": "wrong"}
    assert investigator.post(page + "covid19/", typed).status_code == 422
    assert investigator.post(page + "covid19/", {**typed, "secret": PASSWORD}).status_code == 302
    body = {"drawn_at": clock.stamp(clock.now()), "covid19": True, "reason": "not enough blood"}
    assert coordinator.post(api + "samples/further/", json.dumps(body), "application/json").status_code == 201
    payload = json.dumps({"reason": "lost"})
    assert coordinator.post(api + "samples/unusable/", payload, "application/json").status_code == 204
    signed = {"user_name": INVESTIGATOR.user_name, "secret": PASSWORD}
    back = json.dumps({"covid19": False, "reason": "another patient's swab", "signature": signed})
    assert coordinator.post(api + "covid19/", back, "application/json").status_code == 403
    assert investigator.post(api + "covid19/", back, "application/json").json()["covid19"] is False
    assert timedelta(0) < clock.now() - sample_of(number).drawn_at
