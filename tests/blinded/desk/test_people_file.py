"""A file of people is held to what the form for one person asks."""

from __future__ import annotations

import io

import pytest

from randomization.accounts.models import Account
from randomization.blinded.desk.people_file import HEAD
from tests.blinded.world import MANAGER
from tests.permissions import client_of

pytestmark = pytest.mark.once


@pytest.mark.parametrize(
    "line",
    [
        "nurse.x,n p@hospital gr,nurse,GR01,log,1",
        "bad name!,n@example.org,nurse,GR01,log,1",
        f"nurse.x,n@example.org,nurse,GR01,{'l' * 100},1",
        "coordinator.gr01,other@example.org,nurse,GR02,log,1",
        f"nurse.x,n@example.org,nurse,GR01,{'l' * 200_000},1",
    ],
    ids=["address", "name", "delegation", "another's name", "a cell without end"],
)
def test_a_file_is_held_to_what_the_form_asks(trial: None, line: str) -> None:
    before = Account.objects.count()
    file = io.StringIO("\n".join([",".join(HEAD), line]))
    assert client_of(MANAGER).post("/people/import/", {"file": file}).status_code in {409, 422}
    assert Account.objects.count() == before
