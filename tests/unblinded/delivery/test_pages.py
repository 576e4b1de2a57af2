"""Unblinded pages and API: laboratory, pharmacy, code break, appointments, as a person walks them."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
import time_machine
from django.core.cache import cache

from immunosep_site.demonstration import cast, play
from immunosep_site.demonstration.bench import from_cartons, lots_read
from immunosep_site.demonstration.play import Case
from pharmacy.preparation.models import Preparation
from randomization.accounts.models import Account
from randomization.accounts.roles import Role
from randomization.audit.models import FreeText
from randomization.blinded.bedside.models import Dose
from randomization.blinded.sites.models import Site
from randomization.shared import clock
from tests.permissions import client_of, read

pytestmark = pytest.mark.once


@pytest.fixture(autouse=True)
def no_locks() -> None:
    cache.clear()


def in_a_year() -> str:
    return f"{clock.now() + timedelta(days=365):%Y-%m-%d}"


def test_the_laboratory_walks_a_sample(trial: None) -> None:
    participant = play.screen(Case("GR01"))
    participant.refresh_from_db()
    client = client_of(cast.laboratory("GR"))
    page = f"/laboratory/{participant.sample_id}/"
    assert participant.number.encode() in client.get("/laboratory/").content
    now = f"{clock.site_moment(clock.now() - timedelta(minutes=2), 'Europe/Athens'):%Y-%m-%dT%H:%M}"
    assert client.post(page + "receive/", {"received_at": now}).status_code == 302
    bad = client.post(page, {"analyte": "ferritin", "value": ">3000", "reason": ""})
    assert (bad.status_code, b"dilute and measure again" in bad.content) == (422, True)
    assert client.post(page, {"analyte": "ferritin", "value": "900,5", "reason": ""}).status_code == 302
    assert client.post(page, {"analyte": "hla_dr", "value": "3000", "reason": ""}).status_code == 302
    assert b"SIP: eligible" in client.get(page).content
    play.pass_hatch()
    assert participant.number.encode() not in client.get("/laboratory/").content
    assert client.get("/laboratory/?all=1").status_code == 200


def test_the_pharmacist_prepares_prints_and_releases(trial: None) -> None:
    number = play.enrol(Case("GR01")).participant
    dose = Dose.objects.get(course__participant__number=number, route="IV", number=1)
    client = client_of(cast.at_site(Role.PHARMACIST, "GR01"))
    assert client.get("/pharmacy/?hours=5").status_code == 422
    page = client.post(f"/pharmacy/doses/{dose.uid}/prepare/").headers["Location"]
    assert b"Draw" in client.get(page).content
    preparation = Preparation.objects.get(dose_uid=dose.uid)
    barcode = play.label_of(preparation)
    chosen: dict[str, Any] = {"preparations": [str(preparation.uid)]}
    lots = {f"cartons_{code}": lot.cartons for code, lot in from_cartons([preparation], "GR01").items()} | chosen
    assert b"There is a problem" in client.post(page, {"secret": cast.PASSWORD}).content
    wrong = client.post(page, {**lots, "secret": "x"})
    assert (wrong.status_code, b"nothing was signed" in wrong.content) == (422, True)
    check = client.post(page, {**lots, "secret": cast.PASSWORD}).headers["Location"]
    assert check.endswith("/check/")
    assert client.get(f"/pharmacy/kits/{preparation.kit_code}/make/").status_code == 409
    chosen |= {"lots": lots_read([preparation])}
    alone = client.post(check, {"checker": "", "secret": cast.PASSWORD, **chosen})
    assert (alone.status_code, b"somebody else checks it" in alone.content) == (409, True)
    nobody = client.post(check, {"checker": "investigator.gr01", "secret": cast.PASSWORD, **chosen})
    assert (nobody.status_code, b"second person" in nobody.content) == (422, True)
    assert (
        preparation.kit_code[:4].encode()
        in client_of(cast.at_site(Role.PREPARER, "GR01")).get("/pharmacy/checks/").content
    )
    signing = {"checker": "preparer.gr01", "secret": cast.PASSWORD, **chosen}
    release = client.post(check, signing).headers["Location"]
    assert release.endswith("/release/")
    unlabelled = client.post(release, {"barcode": barcode})
    assert (unlabelled.status_code, b"Print the labels" in unlabelled.content) == (409, True)
    bench, page = page, f"/pharmacy/preparations/{preparation.uid}/"
    assert b"Go on: release" in client.get(page).content
    assert b"Print the labels" in client.get(page + "labels/").content
    assert client.get(page + "label.png").content.startswith(b"\x89PNG")
    asked = {"medium": "roll", "kind": "syringe", "start": "1", "reason": ""}
    outside = client.post(page + "labels/", {**asked, "medium": "a4", "start": "45"})
    assert (outside.status_code, b"positions 1 to 44" in outside.content) == (422, True)
    labels = client.post(page + "labels/", asked)
    assert labels.headers["Content-Type"] == "application/pdf"
    assert labels.content.startswith(b"%PDF")
    again = client.post(page + "labels/", asked)
    assert (again.status_code, b"say why it is printed again" in again.content) == (422, True)
    assert client.post(page + "labels/", {**asked, "reason": "smudged"}).content == labels.content
    thermal = client.post(page + "labels/", {**asked, "medium": "zpl", "reason": "no toner"})
    assert (thermal.headers["Content-Type"], thermal.content[:3]) == ("application/zpl", b"^XA")
    assert client.post(f"/pharmacy/kits/{preparation.kit_code}/labels/").status_code == 409
    assert client.post(release, {"barcode": "junk"}).status_code == 422
    assert client.post(release, {"barcode": barcode}).headers["Location"] == "/pharmacy/"
    assert client.get(bench).status_code == 409
    assert b"released" in client.get("/pharmacy/").content
    assert client.post(page + "void/", {"reason": "dropped", **read(client, page + "void/")}).status_code == 302


@pytest.mark.requirement("R33")
def test_a_list_that_renews_itself_keeps_nobody_logged_in(trial: None) -> None:
    play.enrol(Case("GR01"))
    start = clock.now()
    with time_machine.travel(start, tick=False) as machine:
        idle, active = (client_of(cast.at_site(Role.PHARMACIST, "GR01")) for _turn in range(2))
        for minutes in (10, 20, 29):
            machine.move_to(start + timedelta(minutes=minutes))
            assert idle.get("/pharmacy/", headers={"X-Refresh": "1"}).status_code == 200
            assert b'hx-trigger="every 60s"' in active.get("/pharmacy/").content
        machine.move_to(start + timedelta(minutes=31))
        ended = idle.get("/pharmacy/", headers={"X-Refresh": "1"})
        assert (ended.status_code, ended.content) == (200, b"")
        assert ended.headers["HX-Redirect"].startswith("/log-in/?next=/pharmacy/")
        assert active.get("/pharmacy/").status_code == 200


def test_the_same_over_the_api(trial: None) -> None:
    number = play.enrol(Case("GR01")).participant
    client = client_of(cast.at_site(Role.PHARMACIST, "GR01"))
    rows = client.get("/api/v1/pharmacy/worklist/?hours=8").json()
    row = next(row for row in rows if row["participant"] == number and row["route"] == "SC")

    def send(method: str, address: str, body: dict[str, Any]) -> Any:
        return client.generic(method, address, json.dumps(body), content_type="application/json")

    created = send("POST", "/api/v1/pharmacy/preparations/", {"dose_uid": row["dose_uid"]})
    assert created.status_code == 201
    again = send("POST", "/api/v1/pharmacy/preparations/", {"dose_uid": row["dose_uid"]})
    assert (again.status_code, again.json()["code"]) == (409, "in_preparation")
    address = f"/api/v1/pharmacy/preparations/{created.json()['uid']}/"
    assert client.post(address + "labels.pdf").content.startswith(b"%PDF")
    assert send("PATCH", address, {}).status_code == 422
    barcode = f"{created.json()['kit_code']}.SC.01.{created.json()['pack_code']}"
    assert send("PATCH", address, {"barcode": barcode}).json()["code"] == "preparation_state"
    asked = send("POST", "/api/v1/pharmacy/preparations/suggestions/", {"preparations": [created.json()["uid"]]}).json()
    lots = {}
    for item in asked:
        number = item["suggested"].split()[-1] if item["counted"] else "H-1"
        carton = {
            "product": item["code"],
            "code": number,
            "reason": "no code on it",
            "expires_on": None if item["counted"] else in_a_year(),
        }
        opened = send("POST", "/api/v1/pharmacy/stock/cartons/", carton)
        assert opened.status_code == 201, opened.json()
        lots[item["code"]] = {"cartons": [opened.json()["id"]]}
    making = {
        "preparations": [created.json()["uid"]],
        "lots": lots,
        "user_name": "pharmacist.gr01",
        "secret": cast.PASSWORD,
    }
    done = send("POST", "/api/v1/pharmacy/preparations/making/", making).json()[0]
    assert done["state"] == "made"
    checking = {
        "preparations": [created.json()["uid"]],
        "lots": [lot["id"] for lot in done["lots_taken"]],
        "user_name": "pharmacist.gr01",
        "secret": cast.PASSWORD,
    }
    checks = "/api/v1/pharmacy/preparations/checks/"
    assert len(client.get(checks).json()) == 1
    assert send("POST", checks, checking).json()["code"] == "same_person"
    second = client_of(cast.at_site(Role.PREPARER, "GR01"))
    checked = second.post(checks, json.dumps({**checking, "user_name": "preparer.gr01"}), "application/json")
    assert checked.json()[0]["state"] == "checked"
    assert send("PATCH", address, {"barcode": barcode}).json()["state"] == "released"
    assert send("PATCH", address, {"void_reason": "dropped", "accept_voids": 1}).json()["state"] == "voided"
    assert len(client.get("/api/v1/pharmacy/preparations/").json()) == 1
    supply = send("POST", "/api/v1/pharmacy/supply/", {"site_code": "GR01", "may_supply": False})
    assert supply.status_code == 201
    play.pass_hatch()
    assert not Site.objects.get(code="GR01").may_supply


def test_the_investigator_breaks_a_code_and_rehearses(trial: None) -> None:
    number = play.enrol(Case("GR01")).participant
    client = client_of(cast.at_site(Role.CODE_BREAKER, "GR01"))
    form = {
        "number": number,
        "category": "emergency",
        "reason": "shock",
        "secret": cast.PASSWORD,
        "request_uid": str(uuid4()),
    }
    shown = client.post("/code-break/", form)
    assert b"PRECISION" in shown.content or b"CONTROL" in shown.content
    assert b"IV syringe" in shown.content
    assert b"PRECISION" not in client.get("/code-break/").content
    again = client.post("/code-break/", form)
    assert (again.status_code, b"shown already" in again.content) == (409, True)
    wrong = client.post("/code-break/", {**form, "number": "GR02-001"})
    assert (wrong.status_code, b"shock" in wrong.content) == (404, True)
    assert client.post("/code-break/", {**form, "secret": "x"}).status_code == 422
    drill = client.post("/code-break/drill/", {"reason": "night shift", "secret": cast.PASSWORD})
    assert b"Rehearsal" in drill.content
    body = {
        "rehearse_at": "GR01",
        "category": "drill",
        "reason": "again",
        "signature": {"user_name": "investigator.gr01", "secret": cast.PASSWORD},
    }
    answer = client.post("/api/v1/code-breaks/", json.dumps(body), "application/json")
    assert answer.status_code == 201
    assert answer.json()["is_drill"]
    body = {**body, "number": number}
    assert client.post("/api/v1/code-breaks/", json.dumps(body), "application/json").status_code == 422
    assert len(client.get("/api/v1/code-breaks/").json()) == 4


def test_two_statisticians_blank_a_text(trial: None) -> None:
    text = FreeText.objects.filter(key="reason")[0]
    form = {"step": "ask", "stream": text.stream, "seq": text.seq, "key": "reason", "reason": ""}
    first, second = client_of(cast.STATISTICIAN), client_of(cast.SECOND_STATISTICIAN)
    assert first.post("/audit/redact/", form).status_code == 422
    assert first.post("/audit/redact/", {**form, "seq": 9999, "reason": "a name"}).status_code == 404
    assert first.post("/audit/redact/", {**form, "reason": "a name was typed"}).status_code == 302
    assert first.post("/audit/redact/", {**form, "step": "confirm"}).status_code == 409
    body = json.dumps({**form, "step": "confirm"})
    assert second.post("/api/v1/audit/redactions/", body, "application/json").status_code == 204
    text.refresh_from_db()
    assert text.text == ""
    assert b"[redacted]" in second.get(f"/audit/?stream={text.stream}").content


def test_two_statisticians_appoint(trial: None) -> None:
    form = {
        "user_name": "pharmacist.second",
        "email": "p2@example.org",
        "role": "pharmacist",
        "reach": "GR01",
        "delegated_by": "log",
        "trained_for": "1",
        "password": cast.PASSWORD,
    }
    first, second = client_of(cast.STATISTICIAN), client_of(cast.SECOND_STATISTICIAN)
    assert first.post("/people/", form).status_code == 302
    assert b"Confirm pharmacist.second" not in first.get("/people/").content
    page = second.get("/people/").content.decode()
    address = page.split('action="/people/')[1].split('"')[0]
    assert first.post(f"/people/{address}").status_code == 409
    assert second.post(f"/people/{address}").status_code == 302
    assert Account.objects.filter(user_name="pharmacist.second").exists()
    assert second.get("/lists/").status_code == 200
