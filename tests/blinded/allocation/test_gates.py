"""The gates of an allocation: the rule alone, and that page, board and service say the same of every gate."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from html import escape
from itertools import combinations
from typing import Final

import pytest
import time_machine

from randomization.accounts.roles import Role
from randomization.blinded.allocation.gate_facts import facts_of
from randomization.blinded.allocation.gates import Facts, FileFacts, FileGate, Signed, against_allocation
from randomization.blinded.allocation.models import Allocation
from randomization.blinded.screening.eligibility import window_ends_at, window_is_over
from randomization.blinded.screening.identity import Identity, IdentityGate, LookAlike
from randomization.blinded.screening.models import Participant
from randomization.blinded.screening.same_person import identity_of
from randomization.blinded.screening.selectors import find_participant, open_reasons, protocol_for
from randomization.blinded.screening.services.register_participant import register_participant
from randomization.blinded.screening.states import State
from randomization.blinded.sites.gates import SiteFacts, SiteGate, TransferGate, against_randomising, against_transfer
from randomization.blinded.sites.models import Site
from randomization.blinded.sites.selectors import protocol_in_force
from randomization.shared import clock
from randomization.shared.actor import SYSTEM
from randomization.shared.errors import Refused
from randomization.shared.obstacles import Obstacle, refuse
from tests.blinded.screening.steps import answer, correct_sex, eligible
from tests.blinded.world import MANAGER, at, confirm, randomise, screen, verdict
from tests.conftest import tampering
from tests.permissions import client_of

pytestmark = pytest.mark.once

COORDINATOR: Final = at(Role.COORDINATOR)
SITE: Final = SiteFacts(
    code="GR01",
    is_open=True,
    drill_is_done=True,
    messages_are_stopped=False,
    may_supply=True,
    protocol="a" * 64,
)
OPEN: Final = Facts(
    FileFacts(has_consent=True, is_withdrawn=False, signed=Signed.ELIGIBLE, has_verdict=True, window_is_over=False),
    Identity(elsewhere=False),
    SITE,
)


def in_file(**changed: object) -> Callable[[Facts], Facts]:
    return lambda facts: replace(facts, file=replace(facts.file, **changed))  # type: ignore[arg-type]


def at_site(**changed: object) -> Callable[[Facts], Facts]:
    return lambda facts: replace(facts, site=replace(facts.site, **changed))  # type: ignore[arg-type]


def known(identity: Identity) -> Callable[[Facts], Facts]:
    return lambda facts: replace(facts, identity=identity)


CLOSING: Final = [
    (FileGate.NO_CONSENT, in_file(has_consent=False)),
    (FileGate.WITHDRAWN, in_file(is_withdrawn=True)),
    (FileGate.NOT_SIGNED, in_file(signed=Signed.NOT_YET)),
    (FileGate.CHANGED, in_file(signed=Signed.BEFORE_A_CHANGE)),
    (FileGate.NOT_ELIGIBLE, in_file(signed=Signed.NOT_ELIGIBLE)),
    (FileGate.WINDOW_OVER, in_file(window_is_over=True)),
    (IdentityGate.RANDOMISED_BEFORE, known(Identity(elsewhere=False, randomised_as="GR01-001"))),
    (IdentityGate.RANDOMISED_ELSEWHERE, known(Identity(elsewhere=True))),
    (IdentityGate.OPEN, known(Identity((LookAlike("GR01-001", None),), elsewhere=False))),
    (SiteGate.CLOSED, at_site(is_open=False)),
    (SiteGate.NO_DRILL, at_site(drill_is_done=False)),
    (SiteGate.MESSAGES_STOPPED, at_site(messages_are_stopped=True)),
    (SiteGate.NO_SUPPLY, at_site(may_supply=False)),
]
"""What closes each gate, in the order in which gates are named."""
ONE_OF: Final = ({FileGate.NOT_SIGNED, FileGate.CHANGED, FileGate.NOT_ELIGIBLE}, set(IdentityGate))
"""Gates of which one alone is closed at a time."""


def gates(obstacles: tuple[Obstacle, ...]) -> list[object]:
    return [obstacle.gate for obstacle in obstacles]


def test_the_table_closes_every_gate() -> None:
    assert [gate for gate, _close in CLOSING] == [*FileGate, *IdentityGate, *SiteGate]
    assert against_allocation(OPEN) == ()
    refuse(())


@pytest.mark.requirement("R05")
@pytest.mark.parametrize(("gate", "close"), CLOSING, ids=[gate for gate, _close in CLOSING])
def test_each_gate_alone(gate: FileGate, close: Callable[[Facts], Facts]) -> None:
    obstacles = against_allocation(close(OPEN))
    assert gates(obstacles) == [gate]
    assert obstacles[0].sentence.endswith(".")
    with pytest.raises(Refused) as refusal:
        refuse(obstacles)
    assert (refusal.value.code, refusal.value.sentence) == (gate.value, obstacles[0].sentence)


@pytest.mark.requirement("R05")
@pytest.mark.parametrize(("first", "second"), list(combinations(CLOSING, 2)))
def test_two_gates_in_their_order(
    first: tuple[FileGate, Callable[[Facts], Facts]], second: tuple[FileGate, Callable[[Facts], Facts]]
) -> None:
    together = gates(against_allocation(second[1](first[1](OPEN))))
    if any({first[0], second[0]} <= group for group in ONE_OF):
        assert together == [second[0]]
    else:
        assert together == [first[0], second[0]]


@pytest.mark.parametrize(
    ("signed", "closed"),
    [
        (Signed.NOT_YET, FileGate.NOT_SIGNED),
        (Signed.BEFORE_A_CHANGE, FileGate.CHANGED),
        (Signed.NOT_ELIGIBLE, FileGate.NOT_ELIGIBLE),
        (Signed.ELIGIBLE, FileGate.NOT_ELIGIBLE),
    ],
)
def test_without_a_verdict_nobody_is_eligible_whatever_was_signed(signed: Signed, closed: FileGate) -> None:
    assert gates(against_allocation(in_file(signed=signed, has_verdict=False)(OPEN))) == [closed]


@pytest.mark.parametrize(
    ("changed", "closed"),
    [
        ({}, []),
        ({"is_open": False}, []),
        ({"messages_are_stopped": True}, []),
        ({"drill_is_done": False}, [SiteGate.NO_DRILL]),
        ({"may_supply": False}, [SiteGate.NO_SUPPLY]),
        ({"protocol": None}, [TransferGate.OTHER_PROTOCOL]),
        ({"protocol": "b" * 64, "may_supply": False}, [TransferGate.OTHER_PROTOCOL, SiteGate.NO_SUPPLY]),
        ({"drill_is_done": False, "may_supply": False}, [SiteGate.NO_DRILL, SiteGate.NO_SUPPLY]),
    ],
)
def test_a_closed_site_treats_and_treatment_goes_on_while_messages_are_stopped(
    changed: dict[str, object], closed: list[object]
) -> None:
    site = replace(SITE, **changed)  # type: ignore[arg-type]
    assert gates(against_transfer(site, protocol=SITE.protocol)) == closed


def test_the_gates_of_a_site_name_it() -> None:
    site = replace(SITE, is_open=False, drill_is_done=False)
    assert [obstacle.sentence for obstacle in against_randomising(site)] == [
        "GR01 is closed for randomisation.",
        "GR01 has not rehearsed the code break yet: the investigator does the drill first.",
    ]


@pytest.mark.requirement("R05")
@pytest.mark.parametrize(("microseconds", "over"), [(-1, False), (0, True), (1, True)])
def test_the_window_is_exclusive(trial: None, microseconds: int, over: bool) -> None:
    rules, sepsis_at = protocol_in_force("GR01").eligibility, datetime(2026, 3, 28, 23, 30, tzinfo=UTC)
    moment = sepsis_at + timedelta(hours=72, microseconds=microseconds)
    assert window_is_over(sepsis_at, rules, moment) is over
    assert (moment >= window_ends_at(sepsis_at, rules)) is over


def withdrawn() -> str:
    number = eligible()
    with tampering():
        Participant.objects.filter(number=number).update(state=State.WITHDRAWN)
    return number


def without_consent() -> str:
    sepsis_at = clock.now() - timedelta(hours=3)
    return register_participant(actor=COORDINATOR, site_code="GR01", sepsis_at=sepsis_at).number


def unsigned() -> str:
    number = screen()
    verdict(number)
    return number


def signed_before_a_change() -> str:
    """The state alone does not say that something was changed."""
    number = eligible()
    with tampering():
        Participant.objects.filter(number=number).update(sepsis_at=clock.now() - timedelta(hours=31))
    return number


def signed_not_eligible() -> str:
    number = screen()
    verdict(number, "not eligible")
    confirm(number)
    return number


def asked_again() -> str:
    number = eligible()
    correct_sex(number, "male")
    confirm(number)
    return number


def attested_elsewhere() -> str:
    number = eligible()
    answer(number, elsewhere=True, reason="the family confirmed it")
    return number


def same_as_somebody_randomised() -> str:
    number = eligible()
    answer(number, GR01_001=True, reason="the same wristband")
    return number


def at_a_site(**changed: object) -> Callable[[], str]:
    def spoil() -> str:
        number = eligible()
        with tampering():
            Site.objects.filter(code="GR01").update(**changed)
        return number

    return spoil


SPOILED: Final[list[tuple[object, Callable[[], str]]]] = [
    (FileGate.NO_CONSENT, without_consent),
    (FileGate.WITHDRAWN, withdrawn),
    (FileGate.NOT_SIGNED, unsigned),
    (FileGate.CHANGED, signed_before_a_change),
    (FileGate.NOT_ELIGIBLE, signed_not_eligible),
    (FileGate.WINDOW_OVER, eligible),
    (IdentityGate.RANDOMISED_BEFORE, same_as_somebody_randomised),
    (IdentityGate.RANDOMISED_ELSEWHERE, attested_elsewhere),
    (IdentityGate.OPEN, asked_again),
    (SiteGate.CLOSED, at_a_site(closed_at=datetime(2026, 1, 1, tzinfo=UTC))),
    (SiteGate.NO_DRILL, at_a_site(drill_done_at=None)),
    (SiteGate.MESSAGES_STOPPED, at_a_site(messages_stopped=True)),
    (SiteGate.NO_SUPPLY, at_a_site(may_supply=False)),
]


@pytest.mark.requirement("R05", "R06")
@pytest.mark.parametrize(("gate", "spoil"), SPOILED, ids=[str(gate) for gate, _spoil in SPOILED])
def test_page_board_and_service_agree_about_every_gate(trial: None, gate: object, spoil: Callable[[], str]) -> None:
    assert [gate for gate, _spoil in SPOILED] == [gate for gate, _close in CLOSING]
    number, later = spoil(), clock.now() + timedelta(hours=80 if gate is FileGate.WINDOW_OVER else 0)
    with time_machine.travel(later, tick=False):
        participant = find_participant(SYSTEM, number)
        closed = against_allocation(facts_of(participant, identity_of(participant), clock.now()))
        assert gate in gates(closed)
        with pytest.raises(Refused) as refusal:
            randomise(number)
        assert (refusal.value.code, refusal.value.sentence) == (closed[0].code, closed[0].sentence)
        client = client_of(COORDINATOR)
        page = client.get(f"/participants/{number}/randomise/").content.decode()
        said = {reason.code: reason.sentence for reason in open_reasons(participant, protocol_for(participant))}
        for obstacle in closed:
            assert escape(said.get(obstacle.code, obstacle.sentence)) in page
        assert "cannot be randomised now" in page
        assert client.get(f"/api/v1/participants/{number}/next-step/").json()["step"] != "Randomise"
    assert not Allocation.objects.filter(participant__number=number).exists()


@pytest.mark.requirement("R05", "R06")
def test_where_every_gate_is_open_all_three_say_so(trial: None) -> None:
    number, client = eligible(), client_of(COORDINATOR)
    assert "cannot be randomised now" not in client.get(f"/participants/{number}/randomise/").content.decode()
    assert client.get(f"/api/v1/participants/{number}/next-step/").json()["step"] == "Randomise"
    assert randomise(number)


def test_the_trial_manager_reads_which_gate_of_a_site_is_closed(trial: None) -> None:
    with tampering():
        Site.objects.filter(code="GR02").update(messages_stopped=True)
    page = client_of(MANAGER).get("/overview/").content.decode()
    assert page.count("messages stopped") == 1
    assert '<span class="tag good">ready</span>' in page
