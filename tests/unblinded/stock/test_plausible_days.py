"""Days and moments of pharmacy and laboratory: what lies outside the plausible window is refused, by page and API."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from immunosep_site.demonstration import cast, play
from immunosep_site.demonstration.play import Case
from pharmacy.stock.models import Excursion, ExpiryCorrection, Lot
from randomization.accounts.roles import Role
from randomization.shared import clock
from tests.permissions import client_of

pytestmark = pytest.mark.once

PHARMACIST, LABORATORY = cast.at_site(Role.PHARMACIST, "GR01"), cast.laboratory("GR")
FAR = [date(2207, 1, 31), date(9999, 12, 31), clock.now().date() + timedelta(days=2202)]


def post(actor: Any, address: str, body: dict[str, Any]) -> Any:
    return client_of(actor).post(address, json.dumps(body), "application/json")


def in_days(days: int) -> str:
    return (clock.now().date() + timedelta(days=days)).isoformat()


@pytest.mark.parametrize("day", FAR, ids=str)
def test_an_expiry_too_far_ahead_is_refused_wherever_it_is_typed(trial: None, day: date) -> None:
    client, lots = client_of(PHARMACIST), Lot.objects.count()
    lot = Lot.objects.filter(site_code="GR01").order_by("id")[0]
    line = {"product": "ANAKINRA", "lot_number": "FAR-1", "expires_on": day.isoformat(), "units": "10"}
    delivered = {**line, "delivery_note": "9", "temperature_c": "5"}
    corrected = {"expires_on": day.isoformat(), "reason": "typed wrong"}
    assert client.post("/pharmacy/stock/receive/", delivered).status_code == 422
    assert client.post("/pharmacy/stock/provisional/", {**line, "reason": "in the corridor"}).status_code == 422
    assert client.post(f"/pharmacy/stock/lots/{lot.pk}/expiry/", corrected).status_code == 422
    assert post(PHARMACIST, "/api/v1/pharmacy/stock/", delivered).status_code == 422
    assert not ExpiryCorrection.objects.filter(lot=lot).exists()
    assert Lot.objects.count() == lots


def test_the_last_plausible_expiry_is_taken(trial: None) -> None:
    line = {
        "product": "ANAKINRA",
        "lot_number": "FAR-2",
        "expires_on": in_days(2199),
        "units": "10",
        "delivery_note": "9",
        "temperature_c": "5",
    }
    assert client_of(PHARMACIST).post("/pharmacy/stock/receive/", line).status_code == 302


@pytest.mark.parametrize("year", [26, 1926, 9999])
@pytest.mark.parametrize("days_ago", [31, None])
def test_an_excursion_starts_in_the_plausible_window(trial: None, year: int, days_ago: int | None) -> None:
    now = clock.now()
    starts = now - timedelta(days=days_ago) if days_ago else datetime(year, 3, 1, 12, tzinfo=UTC)
    text = f"{starts.year:04d}-{starts:%m-%dT%H:%M}"
    form = {
        "storage": "2-8 C",
        "starts_at": text,
        "ends_at": f"{now - timedelta(hours=1):%Y-%m-%dT%H:%M}",
        "lowest_c": "5",
        "highest_c": "12",
        "reason": "door",
    }
    assert client_of(PHARMACIST).post("/pharmacy/stock/excursion/", form).status_code == 422
    body = {**form, "starts_at": f"{text}:00Z", "ends_at": clock.stamp(now)}
    assert post(PHARMACIST, "/api/v1/pharmacy/stock/excursions/", body).status_code == 422
    assert not Excursion.objects.exists()


@pytest.mark.parametrize("text", ["0026-03-01T12:00", "1926-03-01T12:00", "9999-12-31T23:59"])
def test_a_sample_is_received_after_it_was_shipped_and_not_in_the_future(trial: None, text: str) -> None:
    participant = play.screen(Case("GR01"))
    participant.refresh_from_db()
    page = f"/laboratory/{participant.sample_id}/receive/"
    assert client_of(LABORATORY).post(page, {"received_at": text}).status_code == 422
    api = f"/api/v1/laboratory/samples/{participant.sample_id}/results/"
    assert post(LABORATORY, api, {"received_at": f"{text}:00Z"}).status_code == 422


@pytest.mark.parametrize("year", [2199, 9999])
def test_a_waiver_and_an_appointment_do_not_end_in_another_age(trial: None, year: int) -> None:
    sign = {"user_name": cast.SAFETY_OFFICER.user_name, "secret": cast.PASSWORD}
    body = {
        "site_code": "GR01",
        "kind": "waiver",
        "ends_at": f"{year}-01-01T00:00:00Z",
        "reason": "night",
        "signature": sign,
        **sign,
    }
    answer = post(cast.SAFETY_OFFICER, "/api/v1/pharmacy/check-arrangements/", body)
    assert (answer.status_code, b"ends_at" in answer.content) == (422, True), answer.content
    person = {
        "user_name": "inspector.one",
        "email": "i@example.org",
        "role": "unblinded_monitor",
        "reach": "GR01",
        "delegated_by": "log",
        "trained_for": "1",
        "ends_at": f"{year}-01-01T00:00:00Z",
        "password": "a long first password",
    }
    answer = post(cast.STATISTICIAN, "/api/v1/people/proposals/", person)
    assert (answer.status_code, b"ends_at" in answer.content) == (422, True), answer.content
