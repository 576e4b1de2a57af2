"""The second step at log-in: set up, asked, used once, ended."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client

from randomization.accounts.models import SecondFactor
from randomization.accounts.roles import Role
from randomization.audit.models import Event
from randomization.delivery import totp
from randomization.shared import clock
from randomization.shared.errors import TamperingFound
from tests.blinded.world import PASSWORD, at
from tests.permissions import client_of

NURSE = at(Role.NURSE)


def code_now(*, offset: int = 0) -> str:
    sealed = SecondFactor.objects.get(account__user_name=NURSE.user_name).sealed
    step = int(clock.now().timestamp()) // 30 + offset
    return totp._totp(totp.opened(sealed)).generate(step * 30).decode()


def password_step(client: Client) -> Any:
    credentials = {"username": NURSE.user_name, "password": PASSWORD, "next": "/bedside/"}
    return client.post("/log-in/?next=/bedside/", credentials)


@pytest.fixture
def enrolled(trial: None) -> Client:
    """A nurse whose log-in asks for a code."""
    client = client_of(NURSE)
    assert client.post("/second-step/", {"password": "wrong"}).status_code == 422
    page = client.post("/second-step/", {"password": PASSWORD})
    assert b"otpauth://totp/ImmunoSep%20blinded" in page.content
    assert b"<svg" in page.content
    assert client.post("/second-step/confirm/", {"code": "000000"}).status_code == 422
    assert SecondFactor.objects.get().confirmed_at is None
    assert Client().post("/log-in/", {"username": NURSE.user_name, "password": PASSWORD}).headers["Location"] == "/"
    assert client.post("/second-step/confirm/", {"code": code_now(offset=-1)}).status_code == 302
    return client


def test_the_known_vectors_of_rfc_6238() -> None:
    """Appendix B, SHA-1, the last six of eight digits."""
    sealed = totp._sealer().encrypt(b"12345678901234567890").decode()
    for seconds, code in ((59, "287082"), (1111111109, "081804"), (1234567890, "005924"), (2000000000, "279037")):
        moment = datetime.fromtimestamp(seconds, UTC)
        assert totp.step_of(sealed, code, moment, after=0) == seconds // 30
        assert totp.step_of(sealed, code, moment, after=seconds // 30) is None
        assert totp.step_of(sealed, code, moment + timedelta(seconds=90), after=0) is None


@pytest.mark.requirement("R33")
def test_the_password_alone_is_not_enough(enrolled: Client) -> None:
    client = Client()
    answer = password_step(client)
    assert answer.headers["Location"].startswith("/log-in/second-step/?next=")
    assert client.get("/bedside/").status_code == 302, "not logged in yet"
    assert client.post(answer.headers["Location"], {"code": "000000"}).status_code == 422
    good = code_now()
    assert client.post(answer.headers["Location"], {"code": good}).headers["Location"] == "/bedside/"
    assert client.get("/bedside/").status_code == 200
    again = Client()
    password_step(again)
    assert again.post("/log-in/second-step/", {"code": good}).status_code == 422, "a code works once"
    without = again.post("/log-in/second-step/", {"code": "", "reason": "lost"})
    assert without.status_code == 422, "for who breaks codes alone"
    assert Event.objects.filter(action="factor.use", subject=NURSE.user_name).count() == 1


def test_wrong_codes_lock_and_the_step_waits_five_minutes(enrolled: Client) -> None:
    client = Client()
    password_step(client)
    with time_machine.travel(clock.now() + timedelta(minutes=6)):
        assert client.get("/log-in/second-step/").headers["Location"] == "/log-in/"
    assert Client().get("/log-in/second-step/").headers["Location"] == "/log-in/"
    for _turn in range(5):
        client.post("/log-in/second-step/", {"code": "111111"})
    assert "locked" in client.post("/log-in/second-step/", {"code": code_now()}).content.decode()


def test_a_token_takes_the_code_too_and_another_address_is_not_followed(enrolled: Client) -> None:
    body = {"user_name": NURSE.user_name, "password": PASSWORD}
    client = Client()
    assert client.post("/api/v1/tokens/", body, "application/json").status_code == 422
    assert client.post("/api/v1/tokens/", {**body, "code": code_now()}, "application/json").status_code == 201
    password_step(client)
    with time_machine.travel(clock.now() + timedelta(seconds=40)):
        answer = client.post("/log-in/second-step/?next=https://evil.example/", {"code": code_now()})
    assert answer.headers["Location"] == "/"


def test_it_is_ended_with_the_password_and_sealed_with_the_sides_key(enrolled: Client, settings: Any) -> None:
    sealed = SecondFactor.objects.get().sealed
    assert enrolled.post("/second-step/", {"password": PASSWORD}).status_code == 302
    assert not SecondFactor.objects.exists()
    settings.SECRET_KEY = "another"
    with pytest.raises(TamperingFound):
        totp.opened(sealed)
