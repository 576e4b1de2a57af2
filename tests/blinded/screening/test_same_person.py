"""Whether somebody was here before is answered before randomisation: asked, kept, asked again, and one allocation."""

from __future__ import annotations

import json
from datetime import timedelta
from itertools import count
from typing import Any
from uuid import UUID

import pytest
import time_machine
from django.db import IntegrityError

from randomization.accounts.roles import Role
from randomization.audit.models import Event
from randomization.blinded.allocation.models import Allocation
from randomization.blinded.screening.identity import Held, Identity, LookAlike, obstacle, persons
from randomization.blinded.screening.models import Participant, SamePerson
from randomization.blinded.screening.same_person import identity_of
from randomization.blinded.screening.selectors import find_participant
from randomization.blinded.screening.services.answer_identity import answer_identity
from randomization.blinded.screening.services.register_participant import register_participant
from randomization.shared import clock
from randomization.shared.actor import SYSTEM
from randomization.shared.errors import InvalidInput, Refused
from tests.blinded.participants.steps import body
from tests.blinded.screening.steps import COORDINATOR, alike, answer, code_of, correct_sex, eligible
from tests.blinded.world import NUMBER, at, confirm, randomise, screen, verdict
from tests.conftest import tampering
from tests.permissions import client_of

A, B, C, D = (UUID(int=number) for number in range(1, 5))


@pytest.mark.parametrize(
    ("known", "code"),
    [
        (Identity(elsewhere=False), None),
        (Identity(), "same_person_open"),
        (Identity((LookAlike("GR01-001", None),), elsewhere=False), "same_person_open"),
        (Identity((LookAlike("GR01-001", False),), elsewhere=False), None),
        (Identity((LookAlike("GR01-001", True),), elsewhere=False), None),
        (Identity((LookAlike("GR01-001", True),), elsewhere=False, randomised_as="GR01-001"), "randomised_before"),
        (Identity(elsewhere=True), "randomised_elsewhere"),
        (Identity((LookAlike("GR01-001", None),), elsewhere=True), "randomised_elsewhere"),
    ],
)
def test_what_stands_against_randomising(known: Identity, code: str | None) -> None:
    against = obstacle(known)
    assert (against and against.code) == code
    assert known.bars == (code in {"randomised_before", "randomised_elsewhere"})


@pytest.mark.parametrize(
    ("files", "links", "answer"),
    [
        ([(A, A, False), (B, B, False)], [], {A: A, B: B}),
        ([(A, A, False), (B, B, False)], [(A, B)], {A: A, B: A}),
        ([(A, A, False), (B, B, True)], [(A, B)], {A: B, B: B}),  # the randomised one keeps its person
        ([(A, A, False), (B, A, False)], [], {A: A, B: D}),  # parted: the oldest keeps, the other gets a new one
        ([(A, A, False), (B, A, True)], [], {A: D, B: A}),
        ([(A, A, False), (B, A, False), (C, C, False)], [(B, C)], {A: A, B: D, C: D}),
        ([(A, A, False), (B, B, False), (C, C, True)], [(A, B), (B, C)], {A: C, B: C, C: C}),
        ([(A, A, True), (B, B, True), (C, C, False)], [(A, C), (B, C)], {A: A, B: B, C: A}),  # found out too late
    ],
)
def test_the_files_of_one_person(
    files: list[tuple[UUID, UUID, bool]], links: list[tuple[UUID, UUID]], answer: dict[UUID, UUID]
) -> None:
    fresh = (UUID(int=number) for number in count(4))
    assert persons([Held(*file) for file in files], links, fresh) == answer


@pytest.mark.requirement("R05")
def test_a_new_look_alike_and_a_corrected_sex_ask_again(trial: None) -> None:
    number = eligible()
    assert alike(number) == {NUMBER: False}
    correct_sex(number, "male")
    assert identity_of(find_participant(SYSTEM, number)) == Identity()
    confirm(number)
    assert code_of(number) == "same_person_open"
    answer(number)
    second = screen()
    correct_sex(second, "male")
    assert (alike(number), alike(second)) == ({second: None}, {number: None})
    assert code_of(number) == "same_person_open"
    answer(second)
    assert alike(number) == {second: False}, "an answer about two counts for both"
    randomise(number)
    with time_machine.travel(clock.now() + timedelta(days=91)):
        assert alike(second) == {}


@pytest.mark.requirement("R05", "R06")
def test_one_allocation_a_person_and_a_wrong_answer_can_be_corrected(trial: None) -> None:
    number = eligible()
    with pytest.raises(InvalidInput) as refusal:
        answer(number, GR01_001=True)
    assert refusal.value.code == "reason_missing"
    answer(number, GR01_001=True, reason="the family remembers")
    assert Participant.objects.get(number=number).state == "screening"
    assert code_of(number) == "changed"
    confirm(number)
    assert Participant.objects.get(number=number).state == "not_eligible"
    with pytest.raises(Refused) as barred:
        register_participant(actor=COORDINATOR, site_code="GR01", sepsis_at=clock.now(), earlier=number)
    assert barred.value.code == "already_allocated"
    answer(number, GR01_001=False, reason="a cousin")
    confirm(number)
    randomise(number)
    event = Event.objects.filter(action="identity.answer", subject=number).latest("id")
    assert json.loads(event.data)["old"] == {"same": {NUMBER: True}, "elsewhere": False}


def test_two_files_of_one_person_and_the_first_that_is_randomised(trial: None) -> None:
    first = eligible()
    other = register_participant(actor=COORDINATOR, site_code="GR01", sepsis_at=clock.now(), earlier=first)
    assert other.person_uid == Participant.objects.get(number=first).person_uid
    two = screen()
    answer(two, **{first.replace("-", "_"): True}, reason="the same wristband")
    verdict(two)
    confirm(two)
    assert len(set(Participant.objects.filter(number__in=(first, two, other.number)).values_list("person_uid"))) == 1
    assert code_of(first) == "changed", "two files that came together are signed again"
    confirm(first)
    randomise(first)
    assert code_of(two) == "randomised_before"
    assert identity_of(find_participant(SYSTEM, two)).randomised_as == first
    with pytest.raises(IntegrityError), tampering():
        Participant.objects.filter(number=two).update(state="allocated")


@pytest.mark.requirement("R32")
def test_page_and_api_ask_and_keep(trial: None) -> None:
    number, client = eligible(), client_of(COORDINATOR)
    second = screen()
    with tampering():
        Participant.objects.filter(number=second).update(screened_at=clock.now())
    correct_sex(number, "male")
    correct_sex(second, "male")
    confirm(number)
    page = client.get(f"/participants/{number}/").content.decode()
    assert f'href="/participants/{number}/identity/"' in page
    assert second in client.get(f"/participants/{number}/randomise/").content.decode()
    assert b"same_person_open" not in client.get("/participants/").content
    address, field = f"/participants/{number}/identity/", f"same_{second}"
    assert client.post(address, {"elsewhere": "no"}).status_code == 422
    assert client.post(address, {field: "no"}).status_code == 422
    refused = client.post(f"/participants/{number}/randomise/", body(number))
    assert (refused.status_code, b"Answer first whether" in refused.content) == (409, True)
    api = f"/api/v1/participants/{number}/identity/"
    before: dict[str, Any] = client.get(api).json()
    assert (before["is_open"], before["look_alikes"]) == (True, [{"number": second, "is_same": None}])
    wrong = client.post(api, json.dumps({"same": {"GR01-777": True}, "elsewhere": False}), "application/json")
    assert (wrong.status_code, wrong.json()["code"]) == (422, "invalid_input")
    assert client.post(address, {field: "no", "elsewhere": "yes", "reason": ""}).status_code == 302
    assert client.get(api).json()["elsewhere"] is True
    assert code_of(number) in {"changed", "randomised_elsewhere"}
    answers = json.dumps({"same": {second: False}, "elsewhere": False, "reason": "another hospital, another trial"})
    assert client.post(api, answers, "application/json").status_code == 201
    assert SamePerson.objects.filter(participant__number=number).count() == 2
    confirm(number)
    assert client.post(f"/participants/{number}/randomise/", body(number)).status_code == 302
    assert Allocation.objects.filter(participant__number=number).exists()
    elsewhere = client_of(at(Role.COORDINATOR, "GR02"))
    assert elsewhere.post(address, {"elsewhere": "no"}).status_code == 404
    assert client_of(at(Role.NURSE)).post(address, {"elsewhere": "no"}).status_code == 403


def test_nothing_is_asked_before_sex_and_year_are_known(trial: None) -> None:
    new = register_participant(actor=COORDINATOR, site_code="GR01", sepsis_at=clock.now() - timedelta(hours=2))
    with pytest.raises(Refused) as refusal:
        answer_identity(actor=COORDINATOR, number=new.number, same={}, elsewhere=False)
    assert refusal.value.code == "no_answers"
