"""The page and the API that enter an envelope: what was against the protocol is asked about, and a reason taken."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
import time_machine
from django.core.cache import cache

from randomization.accounts.roles import Role
from randomization.blinded.screening.models import Deviation
from randomization.hatch.messages import SlotsSealed
from randomization.shared import clock
from randomization.shared.ids import new_kit_code
from tests.blinded.delivery.steps import local
from tests.blinded.world import PASSWORD, at, confirm, screen, send, verdict
from tests.permissions import client_of

pytestmark = pytest.mark.once

COORDINATOR, HOUR = at(Role.COORDINATOR), timedelta(hours=1)
WHY = "the network was down and the patient could not wait"


def eligible() -> str:
    number = screen()
    verdict(number)
    confirm(number)
    return number


def envelopes() -> list[str]:
    """The kit codes of a site's envelopes, in order."""
    slots = tuple((uuid4(), new_kit_code()) for _turn in range(4))
    send(SlotsSealed(uuid4(), "GR01", uuid4(), 1, "cd" * 32, slots, fallback=True))
    return [kit_code for _uid, kit_code in slots]


def test_page_and_api_ask_and_take_the_reason(trial: None) -> None:
    first, second, kits = eligible(), eligible(), envelopes()
    with time_machine.travel(clock.now() + 80 * HOUR, tick=False):
        cache.clear()
        now, client = clock.now(), client_of(COORDINATOR)
        form = {
            "kit_code": kits[0],
            "opened_at": local(1),
            "first_dose_at": local(0.5),
            "method": "measured",
            "value_ml_min": "80",
            "sampled_at": local(3),
            "out_of_order_reason": "",
            "departure_reason": "",
            "secret": PASSWORD,
        }
        address = f"/participants/{first}/envelope/"
        asked = client.post(address, form)
        assert (asked.status_code, b"after the window" in asked.content) == (422, True)
        assert client.post(address, {**form, "departure_reason": WHY}).status_code == 302
        body: dict[str, Any] = {
            "kit_code": kits[1],
            "opened_at": clock.stamp(now - HOUR),
            "first_dose_at": clock.stamp(now - HOUR / 2),
            "clearance": {"value_ml_min": "80", "method": "measured", "sampled_at": clock.stamp(now - 3 * HOUR)},
            "signature": {"user_name": COORDINATOR.user_name, "secret": PASSWORD},
        }
        api = f"/api/v1/participants/{second}/envelope/"
        refused = client.post(api, json.dumps(body), "application/json")
        assert (refused.status_code, refused.json()["code"]) == (422, "departure")
        with_reason = json.dumps({**body, "departure_reason": WHY})
        assert client.post(api, with_reason, "application/json").status_code == 201
        listed = client.get("/deviations/").content.decode()
    for number in (first, second):
        assert Deviation.objects.get(participant__number=number).about == "opened after the window from sepsis"
    assert "envelope against the protocol, opened after the window from sepsis" in listed


def test_page_and_api_say_that_there_is_no_verdict_and_take_it(trial: None) -> None:
    first, second, third, kits = screen(), screen(), eligible(), envelopes()
    cache.clear()
    now, client = clock.now(), client_of(COORDINATOR)
    page = client.get(f"/participants/{first}/").content.decode()
    assert f"/participants/{first}/envelope/" in page, "no physician can sign before the verdict"
    address = f"/participants/{first}/envelope/"
    assert 'name="without_verdict"' in client.get(address).content.decode()
    assert 'name="without_verdict"' not in client.get(f"/participants/{third}/envelope/").content.decode()
    form = {
        "kit_code": kits[0],
        "opened_at": local(1),
        "first_dose_at": local(0.5),
        "method": "measured",
        "value_ml_min": "80",
        "sampled_at": local(3),
        "out_of_order_reason": "",
        "departure_reason": WHY,
        "secret": PASSWORD,
    }
    asked = client.post(address, form)
    assert (asked.status_code, b"There is no eligible verdict of the laboratory." in asked.content) == (422, True)
    assert client.post(address, {**form, "without_verdict": "on"}).status_code == 302
    body: dict[str, Any] = {
        "kit_code": kits[1],
        "opened_at": clock.stamp(now - HOUR),
        "first_dose_at": clock.stamp(now - HOUR / 2),
        "clearance": {"value_ml_min": "80", "method": "measured", "sampled_at": clock.stamp(now - 3 * HOUR)},
        "departure_reason": WHY,
        "signature": {"user_name": COORDINATOR.user_name, "secret": PASSWORD},
    }
    api = f"/api/v1/participants/{second}/envelope/"
    refused = client.post(api, json.dumps(body), "application/json")
    assert (refused.status_code, refused.json()["code"]) == (422, "no_verdict")
    assert client.post(api, json.dumps({**body, "without_verdict": True}), "application/json").status_code == 201
    for number in (first, second):
        about = "randomised without an eligible verdict"
        assert Deviation.objects.get(participant__number=number).about == about
    assert "no eligible verdict" in client.get(f"/participants/{first}/doses/").content.decode()
