"""In the pharmacy: which syringes an act makes void is said before, accepted, and told to pharmacy and ward."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client

from immunosep_site.demonstration import cast, play
from immunosep_site.demonstration.fixtures import FIXTURES
from immunosep_site.demonstration.play import Case
from pharmacy.preparation.models import Preparation
from pharmacy.stock.consignments import brought_by
from pharmacy.stock.models import Hold, Movement, Strike
from pharmacy.stock.services.quarantine import recall
from pharmacy.stock.services.receive import receive_provisionally
from randomization.accounts.roles import Role
from randomization.blinded.bedside.models import Dose, Packaging
from randomization.blinded.bedside.services.steer_course import hold_course
from randomization.blinded.sites.selectors import protocol_in_force
from randomization.blinded.sites.services.register_protocol import approve_protocol, register_protocol
from randomization.notices.models import Entry
from randomization.shared import clock
from randomization.shared.actor import SYSTEM, Actor
from randomization.shared.foreseen import Accepted, VoidsNotAccepted
from randomization.shared.service import Side, on_side
from tests.both.laboratory.steps import case_of, corrected, decide
from tests.both.stock.steps import OTHER, PHARMACIST, PREPARER, SITE, deliver, line, local, lot, opened
from tests.permissions import client_of, read

pytestmark = pytest.mark.once

MINUTE = timedelta(minutes=1)
SAFETY = cast.SAFETY_OFFICER
INVESTIGATOR = cast.at_site(Role.INVESTIGATOR, SITE)
STOCK = "/pharmacy/stock/"


@dataclass(frozen=True)
class Act:
    """One act over page and API, by whom; `routes` of the syringes that become void."""

    actor: Actor
    page: str
    form: dict[str, Any]
    address: str
    body: dict[str, Any]


def _hold() -> Act:
    code = brought_by(deliver("H1")).consignment.code
    body = {"consignment": code, "reason": "the logger was read late"}
    return Act(PHARMACIST, STOCK + "hold/", body, STOCK + "holds/", body)


def _mixing() -> Act:
    deliver("H2", note="one")
    deliver("H2", note="two", temperature=None)
    body, where = {"reason": "put in one box"}, f"{STOCK}lots/{lot('H2').pk}/"
    return Act(PHARMACIST, where + "mixed/", body, where + "mixing/", body)


def _excursion() -> Act:
    ends_at = clock.now()
    body = {"storage": "2-8 C", "lowest_c": "5", "highest_c": "12", "reason": "the door stood open"}
    starts_at = ends_at - timedelta(minutes=30)
    form = {**body, "starts_at": local(starts_at), "ends_at": local(ends_at)}
    sent = {**body, "starts_at": clock.stamp(starts_at), "ends_at": clock.stamp(ends_at)}
    return Act(PHARMACIST, STOCK + "excursion/", form, STOCK + "excursions/", sent)


def _recall() -> Act:
    body = {"product": "ANAKINRA", "lot_number": "ANAK-A", "reason": "particles"}
    return Act(SAFETY, "/pharmacy/recall/", body, STOCK + "recalls/", body)


def _provisional() -> Movement:
    return receive_provisionally(actor=PREPARER, site_code=SITE, line=line("H3", 3), reason="in the night box")


def _receipt() -> Act:
    _provisional()
    body = {
        "product": "ANAKINRA",
        "lot_number": "H3",
        "expires_on": line("H3").expires_on.isoformat(),
        "units": 10,
        "delivery_note": "cold chain lost",
    }
    return Act(PHARMACIST, STOCK + "receive/", {**body, "temperature_c": ""}, STOCK, {**body, "temperature_c": None})


def _confirmation() -> Act:
    where = f"{STOCK}receipts/{_provisional().pk}/"
    body = {"delivery_note": "cold chain lost", "units": 10}
    return Act(PHARMACIST, where, {**body, "temperature_c": ""}, where, {**body, "temperature_c": None})


ACTS: dict[str, Callable[[], Act]] = {
    "hold": _hold,
    "mixing": _mixing,
    "excursion": _excursion,
    "recall": _recall,
    "receipt": _receipt,
    "confirmation": _confirmation,
}


def send(client: Client, address: str, body: dict[str, Any], *, method: str = "POST", **headers: str) -> Any:
    return client.generic(method, f"/api/v1{address}", json.dumps(body), "application/json", headers=headers)


def read_in(page: Any) -> dict[str, str]:
    return {"foreseen": page.content.decode().split('name="foreseen" value="')[1][:64]}


@pytest.mark.requirement("R39")
@pytest.mark.parametrize("name", ACTS)
def test_over_the_api_stock_is_struck_when_its_voids_are_accepted(trial: None, name: str) -> None:
    """IV of a patient, then of a second one in between; under one key, since a refusal uses no key up."""
    opened()
    with time_machine.travel(clock.now() + 10 * MINUTE, tick=False):
        act = ACTS[name]()
        client = client_of(act.actor)
        refused = send(client, act.address, act.body)
        problem = refused.json()
        assert (refused.status_code, problem["code"], problem["accept_voids"]) == (409, "voids_not_accepted", 1)
        assert problem["sentences"][0] in problem["detail"]
        assert [(void["site_code"], void["route"], void["number"]) for void in problem["voids"]] == [(SITE, "IV", 1)]
        assert not Strike.objects.exists()
        opened()
    with time_machine.travel(clock.now() + 20 * MINUTE, tick=False):
        client = client_of(act.actor)
        key = {"Idempotency-Key": "f" * 32}
        changed = send(client, act.address, {**act.body, "accept_voids": 1}, **key)
        assert (changed.status_code, changed.json()["accept_voids"]) == (409, 2), "it asks again"
        assert not Strike.objects.exists()
        done = send(client, act.address, {**act.body, "accept_voids": 2}, **key)
        assert done.status_code == 201, done.content
        assert send(client, act.address, {**act.body, "accept_voids": 2}, **key)["Idempotency-Replayed"] == "true"
        play.pass_hatch()
    assert set(Preparation.objects.values_list("state", "void_cause")) == {("voided", "stock")}
    assert len(told_above()) == 1


@pytest.mark.requirement("R39")
@pytest.mark.parametrize("name", ACTS)
def test_a_page_of_the_stock_asks_first_and_again_where_it_changed(trial: None, name: str) -> None:
    opened()
    with time_machine.travel(clock.now() + 10 * MINUTE, tick=False):
        act = ACTS[name]()
        asked = client_of(act.actor).post(act.page, act.form)
        assert b"1 prepared IV syringe becomes void; its dose is planned for" in asked.content
        assert not Strike.objects.exists()
        opened()
    with time_machine.travel(clock.now() + 20 * MINUTE, tick=False):
        client = client_of(act.actor)
        again = client.post(act.page, {**act.form, **read_in(asked)})
        assert b"2 prepared IV syringes become void; the first is planned for" in again.content
        assert not Strike.objects.exists()
        assert client.post(act.page, {**act.form, **read_in(again)}).status_code == 302
        assert Strike.objects.exists()


def told_above() -> list[tuple[str, str, int]]:
    """What pharmacies were told: site, roles, how many syringes."""
    rows = Entry.objects.filter(kind="voided").order_by("site_code", "id")
    return [(row.site_code, row.roles, json.loads(row.payload)["about"].count(",") + 1) for row in rows]


def told_below() -> list[tuple[str, str, str]]:
    """What wards were told: site, roles, about whom. Messages of one moment go down in random order."""
    rows = Entry.objects.using("blinded").filter(kind="dose_voided")
    return sorted((row.site_code, row.roles, row.payload) for row in rows)


@pytest.mark.requirement("R39")
def test_pharmacy_and_ward_are_told_of_the_case_and_its_siblings(trial: None) -> None:
    """A recall hits the syringes of three patients at two sites, drug or dummy; one is not shown yet, one is given.

    Each pharmacy gets one notice, each ward one for each syringe that it was shown, with the patient and nothing else.
    """
    numbers = [play.enrol(Case(site_code)).participant for site_code in (SITE, SITE, "GR02")]
    first = [Dose.objects.get(course__participant__number=number, route="IV", number=1) for number in numbers]
    syringes = [play.prepare_and_release(dose, dose.course.participant.site_id) for dose in first]
    hidden = play.prepare_and_release(
        Dose.objects.get(course__participant__number=numbers[0], route="IV", number=2), SITE
    )
    spared = play.prepare_and_release(
        Dose.objects.get(course__participant__number=numbers[0], route="SC", number=1), SITE
    )
    with time_machine.travel(max(syringe.ready_at for syringe in syringes) + MINUTE, tick=False):
        play.pass_hatch()
        assert Packaging.objects.filter(voided_at=None).count() == 4
        recall(actor=SAFETY, product="ANAKINRA", lot_number="ANAK-A", reason="particles")
        play.pass_hatch()
    hidden.refresh_from_db()
    spared.refresh_from_db()
    assert (hidden.state, spared.state) == ("voided", "released")
    assert told_above() == [("GR01", "pharmacist,preparer", 3), ("GR02", "pharmacist,preparer", 1)]
    about = [json.loads(row.payload)["about"] for row in Entry.objects.filter(kind="voided")]
    assert not any(word in " ".join(about).lower() for word in ("anakinra", "saline", "interferon"))
    ward = "nurse,coordinator"
    assert told_below() == [(number[:4], ward, json.dumps({"participant": number})) for number in sorted(numbers)], (
        "not of the one that no ward has seen"
    )


@pytest.mark.requirement("R39")
def test_a_hold_on_the_ward_counts_what_the_ward_was_shown_and_the_pharmacy_is_told_of_all(trial: None) -> None:
    """One is shown, one is released and not shown: the ward is asked about one, and the pharmacy reads of both."""
    number = play.enrol(Case(SITE)).participant
    doses = [Dose.objects.get(course__participant__number=number, route="IV", number=order) for order in (1, 2)]
    syringes = [play.prepare_and_release(dose, SITE) for dose in doses]
    with time_machine.travel(syringes[0].ready_at + MINUTE, tick=False):
        play.pass_hatch()
        from randomization.blinded.bedside.void_ready import ready_of

        participant = doses[0].course.participant
        assert [(expected_void.route, expected_void.number) for expected_void in ready_of(participant.uid)] == [
            ("IV", 1)
        ]
        with on_side(Side.BLINDED):
            hold_course(actor=INVESTIGATOR, number=number, reason="surgery")
        play.pass_hatch()
    assert told_above() == [(SITE, "pharmacist,preparer", 2)]
    assert told_below() == [(SITE, "nurse,coordinator", json.dumps({"participant": number}))]


@pytest.mark.requirement("R39")
def test_the_void_of_one_syringe_says_so_and_is_told_where_it_left_the_bench(trial: None) -> None:
    number = play.enrol(Case(SITE)).participant
    doses = [Dose.objects.get(course__participant__number=number, route=route, number=1) for route in ("IV", "SC")]
    syringes = [play.prepare_and_release(dose, SITE) for dose in doses]
    with time_machine.travel(syringes[0].ready_at + MINUTE, tick=False):
        play.pass_hatch()
        client, page = client_of(PREPARER), f"/pharmacy/preparations/{syringes[0].uid}/void/"
        shown = client.get(page).content.decode()
        assert "1 prepared IV syringe becomes void; its dose is planned for" in shown
        assert client.post(page, {"reason": "dropped"}).status_code == 200, "not read, not done"
        assert client.post(page, {"reason": "dropped", **read(client, page)}).status_code == 302
        assert "No prepared syringe becomes void by it." in client.get(page).content.decode()
        address = f"/pharmacy/preparations/{syringes[1].uid}/"
        refused = send(client, address, {"void_reason": "dropped"}, method="PATCH")
        assert (refused.status_code, refused.json()["accept_voids"]) == (409, 1)
        done = send(client, address, {"void_reason": "dropped", "accept_voids": 1}, method="PATCH")
        assert done.json()["state"] == "voided"
        again = send(client, address, {"void_reason": "dropped"}, method="PATCH")
        assert again.json()["code"] == "preparation_state"
        play.pass_hatch()
        due = Dose.objects.get(course__participant__number=number, route="IV", number=2)
        broken = opened(2, "IV", number)
        assert due.uid == broken.dose_uid
        answer = send(
            client, f"/pharmacy/preparations/{broken.uid}/", {"void_reason": "x", "accept_voids": 1}, method="PATCH"
        )
        assert answer.json()["state"] == "voided"
    assert told_above() == [(SITE, "pharmacist,preparer", 1)] * 2, "what never left the bench is no news"
    assert len(told_below()) == 2


@pytest.mark.requirement("R07", "R39")
@pytest.mark.parametrize("way", ["page", "api"])
def test_the_second_signature_on_a_class_says_what_becomes_void(trial: None, way: str) -> None:
    """IV 1 stays by the class before; IV 2 and 3 were prepared by it and become void. The ward knows of none."""
    participant = corrected()
    opened(1, "IV", participant.number)
    opened(2, "IV", participant.number)
    decide(participant)
    assert Preparation.objects.filter(state="voided").count() == 0
    client, page = client_of(SAFETY), f"/class-cases/{case_of(participant).pk}/confirm/"
    address = f"/class-cases/{case_of(participant).pk}/decision/"
    sign = {"secret": cast.PASSWORD}
    body = {"user_name": "safety.officer", **sign}
    assert b"1 prepared IV syringe becomes void" in client.get(page).content
    carried = read(client, page)
    assert send(client, address, body).json()["accept_voids"] == 1
    opened(3, "IV", participant.number)
    if way == "page":
        asked = client.post(page, {**sign, **carried})
        assert b"2 prepared IV syringes become void" in asked.content
        assert client.post(page, {**sign, **read_in(asked)}).status_code == 302
    else:
        changed = send(client, address, {**body, "accept_voids": 1})
        assert (changed.status_code, changed.json()["accept_voids"]) == (409, 2)
        assert send(client, address, {**body, "accept_voids": 2}).status_code == 201
    play.pass_hatch()
    preparations = Preparation.objects.filter(participant_number=participant.number).order_by("number")
    assert list(preparations.values_list("number", "void_cause")) == [(1, ""), (2, "class"), (3, "class")]
    assert told_above() == [(SITE, "pharmacist,preparer", 2)]
    assert told_below() == [], "the ward has seen none of them"


@pytest.mark.requirement("R39")
def test_where_nothing_becomes_void_the_pages_say_so_and_nobody_is_asked(trial: None) -> None:
    """A decision on a quarantine and the word of the pharmacy leave every syringe as it is."""
    with time_machine.travel(clock.now() + MINUTE, tick=False):
        deliver("H4", temperature=None)
        preparation = opened()
    with time_machine.travel(clock.now() + 10 * MINUTE, tick=False):
        hold, client = Hold.objects.get(), client_of(PHARMACIST)
        page = f"{STOCK}holds/{hold.pk}/"
        assert b"No prepared syringe becomes void by the decision" in client.get(page).content
        body = {"outcome": "released", "reason": "stability data of the maker"}
        assert send(client, f"{STOCK}holds/{hold.pk}/decision/", body).status_code == 201
        assert b"No prepared syringe becomes void by it" in client.get("/pharmacy/supply/").content
        assert send(client, "/pharmacy/supply/", {"site_code": SITE, "may_supply": False}).status_code == 201
        write_off = f"{STOCK}lots/{lot('ANAK-A').pk}/write-off/"
        assert b"No prepared syringe becomes void by it" in client.get(write_off).content
        play.pass_hatch()
        preparation.refresh_from_db()
        assert preparation.state == "opened"
        assert client_of(OTHER).get(page).status_code == 404
    assert told_above() == []


@pytest.mark.requirement("R04", "R39")
def test_another_version_counts_what_the_wards_were_shown_and_the_sweep_voids_it_all(trial: None) -> None:
    """Two patients at two sites: each ward is shown IV 1; IV 2 of the first is released and not shown yet."""
    numbers = [play.enrol(Case(site_code)).participant for site_code in (SITE, "GR02")]
    doses = [Dose.objects.get(course__participant__number=number, route="IV", number=1) for number in numbers]
    syringes = [play.prepare_and_release(dose, dose.course.participant.site_id) for dose in doses]
    hidden = play.prepare_and_release(
        Dose.objects.get(course__participant__number=numbers[0], route="IV", number=2), SITE
    )
    text = (FIXTURES / "protocol.toml").read_text(encoding="utf-8")
    text = text.replace('version = "1"', 'version = "2"').replace('below_ml_min = "30"', 'below_ml_min = "90"')
    with time_machine.travel(max(syringe.ready_at for syringe in syringes) + MINUTE, tick=False):
        play.pass_hatch()
        with on_side(Side.BLINDED):
            register_protocol(actor=SYSTEM, text=text)
            wanted: dict[str, Any] = {"actor": SYSTEM, "version": "2", "site_codes": [SITE, "GR02"]}
            with pytest.raises(VoidsNotAccepted) as refusal:
                approve_protocol(accepted=Accepted(), **wanted)
            assert [(syringe.site_code, syringe.route, syringe.number) for syringe in refusal.value.voids] == [
                (SITE, "IV", 1),
                ("GR02", "IV", 1),
            ]
            assert protocol_in_force(SITE).version == "1"
            assert approve_protocol(accepted=Accepted(count=2), **wanted) == [SITE, "GR02"]
        play.pass_hatch()
    states = Preparation.objects.filter(uid__in=[syringe.uid for syringe in [*syringes, hidden]])
    assert set(states.values_list("state", "void_cause")) == {("voided", "level")}
    assert Packaging.objects.filter(voided_at=None).count() == 0
    assert told_above() == [(SITE, "pharmacist,preparer", 2), ("GR02", "pharmacist,preparer", 1)]
    assert [site_code for site_code, _roles, _payload in told_below()] == [SITE, "GR02"]
