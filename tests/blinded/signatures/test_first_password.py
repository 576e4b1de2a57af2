"""A first password, which somebody else knows, signs nothing (21 CFR 11.200)."""

from __future__ import annotations

from typing import Any

import pytest

from randomization.accounts.roles import Role
from randomization.accounts.services.change_password import change_password
from randomization.blinded.screening.services.correct_covid19 import CorrectCovid19
from randomization.shared.errors import SignatureRefused
from randomization.signatures.signing import sign
from tests.blinded.world import NUMBER, PASSWORD, at
from tests.permissions import client_of


@pytest.mark.requirement("R35")
def test_nobody_signs_before_they_set_a_password_of_their_own(trial: None, settings: Any) -> None:
    actor = at(Role.INVESTIGATOR)
    command = CorrectCovid19(NUMBER, True, "the swab came back")
    settings.DEMONSTRATION = False
    with pytest.raises(SignatureRefused) as refusal:
        sign(actor=actor, secret=PASSWORD, command=command)
    assert refusal.value.code == "first_password"
    change_password(actor=actor, old=PASSWORD, new="a password of my own")
    assert sign(actor=actor, secret="a password of my own", command=command)


def test_an_investigator_finds_the_code_break_without_being_told(trial: None) -> None:
    client = client_of(at(Role.INVESTIGATOR))
    for page in ("/", f"/participants/{NUMBER}/"):
        assert "http://127.0.0.1:8001/code-break/" in client.get(page).content.decode(), page
    assert "code-break" not in client_of(at(Role.NURSE)).get("/").content.decode()
