"""Tablets of the ward: enrolled by the site, opened by badge or PIN, for giving doses and nothing more."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.contrib.auth.hashers import make_password
from django.test import Client

from randomization.accounts.models import Account, Membership
from randomization.accounts.roles import Role
from randomization.accounts.services.change_password import change_password
from randomization.audit.models import Event
from randomization.blinded.bedside.models import Administration, Dose
from randomization.blinded.desk.services.recover_blinded_account import recover_blinded_account
from randomization.delivery.models import Tablet
from randomization.delivery.services.tablets import issue_badge, set_pin
from randomization.shared import clock
from randomization.shared.errors import InvalidInput, SignatureRefused
from tests.blinded.world import MANAGER, NUMBER, PASSWORD, at, ready
from tests.conftest import tampering
from tests.permissions import client_of

pytestmark = pytest.mark.once

NURSE, COORDINATOR = at(Role.NURSE), at(Role.COORDINATOR)
PIN = "482915"
HOUR = timedelta(hours=1)


@pytest.fixture
def device(trial: None) -> Client:
    """A device that the coordinator enrolled and then left."""
    client = client_of(COORDINATOR)
    assert client.post("/tablets/", {"name": " "}).status_code == 422
    answer = client.post("/tablets/", {"name": "ward 3"})
    assert answer.cookies["tablet"]["httponly"]
    assert answer.cookies["tablet"]["samesite"] == "Strict"
    assert client.post("/log-out/").status_code == 302
    return client


def tablet_log_in(device: Client, who: str, pin: str = "") -> Any:
    return device.post("/tablet/", {"who": who, "pin": pin})


@pytest.mark.requirement("R31", "R33")
def test_two_scans_and_a_tap_after_a_badge(device: Client) -> None:
    badge = issue_badge(actor=NURSE, password=PASSWORD)
    assert badge != Account.objects.get(user_name=NURSE.user_name).badge_sha256
    assert tablet_log_in(device, badge).headers["Location"] == "/bedside/"
    dose = Dose.objects.filter(course__participant__number=NUMBER, state="planned", route="IV").order_by("number")[0]
    label = ready(dose)
    with time_machine.travel(dose.planned_at, tick=True):
        tablet_log_in(device, badge)
        recorded = device.post("/bedside/", {"participant_number": NUMBER, "barcode": label, "at": "", "volume_ml": ""})
    assert recorded.status_code == 302, recorded.content.decode()
    assert Administration.objects.get(dose=dose).given_by == NURSE.user_name
    assert device.post("/log-out/").headers["Location"] == "/tablet/"
    assert device.get("/bedside/").headers["Location"].startswith("/tablet/?next=")
    issue_badge(actor=NURSE, password=PASSWORD)
    assert tablet_log_in(device, badge).status_code == 422, "a new badge ends the old one"


@pytest.mark.requirement("R33")
def test_a_pin_works_on_tablets_of_the_site_alone(device: Client) -> None:
    set_pin(actor=NURSE, pin=PIN, password=PASSWORD)
    assert tablet_log_in(device, NURSE.user_name.upper(), PIN).status_code == 302
    stranger = Client()
    refused = tablet_log_in(stranger, NURSE.user_name, PIN)
    assert refused.status_code == 403
    assert "not enrolled" in refused.content.decode()
    assert stranger.post("/log-in/", {"username": NURSE.user_name, "password": PIN}).status_code == 422
    with tampering():
        Tablet.objects.update(site_code="GR02")
    assert tablet_log_in(device, NURSE.user_name, PIN).status_code == 422
    assert device.get("/bedside/").status_code == 302, "the person who was logged in there is not"


def test_nobody_else_logs_in_with_a_pin_and_a_coordinator_has_none(device: Client) -> None:
    for actor in (COORDINATOR, at(Role.INVESTIGATOR)):
        assert tablet_log_in(device, actor.user_name, "").status_code == 422
        assert tablet_log_in(device, actor.user_name, PIN).status_code == 422
    assert tablet_log_in(device, NURSE.user_name, "").status_code == 422, "no PIN was set"
    assert tablet_log_in(device, "7F2QXK9D" * 3).status_code == 422


@pytest.mark.requirement("R33")
def test_wrong_pins_lock_the_name(device: Client) -> None:
    set_pin(actor=NURSE, pin=PIN, password=PASSWORD)
    for _turn in range(5):
        assert tablet_log_in(device, NURSE.user_name, "111112").status_code == 422
    locked = tablet_log_in(device, NURSE.user_name, PIN)
    assert "locked" in locked.content.decode()
    assert Event.objects.filter(action="pin.failed", subject=NURSE.user_name).count() == 5
    with time_machine.travel(clock.now() + timedelta(minutes=16)):
        assert tablet_log_in(device, NURSE.user_name, PIN).status_code == 302


def test_on_a_tablet_nobody_is_more_than_who_logged_in(device: Client) -> None:
    """A nurse who is an investigator too acts as nurse there, whatever the session is told."""
    set_pin(actor=NURSE, pin=PIN, password=PASSWORD)
    with tampering():
        account = Account.objects.get(user_name=NURSE.user_name)
        other = Membership.objects.create(
            account=account,
            side="blinded",
            role=Role.INVESTIGATOR,
            reach="GR02",
            starts_at=clock.now() - timedelta(days=1),
        )
    tablet_log_in(device, NURSE.user_name, PIN)
    assert device.post("/role/", {"membership": str(other.id)}).status_code == 403, "another role needs the password"
    assert device.get("/bedside/").status_code == 200
    tablet_log_in(device, NURSE.user_name, PIN)
    assert device.get(f"/participants/{NUMBER}/randomise/").status_code == 403


def test_a_tablet_is_left_for_five_minutes_and_ends_when_lost(device: Client) -> None:
    set_pin(actor=NURSE, pin=PIN, password=PASSWORD)
    tablet_log_in(device, NURSE.user_name, PIN)
    with time_machine.travel(clock.now() + timedelta(minutes=6)):
        assert device.get("/bedside/").status_code == 302
        tablet_log_in(device, NURSE.user_name, PIN)
        assert device.get("/bedside/").status_code == 200
        tablet, manager = Tablet.objects.get(), client_of(COORDINATOR)
        assert "ward 3" in manager.get("/tablets/").content.decode()
        assert client_of(at(Role.COORDINATOR, "GR02")).get("/tablets/").content.decode().count("ward 3") == 1, (
            "the hint"
        )
        end = f"/tablets/{tablet.id}/end/"
        assert client_of(at(Role.COORDINATOR, "GR02")).post(end, {"reason": "x"}).status_code == 404
        assert manager.post(end, {"reason": ""}).status_code == 422
        assert manager.post(end, {"reason": "lost"}).status_code == 302
        assert device.get("/bedside/").status_code == 302
        assert tablet_log_in(device, NURSE.user_name, PIN).status_code == 403


@pytest.mark.parametrize("pin", ["12345", "1234567", "123456", "987654", "111111", "12a456", "", "٤٨٢٩١٥"])
def test_a_pin_that_is_easily_guessed_is_refused(trial: None, pin: str) -> None:
    with pytest.raises(InvalidInput):
        set_pin(actor=NURSE, pin=pin, password=PASSWORD)


def test_pin_and_badge_take_the_password(trial: None) -> None:
    client = client_of(NURSE)
    assert client.post("/tablets/pin/", {"pin": PIN, "password": "wrong"}).status_code == 422
    with pytest.raises(SignatureRefused):
        issue_badge(actor=NURSE, password="wrong")
    assert client.post("/tablets/pin/", {"pin": PIN, "password": PASSWORD}).status_code == 302
    shown = client.post("/tablets/badge/", {"password": PASSWORD}).content.decode()
    assert "<svg" in shown
    assert Event.objects.filter(action="badge.issue", subject=NURSE.user_name).count() == 1


@pytest.mark.requirement("R33")
def test_badge_and_pin_end_with_the_password(device: Client) -> None:
    for by_another in (False, True):
        with tampering():
            Account.objects.filter(user_name=NURSE.user_name).update(password=make_password(PASSWORD))
        badge = issue_badge(actor=NURSE, password=PASSWORD)
        set_pin(actor=NURSE, pin=PIN, password=PASSWORD)
        if by_another:
            recover_blinded_account(
                actor=MANAGER, user_name=NURSE.user_name, reason="taken over", password="a new first one"
            )
        else:
            change_password(actor=NURSE, old=PASSWORD, new="a password of her own")
        assert tablet_log_in(device, badge).status_code in {403, 422}
        assert tablet_log_in(device, NURSE.user_name, PIN).status_code in {403, 422}


@pytest.mark.requirement("R33")
def test_a_tablet_session_never_becomes_another_role(trial: None) -> None:
    device = client_of(COORDINATOR)
    device.post("/tablets/", {"name": "ward 3"})
    device.post("/log-out/")
    set_pin(actor=NURSE, pin=PIN, password=PASSWORD)
    with tampering():
        account = Account.objects.get(user_name=NURSE.user_name)
        other = Membership.objects.create(
            account=account, side="blinded", role=Role.INVESTIGATOR, reach="GR01", starts_at=clock.now() - HOUR
        )
    device.post("/tablet/", {"who": NURSE.user_name, "pin": PIN})
    assert device.post("/role/", {"membership": str(other.id)}).status_code == 403
    session = device.session
    session["membership"] = str(other.id)
    session.save()
    assert device.get(f"/participants/{NUMBER}/hold/").status_code == 302
    assert device.post("/log-in/", {"username": NURSE.user_name, "password": PASSWORD}).headers["Location"] == "/"
    assert device.get("/").status_code == 200, "with the password everything is open again"


@pytest.mark.requirement("R33")
def test_pins_are_counted_apart_and_lock_nobody_else(trial: None) -> None:
    device = client_of(COORDINATOR)
    device.post("/tablets/", {"name": "ward 3"})
    device.post("/log-out/")
    set_pin(actor=NURSE, pin=PIN, password=PASSWORD)
    badge = issue_badge(actor=NURSE, password=PASSWORD)
    for _turn in range(4):
        device.post("/tablet/", {"who": NURSE.user_name, "pin": "111112"})
    device.post("/tablet/", {"who": badge, "pin": ""})
    device.post("/log-out/")
    device.post("/tablet/", {"who": NURSE.user_name, "pin": "111112"})
    assert "locked" in device.post("/tablet/", {"who": NURSE.user_name, "pin": PIN}).content.decode()
    assert client_of(NURSE).get("/").status_code == 200, "the password works"
    for _turn in range(6):
        device.post("/tablet/", {"who": "manager", "pin": "111112"})
    assert client_of(MANAGER).get("/").status_code == 200
