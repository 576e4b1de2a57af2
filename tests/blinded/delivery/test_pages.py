"""Blinded pages and API: the path of a coordinator, an investigator and a nurse; what is wrong is said and kept."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest
import time_machine
from django.core.cache import cache
from django.test import Client

from randomization.accounts.models import Membership
from randomization.accounts.roles import Role
from randomization.accounts.services.appoint import end_membership
from randomization.audit.models import Event
from randomization.blinded.bedside.models import Dose
from randomization.blinded.screening.models import Consent, Participant
from randomization.shared import clock
from randomization.shared.actor import Actor
from randomization.signatures.models import Signature
from tests.blinded.delivery.steps import local
from tests.blinded.world import AUDITOR, MANAGER, NUMBER, PASSWORD, at, confirm, ready, screen, verdict
from tests.conftest import tampering
from tests.permissions import client_of

pytestmark = pytest.mark.once

COORDINATOR, INVESTIGATOR, NURSE = (at(role) for role in (Role.COORDINATOR, Role.INVESTIGATOR, Role.NURSE))


@pytest.fixture(autouse=True)
def no_locks() -> None:
    cache.clear()


def test_from_screening_to_kit_code_through_the_pages(trial: None) -> None:
    coordinator = client_of(COORDINATOR)
    answer = coordinator.post("/participants/new/", {"sepsis_at": local(20), "earlier": ""})
    page = answer.headers["Location"]
    number = page.rstrip("/").split("/")[-1]
    form = {"given_by": "next_of_kin", "relation": "", "form_version": "1.0", "given_at": local(5), "reason": ""}
    refused = coordinator.post(page + "consent/", form)
    assert refused.status_code == 422
    assert b"next of kin with the relation" in refused.content
    assert form["given_at"].encode() in refused.content
    assert coordinator.post(page + "consent/", {**form, "relation": "daughter"}).status_code == 302
    no = (
        "other_source",
        "immunodeficiency",
        "malignancy",
        "autoimmune",
        "hiv",
        "pregnancy",
        "do_not_resuscitate",
        "contaminant",
    )
    answers = {
        "sex": "male",
        "year_of_birth": "1955",
        "neutrophils_per_mm3": "8000",
        "reason": "",
        **dict.fromkeys(("pneumonia_or_bacteraemia", "sepsis3", "adult"), "yes"),
        **dict.fromkeys(no, "no"),
    }
    assert coordinator.post(page + "eligibility/", answers).status_code == 302
    assert coordinator.post(page + "identity/", {"elsewhere": "no", "reason": ""}).status_code == 302
    assert coordinator.post(page + "sample/", {"drawn_at": local(4), "covid19": "no"}).status_code == 302
    assert coordinator.post(page + "sample/ship/", {"shipped_at": local(3)}).status_code == 302
    verdict(number)
    investigator = client_of(INVESTIGATOR)
    assert b"all answers and times meet the protocol" in investigator.get(page + "confirm/").content
    assert b"password is not right" in investigator.post(page + "confirm/", {"secret": "wrong"}).content
    assert investigator.post(page + "confirm/", {"secret": PASSWORD}).status_code == 302
    clearance = {"method": "measured", "value_ml_min": "28,5", "sampled_at": local(1), "first_dose_at": ""}
    assert coordinator.post(page + "randomise/", {**clearance, "secret": PASSWORD}).status_code == 302
    shown = coordinator.get(page).content.decode()
    assert "Kit code" in shown
    assert coordinator.post(page + "randomise/", {**clearance, "secret": PASSWORD}).status_code == 302
    assert coordinator.get(page).content.decode().count('class="code kit"') == 1


def test_the_nurse_scans_card_and_syringe(trial: None) -> None:
    dose = Dose.objects.select_related("course").get(course__participant__number=NUMBER, route="IV", number=1)
    label = ready(dose)
    nurse = client_of(NURSE)
    wrong = nurse.post("/bedside/", {"participant_number": "GR01-777", "barcode": label, "at": "", "volume_ml": ""})
    assert wrong.status_code == 409
    assert b"another patient" in wrong.content
    assert b"Stop. Nothing is recorded" in wrong.content
    recorded = nurse.post("/bedside/", {"participant_number": NUMBER, "barcode": label, "at": "", "volume_ml": "12,5"})
    assert recorded.status_code == 302
    page = nurse.get(recorded.headers["Location"]).content
    assert b"12.5 mL" in page
    assert b"IV 01 of GR01-001 is recorded: part given." in page
    again = nurse.post("/bedside/", {"participant_number": NUMBER, "barcode": label, "at": "", "volume_ml": ""})
    assert again.status_code == 409
    assert b"IV 01 was recorded before: part given, " in again.content
    assert b"nurse.gr01. Do not give it again." in again.content


@time_machine.travel(datetime(2027, 10, 31, 12, tzinfo=UTC), tick=False)
def test_an_ambiguous_hour_is_asked_about_and_a_missing_one_refused(trial: None) -> None:
    coordinator = client_of(COORDINATOR)
    page = f"/participants/{screen()}/consent/"
    form = {"given_by": "patient", "relation": "", "form_version": "1.0", "reason": "the hour was wrong"}
    twice = coordinator.post(page, {**form, "given_at": "2027-10-31T03:30"})
    assert twice.status_code == 422
    assert b"happened twice" in twice.content
    assert b"given_at_offset" in twice.content
    answer = {**form, "given_at": "2027-10-31T03:30", "given_at_offset": "180"}
    assert coordinator.post(page, answer).status_code == 302
    assert f"{Consent.objects.order_by('-id')[0].given_at:%H:%M}" == "00:30"
    assert coordinator.post(page, {**answer, "given_at_offset": "120"}).status_code == 302
    assert f"{Consent.objects.order_by('-id')[0].given_at:%H:%M}" == "01:30"
    never = coordinator.post(page, {**form, "given_at": "2027-03-28T03:30"})
    assert b"did not exist here" in never.content


def test_the_same_over_the_api_with_a_token(trial: None) -> None:
    client = Client()
    refused = client.post("/api/v1/tokens/", {"user_name": "coordinator.gr01", "password": "x"}, "application/json")
    assert refused.status_code == 422
    assert refused.headers["Content-Type"] == "application/problem+json"
    log_in = {"user_name": "coordinator.gr01", "password": PASSWORD}
    token = client.post("/api/v1/tokens/", log_in, "application/json").json()["token"]
    headers = {"HTTP_AUTHORIZATION": f"Token {token}"}

    def post(address: str, body: dict[str, Any]) -> Any:
        return client.post(address, json.dumps(body), "application/json", **headers)  # type: ignore[arg-type]

    number = screen()
    verdict(number)
    confirm(number)
    address = f"/api/v1/participants/{number}/allocation/"
    clearance = {"value_ml_min": "80.0", "method": "measured", "sampled_at": clock.stamp(clock.now())}
    bare = post(address, {"clearance": clearance})
    assert (bare.status_code, bare.json()["code"]) == (409, "no_signature")
    wrong = post(address, {"clearance": clearance, "signature": {"user_name": "nurse.gr01", "secret": PASSWORD}})
    assert wrong.json()["code"] == "signature_refused"
    body = {"clearance": clearance, "signature": {"user_name": "coordinator.gr01", "secret": PASSWORD}}
    first, second = post(address, body), post(address, body)
    assert (first.status_code, second.status_code) == (201, 200)
    assert first.json() == second.json()
    assert set(first.json()) == {"participant", "kit_code", "allocated_at"}
    assert client.get(address, **headers).json() == first.json()  # type: ignore[arg-type]
    assert client.get(address, HTTP_AUTHORIZATION="Token unknown").status_code == 401
    bad = post(f"/api/v1/participants/{number}/creatinine-clearances/", {**clearance, "unit": "mL/min/1.73 m2"})
    assert (bad.status_code, bad.json()["code"]) == (422, "wrong_unit")
    assert post("/api/v1/participants/", {"site_code": "GR01"}).json()["errors"] == {
        "sepsis_at": ["This field is required."]
    }


@pytest.mark.requirement("R31", "R33")
def test_five_wrong_passwords_lock_the_name_and_are_recorded(trial: None) -> None:
    client = Client()
    for _turn in range(5):
        assert client.post("/log-in/", {"username": "nurse.gr02", "password": "x"}).status_code == 422
    locked = client.post("/log-in/", {"username": "nurse.gr02", "password": PASSWORD})
    assert locked.status_code == 429
    assert b"locked for 15 minutes" in locked.content
    assert Event.objects.filter(action="log_in.failed", actor="nurse.gr02").count() == 5


@pytest.mark.requirement("R33")
def test_idle_people_are_logged_out_and_an_ended_membership_lets_nobody_in(trial: None) -> None:
    client = client_of(at(Role.NURSE, "GR02"))
    assert client.session.get_expiry_age() == 30 * 60
    membership = Membership.objects.get(account__user_name="nurse.gr02")
    end_membership(actor=MANAGER, membership_id=str(membership.id), reason="left the site")
    assert client.get("/participants/").status_code == 302
    assert client.get("/api/v1/participants/").status_code in {401, 403}


def test_strict_headers_on_every_page(trial: None) -> None:
    for address in ("/log-in/", "/participants/", "/api/v1/health/", "/api/v1/schema/"):
        answer = client_of(COORDINATOR).get(address)
        assert "script-src 'self'" in answer.headers["Content-Security-Policy"]
        assert "unsafe" not in answer.headers["Content-Security-Policy"]
        assert answer.headers["Cache-Control"] == "no-store"
        assert answer.headers["X-Frame-Options"] == "DENY"


def test_the_desk_reads_and_never_counts_positions(trial: None) -> None:
    manager = client_of(MANAGER)
    assert manager.get("/desk/allocation/allocationlist/?site__code__exact=GR01").status_code == 200
    shown = manager.get("/desk/allocation/allocationlist/").content.decode()
    assert "enough" in shown or "low" in shown
    for word in ("next_position", "length", "stratum", "version"):
        assert f"column-{word}" not in shown
    for probe in ("next_position=3", "next_position__gt=2", "length=12", "state__exact=open", "version=1"):
        assert manager.get(f"/desk/allocation/allocationlist/?{probe}").status_code in {302, 400}
    for model in ("sites/site", "screening/participant", "accounts/account", "audit/event"):
        assert manager.get(f"/desk/{model}/").status_code == 200
        assert manager.get(f"/desk/{model}/add/").status_code == 403
    participant = Participant.objects.get(number=NUMBER)
    assert manager.get(f"/desk/screening/participant/{participant.pk}/change/").status_code == 200
    assert manager.post(f"/desk/screening/participant/{participant.pk}/change/", {"state": "x"}).status_code == 403
    assert manager.post(f"/desk/screening/participant/{participant.pk}/delete/").status_code == 403


@pytest.mark.requirement("R30")
def test_the_trail_is_read_searched_and_exported(trial: None) -> None:
    auditor = client_of(AUDITOR)
    shown = auditor.get(f"/audit/?subject={NUMBER}&action=participant.allocate").content.decode()
    assert "coordinator.gr01" in shown
    lines = b"".join(auditor.get("/audit/export/").streaming_content).splitlines()  # type: ignore[attr-defined]
    assert len(lines) == Event.objects.count()


@pytest.mark.requirement("R34")
def test_a_signature_shows_name_time_and_meaning_and_is_bound(trial: None) -> None:
    signature = Signature.objects.get(subject=NUMBER, meaning="randomise")
    assert signature.user_name == "coordinator.gr01"
    assert signature.used_at is not None
    assert len(signature.content_hash) == 64


def test_nothing_is_half_written_when_a_form_is_refused(trial: None) -> None:
    number = screen()
    before = Consent.objects.count(), Event.objects.count()
    form = {"given_by": "patient", "relation": "", "form_version": "9.9", "given_at": local(1), "reason": "again"}
    assert client_of(COORDINATOR).post(f"/participants/{number}/consent/", form).status_code == 422
    assert Consent.objects.count() == before[0]


@pytest.mark.requirement("R32")
def test_the_manager_appoints_ends_opens_and_closes(trial: None) -> None:
    manager = client_of(MANAGER)
    form = {
        "user_name": "nurse.second",
        "email": "n2@example.org",
        "role": "nurse",
        "reach": "GR01",
        "delegated_by": "log",
        "trained_for": "1",
        "password": PASSWORD,
    }
    assert manager.post("/people/", {**form, "reach": "GR"}).status_code == 422
    assert manager.post("/people/", {**form, "email": "nurse.gr01@example.org"}).status_code == 409
    assert manager.post("/people/", form).status_code == 302
    nurse = client_of(Actor("nurse.second", Role.NURSE, "GR01"))
    assert nurse.get("/bedside/").status_code == 200
    listed = manager.get("/api/v1/people/").json()
    membership = next(item for item in listed if item["user_name"] == "nurse.second")
    assert manager.post(f"/people/{membership['id']}/end/", {"reason": ""}).status_code == 422
    assert manager.post(f"/people/{membership['id']}/end/", {"reason": "left"}).status_code == 302
    assert nurse.get("/bedside/").status_code == 302
    assert manager.post("/sites/GR01/", {"state": "closed", "reason": "audit"}).status_code == 302
    refused = client_of(COORDINATOR).post("/participants/new/", {"sepsis_at": local(2), "earlier": ""})
    assert b"closed for screening" in refused.content
    body = json.dumps({"is_open": True, "reason": "audit done"})
    assert manager.put("/api/v1/sites/GR01/state/", body, "application/json").status_code == 204
    assert manager.get("/sites/").status_code == 200
    new = {**form, "user_name": "nurse.third", "email": "n3@example.org"}
    appointed = manager.post("/api/v1/people/", json.dumps(new), "application/json")
    assert appointed.status_code == 201
    ended = manager.delete(f"/api/v1/people/{appointed.json()['id']}/", json.dumps({"reason": "x"}), "application/json")
    assert ended.status_code == 204


@pytest.mark.requirement("R31")
def test_a_person_sets_a_password_of_their_own(trial: None) -> None:
    client = client_of(NURSE)
    assert client.post("/password/", {"old": "wrong", "new": "a better password"}).status_code == 422
    assert client.post("/password/", {"old": PASSWORD, "new": "short"}).status_code == 422
    assert client.post("/password/", {"old": PASSWORD, "new": "a better password"}).status_code == 302
    assert client.get("/bedside/").status_code == 200
    again = Client().post("/log-in/", {"username": "nurse.gr01", "password": PASSWORD})
    assert again.status_code == 422


def test_forms_show_what_was_recorded_and_a_wrong_time_of_sepsis_can_be_corrected(trial: None) -> None:
    number = screen()
    coordinator = client_of(COORDINATOR)
    page = f"/participants/{number}/"
    shown = coordinator.get(page + "eligibility/").content.decode()
    assert 'value="1960"' in shown
    assert shown.count("checked") == 12
    assert "checked" in coordinator.get(page + "consent/").content.decode()
    assert "T" in coordinator.get(page + "sample/correct/").content.decode()
    assert b"14 days back" in coordinator.post("/participants/new/", {"sepsis_at": "1999-01-01T00:00"}).content
    assert coordinator.post(page + "sepsis/", {"sepsis_at": local(40), "reason": ""}).status_code == 422
    assert coordinator.post(page + "sepsis/", {"sepsis_at": local(40), "reason": "wrong day"}).status_code == 302
    body = json.dumps({"sepsis_at": clock.stamp(clock.now()), "reason": "again"})
    assert coordinator.put(f"/api/v1{page}sepsis/", body, "application/json").status_code == 204
    twice = {"sepsis_at": local(3), "earlier": ""}
    assert coordinator.post("/participants/new/", twice).status_code == 302
    assert b"was screened a moment ago" in coordinator.post("/participants/new/", twice).content
    unknown = coordinator.post("/participants/new/", {"sepsis_at": local(4), "earlier": "hello"})
    assert (unknown.status_code, local(4).encode() in unknown.content) == (404, True)
    assert coordinator.get("/api/v1/nowhere/").json()["code"] == "not_found"


def test_who_is_not_trained_for_the_version_in_force_cannot_sign(trial: None) -> None:
    number = screen()
    verdict(number)
    with tampering():
        Membership.objects.filter(account__user_name="investigator.gr01").update(trained_for="7, 12")
    refused = client_of(INVESTIGATOR).post(f"/participants/{number}/confirm/", {"secret": PASSWORD})
    assert b"not on record as trained for protocol version 1" in refused.content
    with tampering():
        Membership.objects.filter(account__user_name="investigator.gr01").update(trained_for="", delegated_by="")
    refused = client_of(INVESTIGATOR).post(f"/participants/{number}/confirm/", {"secret": PASSWORD})
    assert b"delegation or training is not on file" in refused.content
