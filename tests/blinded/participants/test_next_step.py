"""Every state of a participant names a next step that exists, for somebody who may do it: all states are walked."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta
from itertools import product

import pytest

from randomization.accounts.roles import BLINDED_ROLES, PERMISSIONS, Role
from randomization.blinded.bedside.models import Course, Dose
from randomization.blinded.participants.next_step import (
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
from tests.blinded.screening.steps import correct_sex
from tests.blinded.world import MANAGER, NUMBER, at, confirm, everybody, randomise, ready, screen, verdict
from tests.conftest import tampering
from tests.permissions import client_of
from tests.steps import acts, address, screenings, walked

pytestmark = pytest.mark.once

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
    next_step: dict[str, object] = client_of(COORDINATOR).get(f"/api/v1/participants/{number}/next-step/").json()
    return next_step


def test_who_is_barred_reads_why_and_what_to_do_and_no_countdown(trial: None) -> None:
    number = screen(malignancy=True)
    verdict(number)
    page = page_of(number)
    assert "This bars entry:" in page
    assert "Can we still make it?" not in page
    assert "Cannot enter, sign that" in page
    next_step = step_in_api(number)
    assert (next_step["waits_for"], len(next_step["bars"])) == ("investigator", 1)  # type: ignore[arg-type]
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
    next_step = step_in_api(eligible)
    assert (next_step["waits_for"], "pharmacist on duty" in str(next_step["step"])) == ("pharmacy", True)
    assert step_in_api(NUMBER)["waits_for"] == "pharmacy"


LINK = re.compile(r'href="(/[^"#]*)"')


def link_of(text: str) -> str:
    """The address that a cell leads to; empty for none."""
    link = LINK.search(text)
    return link[1] if link else ""


def next_on_board(actor: Actor) -> dict[str, str]:
    """The link of the next step of each row of the register, empty where there is none."""
    page = client_of(actor).get("/participants/?state=all").content.decode()
    rows = [re.split("<td>|</td>", row) for row in page.split('<th scope="row">')[1:]]
    return {re.search(r"[A-Z0-9]{4}-[0-9]{3}", row[0])[0]: link_of(row[1]) for row in rows}  # type: ignore[index]


def next_on_page(number: str, actor: Actor) -> str:
    page = page_of(number, actor)
    return link_of(page.split('<p class="next">')[1].split("</p>")[0]) if '<p class="next">' in page else ""


def test_every_state_is_linked_for_who_acts_and_for_nobody_else(trial: None) -> None:
    """All states by all roles: the page of a linked step opens, and who may not act finds no link."""
    opened: dict[tuple[str, str], int] = {}
    steps = {(step.act, step.page) for step in walked()}
    by_act = {(step.act, step.page): step for step in walked()}
    number = screen()
    assert {actor.role for actor in everybody()} == set(BLINDED_ROLES)
    for (key, step), actor in product(by_act.items(), everybody()):
        page = step.page_for(actor, number[:4])
        assert bool(page) == (
            step.act.is_below
            and step.act.permission in PERMISSIONS[Role(actor.role)]
            and actor.reaches(number[:4])
            and step.page != ""
        ), (key, actor)
        if page and (page, actor.user_name) not in opened:
            opened[page, actor.user_name] = client_of(actor).get(address(page, number)).status_code
    assert set(opened.values()) == {200}
    for act, page in steps:
        acting = [actor for actor in everybody() if act.permission in PERMISSIONS[Role(actor.role)]]
        assert acting if act.is_below else not acting, "somebody below acts, or somebody above is waited for"
        assert page == "" or act.is_below


def numbers_in_every_state() -> Iterator[tuple[str, str]]:
    """One participant in each state that can be reached here: its number, and whom the next step waits for."""
    now = clock.now()
    yield register_participant(actor=COORDINATOR, site_code="GR01", sepsis_at=now - timedelta(hours=3)).number, "coord"
    over = register_participant(actor=COORDINATOR, site_code="GR01", sepsis_at=now - timedelta(hours=70)).number
    with tampering():
        Participant.objects.filter(number=over).update(sepsis_at=now - timedelta(hours=73))
    yield over, "investigator"
    yield screen(), "laboratory"
    judged, barred, closed, eligible = screen(), screen(malignancy=True), screen(), screen()
    for number, words in ((judged, "eligible"), (barred, "eligible"), (closed, "not eligible"), (eligible, "eligible")):
        verdict(number, words)
    confirm(closed)
    confirm(eligible)
    yield from ((judged, "investigator"), (barred, "investigator"), (closed, "coord"), (eligible, "coord"))
    states = {"planned": "pharmacy", "ready": "nurse", "due": "nurse", "held": "investigator", "recorded": "nurse"}
    for state, waits_for in states.items():
        number = screen()
        verdict(number)
        confirm(number)
        randomise(number)
        course = Course.objects.get(participant__number=number)
        doses = Dose.objects.filter(course=course)
        if state == "ready":
            ready(doses.order_by("planned_at", "route")[0])
        with tampering():
            if state == "due":
                doses.update(planned_at=now - timedelta(minutes=5))
            if state == "held":
                Course.objects.filter(pk=course.pk).update(held_at=now)
            if state == "recorded":
                doses.update(state="missed")
        yield number, waits_for


@pytest.mark.requirement("R05", "R32")
def test_every_next_step_that_the_board_or_the_page_links_opens(trial: None) -> None:
    waiting = dict(numbers_in_every_state())
    linked = set()
    for actor in (actor for actor in everybody() if actor.role != Role.AUDITOR):
        client, board = client_of(actor), next_on_board(actor)
        assert set(waiting) <= set(board) or actor.site_code == "GR02"
        for number in set(board) & set(waiting):
            if board[number]:
                assert client.get(board[number]).status_code == 200, (actor, board[number])
                linked.add((actor.role, number))
            on_page = next_on_page(number, actor)
            assert on_page in {board[number], ""}, "page and board agree"
    acting = {"coord": Role.COORDINATOR, "investigator": Role.INVESTIGATOR, "nurse": Role.NURSE}
    for number, whom in waiting.items():
        waits_for = str(step_in_api(number)["waits_for"])
        assert waits_for.startswith(whom), (number, waits_for)
        if whom in acting:
            assert (acting[whom], number) in linked
        else:
            assert not any(number == other for _role, other in linked)
    assert not any(role in {Role.BLINDED_MONITOR, Role.TRIAL_MANAGER} for role, _number in linked)


def test_after_a_transfer_the_first_site_is_led_nowhere(trial: None) -> None:
    with tampering():
        Dose.objects.filter(course__participant__number=NUMBER).update(planned_at=clock.now() - timedelta(minutes=5))
    assert next_on_board(at(Role.NURSE))[NUMBER] == f"/participants/{NUMBER}/doses/"
    with tampering():
        Participant.objects.filter(number=NUMBER).update(site_id="GR02")
    assert next_on_board(at(Role.NURSE))[NUMBER] == ""


def test_after_a_transfer_the_first_site_reads_and_takes_no_step(trial: None) -> None:
    with tampering():
        Participant.objects.filter(number=NUMBER).update(site_id="GR02")
    client = client_of(at(Role.INVESTIGATOR))
    page = client.get(f"/participants/{NUMBER}/").content.decode()
    assert "treated at GR02" in page
    assert "/withdraw/" not in page
    assert "card.pdf" not in page
    assert client.get(f"/participants/{NUMBER}/hold/").status_code == 404
