"""Every state of a participant names a next step that exists, for somebody who may do it: all states are walked."""

from __future__ import annotations

from datetime import timedelta

import pytest

from randomization.accounts.roles import PERMISSIONS, Role
from randomization.blinded.allocation.next_step import (
    ACTS,
    DRAW_FURTHER,
    RANDOMISE,
    SIGN,
    Act,
    Bar,
    before_allocation,
)
from randomization.blinded.screening.models import Participant
from randomization.blinded.screening.services.register_participant import register_participant
from randomization.blinded.screening.states import State
from randomization.shared import clock
from randomization.shared.actor import Actor
from tests.blinded.test_same_person import correct_sex
from tests.blinded.world import MANAGER, NUMBER, at, confirm, screen, verdict
from tests.conftest import tampering
from tests.permissions import client_of
from tests.steps import acts, address, screenings, walked

COORDINATOR, INVESTIGATOR = at(Role.COORDINATOR), at(Role.INVESTIGATOR)


def who(role: Role) -> Actor:
    return MANAGER if role is Role.TRIAL_MANAGER else at(role)


def test_every_state_names_words_an_act_and_somebody(trial: None) -> None:
    steps = list(walked())
    assert len(steps) > 5000
    assert all(step.words and step.waits_for for step in steps)
    assert {step.act for step in steps} == set(ACTS), "every act is the next step of some state"
    assert all(act.permission in PERMISSIONS[act.role] for act in ACTS)
    assert all(step.page == "" or address(step.page, NUMBER) for step in steps)


@pytest.mark.requirement("R05", "R32")
@pytest.mark.parametrize("act", acts(below=True), ids=lambda act: act.page)
def test_the_page_and_the_api_of_every_act_below_are_there_for_its_role(trial: None, act: Act) -> None:
    client, number = client_of(who(act.role)), screen()
    assert client.get(address(act.page, number)).status_code == 200
    answers = {
        client.generic(method, address(act.api, number), "{}", content_type="application/json").status_code
        for method in ("POST", "PUT")
    }
    known = {404} if act.api == "api_administration" else set()  # the dose of the address is nobody's
    assert answers - {405} <= {400, 409, 422} | known
    assert answers != {405}


@pytest.mark.requirement("R05")
def test_who_is_barred_is_never_told_that_the_way_is_open() -> None:
    for facts in screenings():
        step = before_allocation(facts)
        open_file = facts.state in {State.SCREENING, State.ELIGIBLE} and facts.window_is_open and facts.has_consent
        if open_file and facts.bar is not Bar.NONE:
            assert step.act in {SIGN, DRAW_FURTHER}
            assert step.words != "Sign the eligibility"
            assert facts.bar is not Bar.OTHER or "Under 18 years." in step.words
        if facts.bar is not Bar.NONE or facts.identity_is_open or not facts.window_is_open:
            assert step.act is not RANDOMISE


def page_of(number: str, actor: Actor = COORDINATOR) -> str:
    return client_of(actor).get(f"/participants/{number}/").content.decode()


def step_in_api(number: str) -> dict[str, object]:
    told: dict[str, object] = client_of(COORDINATOR).get(f"/api/v1/participants/{number}/next-step/").json()
    return told


def test_who_is_barred_reads_why_and_what_to_do_and_no_countdown(trial: None) -> None:
    number = screen(malignancy=True)
    verdict(number)
    page = page_of(number)
    assert "This bars entry:" in page
    assert "Can we still make it?" not in page
    assert "Cannot enter, sign that" in page
    told = step_in_api(number)
    assert (told["waits_for"], len(told["bars"])) == ("investigator", 1)  # type: ignore[arg-type]
    assert "Sign that the participant is not eligible" in page_of(number, INVESTIGATOR)
    assert "Cannot enter" in client_of(COORDINATOR).get("/participants/").content.decode()
    confirm(number)
    assert "nothing is due" in page_of(number)


def test_the_page_leads_to_a_further_sample_and_to_the_covid19_answer(trial: None) -> None:
    number = screen()
    assert f"/participants/{number}/sample/unusable/" in page_of(number)
    verdict(number, "not eligible")
    page = page_of(number, INVESTIGATOR)
    assert f"/participants/{number}/sample/further/" in page
    assert f"/participants/{number}/sample/unusable/" not in page
    assert f"/participants/{number}/covid19/" in page
    assert "have another sample drawn" in page
    confirm(number)
    assert "draw another sample" in str(step_in_api(number)["step"])


def test_the_steps_of_a_file_in_their_order(trial: None) -> None:
    new = register_participant(actor=COORDINATOR, site_code="GR01", sepsis_at=clock.now() - timedelta(hours=3)).number
    assert step_in_api(new)["step"] == "Record consent"
    number = screen()
    verdict(number)
    correct_sex(number, "male")
    assert step_in_api(number)["step"] == "Say whether the person was here before"
    assert f'href="/participants/{number}/identity/"' in page_of(number)
    eligible = screen()
    verdict(eligible)
    confirm(eligible)
    assert step_in_api(eligible) == {"step": "Randomise", "waits_for": "coordinator", "bars": [], "missing": []}
    with tampering():
        site = Participant.objects.get(number=eligible).site
        site.may_supply = False
        site.save()
    told = step_in_api(eligible)
    assert (told["waits_for"], "pharmacist on duty" in str(told["step"])) == ("pharmacy", True)
    assert step_in_api(NUMBER)["waits_for"] == "pharmacy"
