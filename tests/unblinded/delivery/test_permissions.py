"""Unblinded addresses: one table of who may open what."""

from __future__ import annotations

import pytest
from django.test import Client

from randomization.shared.actor import Actor
from tests.pages import unseen
from tests.permissions import client_of, missing_from
from tests.unblinded.delivery.permission_table import (
    EVERYBODY,
    LABORATORY,
    OTHER_COUNTRY,
    OTHER_SITE,
    PHARMACIST,
    PREPARER,
    TABLE,
)

pytestmark = pytest.mark.once


def test_every_address_is_in_the_table_and_every_page_is_shown_to_axe() -> None:
    assert missing_from(set(TABLE)) == set()
    assert unseen("unblinded") == set()


@pytest.fixture
def clients(trial: None) -> dict[Actor, Client]:
    """Everybody, logged in."""
    return {actor: client_of(actor) for actor in EVERYBODY}


def check_who_may_open(clients: dict[Actor, Client], name: str, address: str, allowed: tuple[Actor, ...]) -> None:
    """Everybody tries; out of reach looks like nothing there."""
    roles = {actor.role for actor in allowed}
    assert Client().get(address).status_code in {302, 401, 403}, name
    for actor, client in clients.items():
        expected = 200 if actor in allowed else 404 if actor.role in roles else 403
        assert client.get(address).status_code == expected, (name, actor)


@pytest.mark.requirement("R11", "R32")
def test_who_may_open_what_is_the_same_for_every_site(clients: dict[Actor, Client]) -> None:
    for name, entry in TABLE.items():
        if entry and "{" not in entry[0]:
            check_who_may_open(clients, name, *entry)


@pytest.mark.requirement("R11", "R32")
def test_who_may_open_what_belongs_to_one_site(clients: dict[Actor, Client], places: dict[str, str]) -> None:
    for name, entry in TABLE.items():
        if entry and "{" in entry[0]:
            check_who_may_open(clients, name, entry[0].format(**places), entry[1])


@pytest.mark.requirement("R11")
def test_who_may_send(clients: dict[Actor, Client], places: dict[str, str]) -> None:
    sample, preparation, dose = (places[key] for key in ("sample", "preparation", "dose"))
    bench, laboratory = (PHARMACIST, PREPARER), (LABORATORY,)
    table = {
        (f"/pharmacy/doses/{dose}/prepare/", bench, OTHER_SITE),
        (f"/pharmacy/preparations/{preparation}/labels/", bench, OTHER_SITE),
        (f"/api/v1/pharmacy/preparations/{preparation}/labels.pdf", bench, OTHER_SITE),
        (f"/api/v1/pharmacy/preparations/{preparation}/labels.zpl", bench, OTHER_SITE),
        (f"/pharmacy/kits/{places['kit']}/acknowledge/", bench, OTHER_SITE),
        (f"/api/v1/pharmacy/calls/{places['kit']}/acknowledgement/", bench, OTHER_SITE),
        (f"/pharmacy/kits/{places['kit']}/prepare/", bench, OTHER_SITE),
        (f"/pharmacy/kits/{places['kit']}/labels/", bench, OTHER_SITE),
        (f"/laboratory/{sample}/receive/", laboratory, OTHER_COUNTRY),
        (f"/pharmacy/stock/cartons/{places['carton']}/close/", bench, OTHER_SITE),
        (f"/api/v1/pharmacy/stock/cartons/{places['carton']}/closing/", bench, OTHER_SITE),
    }
    for address, allowed, elsewhere in table:
        for actor, client in clients.items():
            answer = client.post(address, {"received_at": ""})
            if actor in allowed:
                assert answer.status_code not in {403, 404}, (address, actor)
            else:
                assert answer.status_code in ({404} if actor == elsewhere else {403, 404}), (address, actor)


def test_the_pages_of_the_blinded_side_are_not_here(trial: None) -> None:
    for address in ("/participants/", "/bedside/", "/desk/", "/api/v1/participants/"):
        assert client_of(PHARMACIST).get(address).status_code == 404
