"""Accounts under attack: guesses of strangers, a missing second factor, proposals and reasons of others, formulas."""

from __future__ import annotations

import csv
import io
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
import time_machine
from django.test import Client

from immunosep_site.demonstration import cast, play
from immunosep_site.demonstration.play import Case
from randomization.accounts.lock_out import LOCKED, LOCKED_SHORTLY
from randomization.accounts.models import Account, Membership, Proposal, SecondFactor
from randomization.accounts.roles import Role
from randomization.accounts.services.appoint import Delegation, end_membership, refuse_delegation
from randomization.accounts.services.recover_account import ask_recovery
from randomization.audit.models import Event
from randomization.delivery import totp
from randomization.shared import clock
from randomization.shared.csv_file import write_csv
from randomization.shared.errors import NotFound
from randomization.unblinded.codebreak.models import CodeBreak
from randomization.unblinded.codebreak.selectors import unblindings
from randomization.unblinded.people.services.appoint_by_two import confirm, propose
from randomization.unblinded.people.services.recover_by_two import confirm_and_tell
from randomization.unblinded.people.waiting_requests import waiting_recoveries
from tests.conftest import tampering
from tests.permissions import client_of

pytestmark = pytest.mark.once

BREAKER, SAFETY = cast.at_site(Role.CODE_BREAKER, "GR01"), cast.SAFETY_OFFICER
LATE = Delegation("late.pharmacist", "late@example.org", Role.PHARMACIST, "GR01")


def log_in(client: Client, name: str = BREAKER.user_name, password: str = cast.PASSWORD) -> Any:
    return client.post("/log-in/", {"username": name, "password": password})


def break_code(client: Client, number: str) -> int:
    why = {"number": number, "category": "emergency", "reason": "shock", "secret": cast.PASSWORD}
    return client.post("/code-break/", {**why, "request_uid": str(uuid4())}).status_code


@pytest.mark.requirement("R18", "R33")
def test_a_stranger_who_guesses_all_night_bars_nobody_from_a_code_break(trial: None) -> None:
    number, inside = play.enrol(Case("GR01")).participant, client_of(BREAKER)
    known = Client()
    assert log_in(known).status_code == 302
    known.post("/log-out/")
    with time_machine.travel(clock.now(), tick=False) as machine:
        for second in range(60):
            machine.shift(timedelta(seconds=1))
            stranger = log_in(Client(), password=f"guess {second}")
        assert stranger.status_code == 429
        assert LOCKED_SHORTLY in stranger.content.decode()
        assert LOCKED not in stranger.content.decode()
        assert break_code(inside, number) == 200, "who is logged in signs, whatever strangers do"
        assert log_in(known).status_code == 302, "and logs in where they did before"
        known.post("/log-out/")
        for guess in range(6):
            answer = log_in(known, password=f"guess {guess}")
        assert answer.status_code == 429, "a device that is known has five guesses of its own"
    assert CodeBreak.objects.filter(participant_number=number).exists()


def test_a_locked_name_costs_no_hash(trial: None, monkeypatch: pytest.MonkeyPatch) -> None:
    for _turn in range(5):
        log_in(Client(), password="x")

    def hashed(account: Account, password: str) -> bool:
        raise AssertionError("a password was hashed")

    monkeypatch.setattr(Account, "check_password", hashed)
    assert log_in(Client()).status_code == 429


def test_the_safety_officer_waits_seconds_as_well(trial: None) -> None:
    for _turn in range(5):
        log_in(Client(), SAFETY.user_name, "x")
    with time_machine.travel(clock.now() + timedelta(seconds=11)):
        assert log_in(Client(), SAFETY.user_name).status_code == 302


def test_who_has_no_role_is_told_so_and_counted(trial: None) -> None:
    held = Membership.objects.get(account__user_name=SAFETY.user_name)
    end_membership(actor=cast.STATISTICIAN, membership_id=str(held.id), reason="left")
    right = log_in(Client(), SAFETY.user_name)
    assert right.status_code == 422
    assert "No role of yours holds now" in right.content.decode()
    codes = [log_in(Client(), SAFETY.user_name, "x").status_code for _turn in range(6)]
    assert codes == [422] * 5 + [429]
    assert Event.objects.filter(action="log_in.failed", subject=SAFETY.user_name, role="nobody").count() == 5


@pytest.fixture
def without_factor(trial: None) -> Client:
    """Who breaks codes, logged in without the second factor that is asked."""
    with tampering():
        account = Account.objects.get(user_name=BREAKER.user_name)
        SecondFactor.objects.create(account=account, sealed=totp.new_sealed(), confirmed_at=clock.now())
    client = Client()
    assert "second-step" in log_in(client).headers["Location"]
    lost = {"code": "", "reason": "lost my telephone"}
    assert client.post("/log-in/second-step/", lost).headers["Location"] == "/"
    return client


@pytest.mark.requirement("R33")
def test_without_the_second_factor_nothing_of_the_account_is_changed(without_factor: Client) -> None:
    for address, form in (
        ("/second-step/", {"password": cast.PASSWORD}),
        ("/second-step/confirm/", {"code": "123456"}),
        ("/password/", {"old": cast.PASSWORD, "new": "a password of the thief"}),
    ):
        refused = without_factor.post(address, form)
        assert refused.status_code == 403, address
        assert "without the second step" in refused.content.decode()
    assert SecondFactor.objects.count() == 1
    number = play.enrol(Case("GR01")).participant
    assert break_code(without_factor, number) == 200
    assert [unblinding.without_factor for unblinding in unblindings(SAFETY)] == [True]


def test_a_session_ends_after_twelve_hours_whatever_is_done_in_it(without_factor: Client) -> None:
    start = clock.now()
    with time_machine.travel(start, tick=False) as machine:
        for step in range(1, 25):
            machine.move_to(start + timedelta(minutes=29 * step))
            assert without_factor.get("/").status_code == 200, step
        machine.move_to(start + timedelta(hours=12, minutes=1))
        assert without_factor.get("/").headers["Location"].startswith("/log-in/")


def test_no_part_of_a_cell_is_a_formula_whatever_parts_the_cells() -> None:
    text = write_csv(
        ("who", "why"), [("=1", "late;=1+1;x"), ("a", "x\n=2+2"), ("b", "x; @SUM(A1)\t-1"), ("c", "1-2=-1")]
    )
    for delimiter in ",;\t":
        cells = [cell for row in csv.reader(io.StringIO(text), delimiter=delimiter) for cell in row]
        assert [cell for cell in cells if cell.strip().startswith(("=", "+", "-", "@"))] == []
    assert "1-2=-1" in text
    first = csv.reader(io.StringIO(write_csv(("why",), [("\tx",), ("\ry",)]), newline=""))
    assert [row[0] for row in first] == ["why", "'\tx", "'\ry"]


@pytest.mark.requirement("R31")
def test_a_proposal_runs_out_is_refused_and_ends_with_who_made_it(trial: None) -> None:
    def proposed() -> Proposal:
        return propose(actor=cast.STATISTICIAN, delegation=LATE, password="known to who proposed")

    old = proposed()
    with time_machine.travel(clock.now() + timedelta(days=8)), pytest.raises(NotFound):
        confirm(actor=cast.SECOND_STATISTICIAN, proposal_id=str(old.id))
    refused = proposed()
    refuse_delegation(actor=cast.SECOND_STATISTICIAN, proposal_id=str(refused.id))
    with pytest.raises(NotFound):
        confirm(actor=cast.SECOND_STATISTICIAN, proposal_id=str(refused.id))
    assert Event.objects.filter(action="person.propose.refuse", subject=LATE.user_name).exists()
    second = client_of(cast.SECOND_STATISTICIAN)
    assert second.post(f"/people/{proposed().id}/refuse/").status_code == 302
    assert second.delete(f"/api/v1/people/proposals/{proposed().id}/").status_code == 204
    orphan = proposed()
    held = Membership.objects.get(account__user_name=cast.STATISTICIAN.user_name)
    end_membership(actor=cast.SECOND_STATISTICIAN, membership_id=str(held.id), reason="dismissed")
    with pytest.raises(NotFound):
        confirm(actor=cast.SECOND_STATISTICIAN, proposal_id=str(orphan.id))


def test_the_second_person_reads_the_reason_of_this_request_alone(trial: None) -> None:
    def ask(reason: str) -> str:
        request = {"user_name": BREAKER.user_name, "reason": reason, "password": "another first password"}
        return str(ask_recovery(actor=cast.STATISTICIAN, **request).id)

    confirm_and_tell(actor=cast.SECOND_STATISTICIAN, recovery_id=ask("called back on the number in the log"))
    with time_machine.travel(clock.now() + timedelta(days=120)):
        ask("again")
        assert [reason for _request, reason in waiting_recoveries(cast.SECOND_STATISTICIAN)] == ["again"]
        shown = client_of(cast.SECOND_STATISTICIAN).get("/api/v1/people/readmissions/").json()
        assert [recovery["reason"] for recovery in shown] == ["again"]
