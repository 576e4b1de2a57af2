"""Guesses of a password: counted by the person, on every page, and barring nobody from a code break."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from django.test import Client

from immunosep_site.demonstration import cast
from randomization.accounts.roles import Role
from randomization.audit.models import Event
from randomization.shared import clock
from tests.permissions import client_of

pytestmark = pytest.mark.once

SITE = "GR01"
PHARMACIST = cast.at_site(Role.PHARMACIST, SITE)
WIDE = {ord(letter): ord(letter) + 0xFEE0 for letter in "abcdefghijklmnopqrstuvwxyz"}


def guess(name: str, password: str = "wrong password") -> int:
    return Client().post("/log-in/", {"username": name, "password": password}).status_code


@pytest.mark.requirement("R33")
def test_another_spelling_of_a_name_is_the_same_name(trial: None) -> None:
    name = "preparer.gr01"
    for turn in range(5):
        assert guess(name.translate(WIDE) if turn % 2 else name.upper()) == 422
    assert guess(name, cast.PASSWORD) == 429
    assert Event.objects.filter(subject=name, action="log_in.failed").count() == 5
    with time_machine.travel(clock.now() + timedelta(minutes=16), tick=False):
        assert guess(name.translate(WIDE), cast.PASSWORD) == 302
    assert Event.objects.filter(subject=name, action="log_in").exists()


@pytest.mark.requirement("R17")
def test_nobodys_guesses_lock_a_code_break_away(trial: None) -> None:
    for _turn in range(5):
        assert guess("investigator.gr01") == 422
    assert guess("investigator.gr01", cast.PASSWORD) == 429
    with time_machine.travel(clock.now() + timedelta(seconds=11), tick=False):
        assert guess("investigator.gr01", cast.PASSWORD) == 302


def test_the_page_that_changes_a_password_is_no_oracle(trial: None) -> None:
    client = client_of(PHARMACIST)
    form = {"old": "wrong password", "new": "a new one that is long"}
    assert [client.post("/password/", form).status_code for _turn in range(6)] == [422] * 6
    assert b"locked for 15 minutes" in client.post("/password/", {**form, "old": cast.PASSWORD}).content
    assert Event.objects.filter(subject=PHARMACIST.user_name, action="password.failed").count() == 5
