"""What is sent twice to the pharmacy's pages and API is booked once; what changed under a key is refused."""

from __future__ import annotations

import json
import re
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client

from immunosep_site.demonstration import cast, play
from immunosep_site.demonstration.play import Case
from pharmacy.preparation.models import Preparation
from pharmacy.preparation.services.prepare import prepare
from pharmacy.stock.ledger import Kind
from pharmacy.stock.models import Lot, Movement
from randomization.accounts.roles import Role
from randomization.audit.models import Event
from randomization.blinded.bedside.models import Dose
from randomization.delivery.models import OneTimeKey
from randomization.shared import clock
from tests.both.preparation.steps import doses, form_of
from tests.permissions import client_of

pytestmark = pytest.mark.once

PHARMACIST, PREPARER = cast.at_site(Role.PHARMACIST, "GR01"), cast.at_site(Role.PREPARER, "GR01")
FIELD = re.compile(r'<input type="hidden" name="one_time_key" value="([0-9a-f-]{36})">')
LATER = (clock.now() + timedelta(days=200)).date().isoformat()
DELIVERY = {
    "product": "ANAKINRA",
    "lot_number": "ONCE1",
    "expires_on": LATER,
    "units": 7,
    "temperature_c": "5",
    "delivery_note": "note 1",
}
FOUND = {"product": "ANAKINRA", "lot_number": "ONCE2", "expires_on": LATER, "units": 3, "reason": "in the fridge"}
PAGES = (
    "stock/receive/",
    "stock/provisional/",
    "stock/lots/{lot}/write-off/",
    "stock/lots/{lot}/count/",
    "stock/excursion/",
    "returns/",
    "envelopes/",
)


@pytest.fixture
def lot(trial: None) -> Lot:
    return Lot.objects.filter(site_code="GR01", product="ANAKINRA").order_by("pk")[0]


def key_on(client: Client, address: str) -> str:
    """The key of the form of a page, new each time that it is shown."""
    keys = [FIELD.findall(client.get(address).content.decode()) for _turn in range(2)]
    assert [len(matches) for matches in keys] == [1, 1], (address, keys)
    assert keys[0] != keys[1]
    return str(keys[1][0])


def lines(lot_number: str) -> int:
    return Movement.objects.filter(lot__number=lot_number).count()


def sent(client: Client, address: str, body: Any, key: str = "") -> Any:
    headers = {"Idempotency-Key": key or str(uuid4())}
    return client.post(f"/api/v1/pharmacy/{address}", json.dumps(body), "application/json", headers=headers)


@pytest.mark.parametrize("page", PAGES)
def test_every_form_that_moves_stock_carries_a_key_of_its_own(lot: Lot, page: str) -> None:
    assert key_on(client_of(PHARMACIST), f"/pharmacy/{page.format(lot=lot.pk)}")


@pytest.mark.requirement("R40")
@pytest.mark.parametrize(
    ("page", "values", "other"),
    [
        ("write-off/", {"kind": "waste", "units": 2, "reason": "dropped", "secret": cast.PASSWORD}, {"units": 3}),
        ("count/", {"counted": 3, "reason": "two broken, one lost", "secret": cast.PASSWORD}, {"counted": 4}),
    ],
)
def test_a_page_that_is_sent_twice_books_once(
    lot: Lot, page: str, values: dict[str, Any], other: dict[str, Any]
) -> None:
    client, before, address = client_of(PHARMACIST), lines(lot.number), f"/pharmacy/stock/lots/{lot.pk}/{page}"
    form = {**values, "one_time_key": key_on(client, address)}
    first, second = client.post(address, form), client.post(address, form, follow=True)
    assert first.status_code == 302
    assert second.redirect_chain == [(first.headers["Location"], 302)]
    assert "Nothing was recorded twice" in second.content.decode()
    assert lines(lot.number) == before + 1
    changed = client.post(address, {**form, **other})
    assert changed.status_code == 422
    assert "with other values" in changed.content.decode()
    assert lines(lot.number) == before + 1
    assert client.post(address, {**form, "one_time_key": key_on(client, address)}).status_code == 302
    assert lines(lot.number) == before + 2


def test_a_form_that_was_refused_is_sent_again_corrected(lot: Lot) -> None:
    client, address = client_of(PHARMACIST), f"/pharmacy/stock/lots/{lot.pk}/write-off/"
    form = {"kind": "waste", "units": 100_000, "reason": "dropped", "one_time_key": key_on(client, address)}
    before = lines(lot.number)
    refused = client.post(address, form)
    assert refused.status_code in {409, 422}
    assert len(FIELD.findall(refused.content.decode())) == 1
    assert not OneTimeKey.objects.exists()
    assert client.post(address, {**form, "units": 1}).status_code == 302
    assert lines(lot.number) == before + 1


def test_a_form_without_a_key_is_done_as_often_as_it_is_sent(lot: Lot) -> None:
    """Every form of ours has one."""
    client, before = client_of(PHARMACIST), lines(lot.number)
    form = {"kind": "waste", "units": 1, "reason": "dropped"}
    for _turn in range(2):
        assert client.post(f"/pharmacy/stock/lots/{lot.pk}/write-off/", form).status_code == 302
    assert lines(lot.number) == before + 2


SIGNED = {"user_name": PHARMACIST.user_name, "secret": cast.PASSWORD}
NO_KEY = {"Idempotency-Key": ""}


@pytest.mark.requirement("R40")
@pytest.mark.parametrize(
    ("address", "body"),
    [
        ("stock/", FOUND),
        ("stock/lots/{lot}/movements/", {"kind": "waste", "units": 1, "reason": "dropped"}),
        ("stock/excursions/", {}),
        ("stock/cartons/", {"product": "SALINE"}),
        ("preparations/making/", {"preparations": [], "user_name": "pharmacist.gr01", "secret": "wrong"}),
        ("returns/", {"barcode": "x"}),
    ],
)
def test_a_request_without_a_key_does_nothing_and_says_what_to_do(lot: Lot, address: str, body: dict[str, Any]) -> None:
    """Before anything of it is looked at: no wrong password counts, no signature is spent."""
    before = Movement.objects.count(), Event.objects.count()
    where = f"/api/v1/pharmacy/{address.format(lot=lot.pk)}"
    client = client_of(PHARMACIST)
    after_log_in = Event.objects.count()
    answer = client.post(where, json.dumps(body), "application/json", headers=NO_KEY)
    assert (answer.status_code, answer.headers["Content-Type"]) == (428, "application/problem+json")
    assert answer.json()["code"] == "key_required"
    assert "Idempotency-Key: 8 to 64 characters" in answer.json()["detail"]
    assert (Movement.objects.count(), Event.objects.count()) == (before[0], after_log_in)
    assert not OneTimeKey.objects.exists()


def test_what_moves_no_stock_needs_no_key(trial: None) -> None:
    client = client_of(PHARMACIST)
    address = "/api/v1/pharmacy/preparations/suggestions/"
    asked = client.post(address, json.dumps({"preparations": []}), "application/json", headers=NO_KEY)
    assert asked.status_code != 428
    assert client.get("/api/v1/pharmacy/stock/").status_code == 200


@pytest.mark.requirement("R40")
@pytest.mark.parametrize(
    ("address", "body", "change"),
    [
        ("stock/", FOUND, {"units": 4}),
        ("stock/lots/{lot}/movements/", {"kind": "waste", "units": 2, "reason": "dropped"}, {"units": 1}),
        (
            "stock/lots/{lot}/movements/",
            {"kind": "count", "counted": 3, "reason": "lost", **SIGNED},
            {"reason": "found"},
        ),
    ],
)
def test_a_request_that_is_sent_twice_books_once_and_gets_the_first_answer(
    lot: Lot, address: str, body: dict[str, Any], change: dict[str, Any]
) -> None:
    client, where = client_of(PHARMACIST), address.format(lot=lot.pk)
    before = Movement.objects.count()
    first, second = (sent(client, where, body, "a-key-of-a-client") for _turn in range(2))
    assert (first.status_code, first.json()) == (201, second.json())
    assert (second.status_code, second.headers["Idempotency-Replayed"]) == (201, "true")
    assert "Idempotency-Replayed" not in first.headers
    booked = Movement.objects.count() - before
    assert booked >= 1
    changed = sent(client, where, {**body, **change}, "a-key-of-a-client")
    assert (changed.status_code, changed.json()["code"]) == (422, "key_reused")
    assert sent(client, where, body, "short").json()["code"] == "key_malformed"
    assert Movement.objects.count() - before == booked
    assert sent(client_of(PREPARER), "stock/", FOUND, "a-key-of-a-client").status_code == 201, "somebody else's key"


def test_the_same_delivery_note_sent_twice_gets_its_first_answer_and_not_a_refusal(trial: None) -> None:
    client = client_of(PHARMACIST)
    first, second = (sent(client, "stock/", DELIVERY, "one-delivery") for _turn in range(2))
    assert (first.status_code, second.status_code) == (201, 201)
    assert first.json() == second.json()
    assert Movement.objects.filter(lot__number="ONCE1", kind=Kind.RECEIPT).count() == 1
    assert sent(client, "stock/", DELIVERY, "another-key").json()["code"] == "booked_in"


@pytest.mark.requirement("R40")
def test_a_preparation_is_started_once(trial: None) -> None:
    number = play.enrol(Case("GR01")).participant
    dose = Dose.objects.get(course__participant__number=number, route="IV", number=1)
    client = client_of(PHARMACIST)
    keys = FIELD.findall(client.get("/pharmacy/").content.decode())
    assert len(keys) == len(set(keys)) > 1
    first, second = (
        client.post(f"/pharmacy/doses/{dose.uid}/prepare/", {"one_time_key": keys[0]}) for _turn in range(2)
    )
    assert first.status_code == second.status_code == 302
    assert first.headers["Location"] == second.headers["Location"]
    assert Preparation.objects.filter(dose_uid=dose.uid).count() == 1


@pytest.mark.requirement("R40")
def test_what_was_made_is_signed_and_booked_once_and_a_wrong_password_counts(trial: None) -> None:
    preparation = prepare(actor=PHARMACIST, dose_uid=doses()["IV", 1].uid)
    page, client = f"/pharmacy/kits/{preparation.kit_code}/make/", client_of(PHARMACIST)
    form = {**form_of(client, page, [preparation.uid]), "one_time_key": key_on(client, page)}
    wrong = client.post(page, {**form, "secret": "wrong"})
    assert (wrong.status_code, OneTimeKey.objects.count()) == (422, 0)
    assert Event.objects.filter(action="signature.failed", actor=PHARMACIST.user_name).count() == 1
    first, second = (client.post(page, form) for _turn in range(2))
    assert (first.status_code, second.status_code) == (302, 302)
    assert first.headers["Location"] == second.headers["Location"]
    assert Event.objects.filter(action="preparation.make", subject=str(preparation.uid)).count() == 1
    assert Event.objects.filter(action="signature.give", actor=PHARMACIST.user_name).count() == 1
    kept = OneTimeKey.objects.get()
    assert cast.PASSWORD not in kept.answer
