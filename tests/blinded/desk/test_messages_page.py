"""The trial manager's page of the hatch, and the same over the API: what stops the messages, and letting them go on."""

from __future__ import annotations

import json
import re
import uuid
from typing import Any

import pytest
from django.test import Client

from randomization.blinded.inbox.services.apply_next import apply_inbox
from randomization.blinded.sites.models import Site
from randomization.hatch.messages import SiteSupply
from randomization.hatch.models import ForeignRow, InboxMessage
from tests.blinded.world import HAND, MANAGER, PASSWORD
from tests.permissions import client_of
from tests.signed import Hand, insert

pytestmark = pytest.mark.once

PAGE, API = "/messages/", "/api/v1/messages/"


def forge() -> None:
    insert(Hand.new().row(kind="GR01-001 PRECISION", payload='"PRECISION"'))
    apply_inbox()


def shown_on(page: str) -> str:
    match = re.search(r'name="shown" value="([0-9a-f]{64})"', page)
    assert match is not None
    return match[1]


def test_without_trouble_there_is_nothing_to_sign(trial: None) -> None:
    client = client_of(MANAGER)
    page = client.get(PAGE).content.decode()
    assert "Messages go on; nothing is wrong." in page
    assert "Your password, to sign" not in page
    assert client.get(API).json()["stops"] == []
    answer = client.post(PAGE, {"shown": "x", "reason": "why", "secret": PASSWORD})
    assert answer.status_code == 422


def test_a_foreign_row_is_looked_at_on_the_page(trial: None) -> None:
    forge()
    waits = insert(HAND.row(SiteSupply("GR01", False)))
    client = client_of(MANAGER)
    page = client.get(PAGE).content.decode()
    assert "Messages are stopped, and nobody can be randomised." in page
    assert "from another installation" in page
    assert "PRECISION" not in page, "nothing of the row is shown"
    assert Site.objects.get(code="GR01").may_supply
    body = {"shown": shown_on(page), "reason": "a test of the host", "secret": "wrong"}
    assert client.post(PAGE, body).status_code == 422
    assert client.post(PAGE, {**body, "secret": PASSWORD, "reason": ""}).status_code == 422
    assert ForeignRow.objects.filter(released_at=None).exists()
    assert client.post(PAGE, {**body, "secret": PASSWORD}).status_code == 302
    assert "Messages go on" in client.get(PAGE).content.decode()
    assert not Site.objects.get(code="GR01").may_supply, "what waited was applied"
    assert InboxMessage.objects.get(signature=waits.signature).payload != ""


def test_more_of_them_since_the_page_was_opened_are_read_first(trial: None) -> None:
    forge()
    client = client_of(MANAGER)
    shown = shown_on(client.get(PAGE).content.decode())
    forge()
    answer = client.post(PAGE, {"shown": shown, "reason": "a test", "secret": PASSWORD})
    assert answer.status_code == 422
    assert "read it again" in answer.content.decode()
    assert ForeignRow.objects.filter(released_at=None).count() == 2


def _signed(client: Client, **changed: Any) -> Any:
    body = {
        "shown": client.get(API).json()["shown"],
        "reason": "a test of the host",
        "signature": {"user_name": MANAGER.user_name, "secret": PASSWORD},
        **changed,
    }
    return client.post(API, json.dumps(body), content_type="application/json")


def test_the_same_over_the_api(trial: None) -> None:
    forge()
    client = client_of(MANAGER)
    state = client.get(API).json()
    assert state["stops"] == ["foreign"]
    assert [row["why"] for row in state["foreign"]] == ["other_installation"]
    assert set(state["foreign"][0]) == {"why", "noted_at"}
    assert _signed(client, shown="0" * 64).json()["code"] == "signed_changed"
    assert _signed(client, reason=" ").status_code in {400, 422}
    assert _signed(client).status_code == 204
    assert client.get(API).json() == {"stops": [], "foreign": [], "shown": client.get(API).json()["shown"]}
    assert _signed(client).json()["code"] == "nothing_foreign"


def test_a_missing_one_is_said_and_needs_no_signature(trial: None) -> None:
    last = insert(HAND.row(SiteSupply("GR01", False)))
    apply_inbox()
    insert(HAND.row(SiteSupply("GR01", True), number=last.number + 2, uid=uuid.uuid4()))
    apply_inbox()
    page = client_of(MANAGER).get(PAGE).content.decode()
    assert "A message is missing." in page
    assert "Your password, to sign" not in page
