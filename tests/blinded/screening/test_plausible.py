"""Moments, days and values that are implausible: refused, or asked about by name, by page and API alike."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from immunosep_site.demonstration.fixtures import FIXTURES
from randomization.accounts.roles import Role
from randomization.audit.models import Event
from randomization.blinded.allocation.models import Allocation
from randomization.blinded.bedside.clearance import ClearanceInput, ComputedFrom, check_clearance
from randomization.blinded.bedside.models import Clearance
from randomization.blinded.screening.models import Assessment, Participant
from randomization.shared import clock
from randomization.shared.errors import InvalidInput
from randomization.shared.plausible import Implausible, check_expiry, check_recent, confirmation
from randomization.shared.protocol import load_protocol
from tests.blinded.world import NUMBER, PASSWORD, at, confirm, screen, verdict
from tests.permissions import client_of

pytestmark = pytest.mark.once

COORDINATOR, INVESTIGATOR, NURSE = (at(role) for role in (Role.COORDINATOR, Role.INVESTIGATOR, Role.NURSE))
PROTOCOL = load_protocol(FIXTURES / "protocol.toml")
P, A = f"/participants/{NUMBER}/", f"/api/v1/participants/{NUMBER}/"
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
LONG_AGO = {
    "a year ago": clock.now() - 365 * DAY,
    "1926": datetime(1926, 11, 28, 9, tzinfo=UTC),
    "26": datetime(26, 11, 28, 9, tzinfo=UTC),
    "1": datetime(1, 1, 1, 0, tzinfo=UTC),
    "9999": datetime(9999, 12, 31, 23, tzinfo=UTC),
}


def iso(moment: datetime) -> str:
    return f"{moment.year:04d}-{moment:%m-%dT%H:%M}"


def local(moment: datetime) -> str:
    return iso(clock.site_moment(moment, "Europe/Athens")) if 1900 < moment.year < 9000 else iso(moment)


def post(actor: Any, address: str, body: dict[str, Any]) -> Any:
    return client_of(actor).post(address, json.dumps(body), "application/json")


@pytest.mark.parametrize("moment", LONG_AGO.values(), ids=LONG_AGO)
def test_no_field_of_a_page_or_the_api_takes_a_moment_of_another_time(trial: None, moment: datetime) -> None:
    """Each form and body that holds a moment; nothing is recorded, and nothing breaks."""
    new, events = screen(), Event.objects.count()
    page, api = f"/participants/{new}/", f"/api/v1/participants/{new}/"
    when, stamp = local(moment), f"{iso(moment)}:00Z"
    why, sign = {"reason": "typed wrong"}, {"secret": PASSWORD}
    signature = {"signature": {"user_name": INVESTIGATOR.user_name, "secret": PASSWORD}}
    clearance = {"method": "measured", "value_ml_min": "20"}
    consent = {"given_by": "patient", "relation": "", "form_version": "1.0", **why}
    pages: list[tuple[Any, str, dict[str, Any]]] = [
        (COORDINATOR, "/participants/new/", {"sepsis_at": when}),
        (COORDINATOR, page + "sepsis/", {"sepsis_at": when, **why}),
        (COORDINATOR, page + "consent/", {**consent, "given_at": when}),
        (COORDINATOR, page + "sample/", {"drawn_at": when, "covid19": "no"}),
        (COORDINATOR, page + "sample/correct/", {"drawn_at": when, "covid19": "no", **why}),
        (NURSE, P + "clearance/", {**clearance, "sampled_at": when}),
        (INVESTIGATOR, P + "stop/", {"cause": "death", "at": when, **why, **sign}),
        (INVESTIGATOR, P + "plan/", {"at": when, **why}),
        (COORDINATOR, P + "withdraw/", {"scope": "follow-up", "at": when, **why, **sign}),
        (COORDINATOR, P + "milestone/", {"kind": "death", "at": when, "reason": ""}),
        (NURSE, "/bedside/compare/", {"participant_number": NUMBER, "day": when[:10], "text": "IV 01 10:00"}),
    ]
    for actor, address, body in pages:
        assert client_of(actor).post(address, body).status_code == 422, address
    bodies: list[tuple[Any, str, dict[str, Any]]] = [
        (COORDINATOR, "/api/v1/participants/", {"site_code": "GR01", "sepsis_at": stamp}),
        (COORDINATOR, api + "consent/", {**consent, "given_at": stamp}),
        (COORDINATOR, api + "samples/", {"drawn_at": stamp, "covid19": False}),
        (COORDINATOR, api + "samples/", {"drawn_at": stamp, "covid19": False, **why}),
        (NURSE, A + "creatinine-clearances/", {**clearance, "sampled_at": stamp}),
        (INVESTIGATOR, A + "course/", {"act": "stop", "cause": "death", "at": stamp, **why, **signature}),
        (INVESTIGATOR, A + "course/", {"act": "plan", "at": stamp, **why}),
        (INVESTIGATOR, A + "withdrawals/", {"scope": "follow-up", "at": stamp, **why, **signature}),
        (COORDINATOR, A + "milestones/", {"kind": "death", "at": stamp}),
    ]
    for actor, address, body in bodies:
        answer = post(actor, address, body)
        assert answer.status_code == 422, (address, answer.content)
    wrong = client_of(COORDINATOR).put(
        api + "sepsis/", json.dumps({"sepsis_at": stamp, **why}), content_type="application/json"
    )
    assert wrong.status_code == 422
    signed = {"clearance.record", "participant.register", "consent.record", "course.stop", "sample.draw"}
    later = Event.objects.order_by("id")[events:]
    assert not signed & set(later.values_list("action", flat=True))


@pytest.mark.requirement("R08")
@pytest.mark.parametrize(
    ("sepsis", "sampled", "confirmed", "outcome"),
    [
        (30 * HOUR, 2 * HOUR, False, "taken"),
        (30 * HOUR, 30 * HOUR, False, "taken"),
        (30 * HOUR, 30 * HOUR + timedelta(microseconds=1), False, "asked"),
        (30 * HOUR, 31 * HOUR, True, "taken"),
        (30 * HOUR, 78 * HOUR, False, "asked"),
        (30 * HOUR, 78 * HOUR, True, "taken"),
        (30 * HOUR, 78 * HOUR + timedelta(microseconds=1), True, "refused"),
        (9 * DAY, 7 * DAY, False, "taken"),
        (9 * DAY, 7 * DAY + timedelta(microseconds=1), True, "refused"),
        (30 * HOUR, -timedelta(microseconds=1), True, "refused"),
    ],
)
def test_the_window_of_a_clearance(sepsis: timedelta, sampled: timedelta, confirmed: bool, outcome: str) -> None:
    with pytest.MonkeyPatch.context() as patch:
        now = clock.now()
        patch.setattr(clock, "now", lambda: now)
        said = (confirmation("sampled_at", now - sampled),) if confirmed else ()
        clearance_input = ClearanceInput(Decimal(80), "measured", now - sampled, confirmed=said)
        result: tuple[str, str | None]
        try:
            check_clearance(clearance_input, protocol=PROTOCOL, sepsis_at=now - sepsis)
            result = ("taken", None)
        except Implausible as error:
            result = ("asked", error.field)
        except InvalidInput as error:
            result = ("refused", error.field)
    assert result == (outcome, None if outcome == "taken" else "sampled_at")


@pytest.mark.requirement("R08")
@pytest.mark.parametrize(
    ("value", "asked"),
    [("4.999", True), ("5", False), ("250", False), ("250.001", True), ("2.253", True), ("80", False)],
)
def test_the_plausible_range_of_a_clearance(value: str, asked: bool) -> None:
    now = clock.now()
    clearance_input = ClearanceInput(Decimal(value), "measured", now)
    if not asked:
        return check_clearance(clearance_input, protocol=PROTOCOL, sepsis_at=now - HOUR)
    with pytest.raises(Implausible) as refusal:
        check_clearance(clearance_input, protocol=PROTOCOL, sepsis_at=now - HOUR)
    assert (refusal.value.field, refusal.value.confirm) == ("value_ml_min", f"value_ml_min={value}")
    confirmed = ClearanceInput(Decimal(value), "measured", now, confirmed=(refusal.value.confirm,))
    return check_clearance(confirmed, protocol=PROTOCOL, sepsis_at=now - HOUR)


@pytest.mark.parametrize(
    ("creatinine", "unit", "weight", "plausible"),
    [
        ("28", "mg/dL", "70", False),
        ("28", "umol/L", "70", True),
        ("20", "umol/L", "70", True),
        ("19.99", "umol/L", "70", False),
        ("1500", "umol/L", "70", True),
        ("16.97", "mg/dL", "70", False),
        ("1", "mg/dL", "34.9", False),
        ("1", "mg/dL", "35", True),
        ("1", "mg/dL", "250.1", False),
    ],
)
def test_what_a_clearance_is_computed_from_is_plausible(
    creatinine: str, unit: str, weight: str, plausible: bool
) -> None:
    source = ComputedFrom(Decimal(creatinine), unit, Decimal(weight), 60, female=False)
    assert source.is_plausible(PROTOCOL) == plausible


def test_creatinine_28_in_the_wrong_unit_is_asked_about_on_the_page(trial: None) -> None:
    client = client_of(NURSE)
    typed = {
        "method": "cockcroft_gault",
        "creatinine": "28",
        "unit": "mg/dL",
        "weight_kg": "70",
        "sampled_at": local(clock.now() - 10 * timedelta(minutes=1)),
    }
    before = Clearance.objects.count()
    asked = client.post(P + "clearance/", typed)
    assert asked.status_code == 422
    page = asked.content.decode()
    assert "creatinine 28 mg/dL" in page
    box = re.search(r'name="confirmed" value="([^"]+)"', page)
    assert box is not None
    assert Clearance.objects.count() == before
    other = client.post(P + "clearance/", {**typed, "creatinine": "27", "confirmed": box[1]})
    assert other.status_code == 422, "what was confirmed is one value"
    assert client.post(P + "clearance/", {**typed, "confirmed": box[1]}).status_code == 302
    kept = json.loads(Event.objects.filter(action="clearance.record").order_by("-id")[0].data)
    assert kept["confirmed"] == [box[1]]


def test_the_api_says_what_confirms(trial: None) -> None:
    body = {"value_ml_min": "2.2", "method": "measured", "sampled_at": clock.stamp(clock.now())}
    asked = post(NURSE, A + "creatinine-clearances/", body)
    assert (asked.status_code, asked.json()["code"], asked.json()["field"]) == (422, "implausible", "value_ml_min")
    body["confirmed"] = [asked.json()["confirm"]]  # type: ignore[assignment]
    assert post(NURSE, A + "creatinine-clearances/", body).status_code == 201


def test_nobody_is_randomised_on_a_clearance_from_before_sepsis_without_saying_so(trial: None) -> None:
    number = screen()
    verdict(number)
    confirm(number)
    sepsis = Participant.objects.get(number=number).sepsis_at
    address = f"/participants/{number}/randomise/"
    typed = {
        "method": "measured",
        "value_ml_min": "80",
        "sampled_at": local(sepsis - HOUR),
        "first_dose_at": "",
        "caution_reason": "",
        "secret": PASSWORD,
    }
    client = client_of(COORDINATOR)
    asked = client.post(address, typed)
    assert "before sepsis was identified" in asked.content.decode()
    assert not Allocation.objects.filter(participant__number=number).exists()
    far = client.post(address, {**typed, "sampled_at": local(sepsis - 60 * HOUR)})
    assert "long before sepsis" in far.content.decode()
    body = {
        "clearance": {"value_ml_min": "80", "method": "measured", "sampled_at": clock.stamp(sepsis - HOUR)},
        "signature": {"user_name": COORDINATOR.user_name, "secret": PASSWORD},
    }
    api = post(COORDINATOR, f"/api/v1/participants/{number}/allocation/", body)
    assert (api.status_code, api.json()["code"]) == (422, "implausible")
    box = re.search(r'name="confirmed" value="([^"]+)"', asked.content.decode())
    assert box is not None
    assert client.post(address, {**typed, "secret": "wrong", "confirmed": box[1]}).status_code == 422
    assert client.post(address, {**typed, "confirmed": box[1]}).status_code == 302
    assert Allocation.objects.filter(participant__number=number).exists()


def test_a_value_that_does_not_come_into_force_says_so(trial: None) -> None:
    client, newest = client_of(NURSE), Clearance.objects.filter(participant__number=NUMBER).latest("sampled_at")
    typed = {"method": "measured", "value_ml_min": "20", "sampled_at": local(newest.sampled_at - 2 * HOUR)}
    said = client.post(P + "clearance/", typed, follow=True).content.decode()
    assert "It is not in force" in said
    body = {"value_ml_min": "20", "method": "measured", "sampled_at": clock.stamp(newest.sampled_at - HOUR)}
    old = post(NURSE, A + "creatinine-clearances/", body).json()
    assert (old["in_force"], old["reduced"]) == (False, False)
    new = post(NURSE, A + "creatinine-clearances/", {**body, "sampled_at": clock.stamp(clock.now())}).json()
    assert (new["in_force"], new["reduced"]) == (True, True)


@pytest.mark.requirement("R08")
@pytest.mark.parametrize(("count", "asked"), [(49, True), (50, False), (9, True), (100_000, False), (100_001, True)])
def test_an_odd_count_of_neutrophils_is_asked_about(trial: None, count: int, asked: bool) -> None:
    number = screen()
    address, rows = f"/participants/{number}/eligibility/", Assessment.objects.count()
    form = {"sex": "female", "year_of_birth": "1960", "neutrophils_per_mm3": str(count), "reason": "read again"}
    answer = client_of(COORDINATOR).post(address, form)
    assert (answer.status_code, Assessment.objects.count()) == ((422, rows) if asked else (302, rows + 1))
    if asked:
        body = {"answers": {}, "sex": "female", "year_of_birth": 1960, "neutrophils_per_mm3": count, "reason": "x"}
        api = f"/api/v1{address}"
        confirm_it = post(COORDINATOR, api, body).json()["confirm"]
        assert confirm_it == f"neutrophils_per_mm3={count}"
        assert post(COORDINATOR, api, {**body, "confirmed": [confirm_it]}).status_code == 201


@pytest.mark.parametrize(("years", "good"), [(110, True), (111, False), (0, True), (-1, False)])
def test_the_oldest_year_of_birth(trial: None, years: int, good: bool) -> None:
    body = {
        "answers": {},
        "sex": "female",
        "year_of_birth": clock.now().year - years,
        "neutrophils_per_mm3": 9000,
        "reason": "x",
    }
    answer = post(COORDINATOR, f"/api/v1/participants/{screen()}/eligibility/", body)
    assert answer.status_code == (201 if good else 422)


def test_windows_at_their_exact_bounds() -> None:
    today = clock.now().date()
    check_expiry(today + 2200 * DAY, today, 2200 * DAY, field="x")
    with pytest.raises(InvalidInput, match="too far ahead"):
        check_expiry(today + 2201 * DAY, today, 2200 * DAY, field="x")
    with pytest.raises(InvalidInput, match="more than 7 days"):
        check_recent(clock.now() - 7 * DAY - HOUR, 7 * DAY, field="x")
