"""Everything that is done with stock, by the pages and over the API: the same ledger, the same refusals."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any

import pytest
import time_machine

from immunosep_site.demonstration import cast, play
from immunosep_site.demonstration.play import Case
from pharmacy.preparation.models import Preparation
from pharmacy.preparation.services.prepare import prepare
from pharmacy.preparation.services.void_outdated import void_outdated
from pharmacy.stock.hold_causes import Outcome
from pharmacy.stock.ledger import Kind
from pharmacy.stock.models import Excursion, Hold, Lot, Movement, Recall
from pharmacy.stock.quarantines import open_recalls
from pharmacy.stock.selectors import lacking, stock_of
from pharmacy.stock.services.move import correct_expiry
from pharmacy.stock.services.quarantine import decide, recall
from pharmacy.stock.services.receive import Delivered, receive, receive_provisionally
from randomization.accounts.roles import Role
from randomization.blinded.bedside.models import Dose
from randomization.notices.models import Entry
from randomization.shared import clock
from randomization.shared.actor import SYSTEM, Actor
from randomization.shared.errors import InvalidInput, NotPermitted, Refused
from tests.destroying import carry_out, order_hold
from tests.permissions import client_of
from tests.removing import write_off

pytestmark = pytest.mark.once

SITE = "GR01"
PHARMACIST, PREPARER = cast.at_site(Role.PHARMACIST, SITE), cast.at_site(Role.PREPARER, SITE)
SAFETY = cast.SAFETY_OFFICER
LATER = (clock.now() + timedelta(days=200)).date()
LINE = {"product": "ANAKINRA", "lot_number": "W1", "expires_on": LATER.isoformat(), "units": 7}
Way = Callable[[Actor, str, dict[str, Any]], int]


def by_page(actor: Actor, address: str, values: dict[str, Any]) -> int:
    """A form: what is missing is empty; 302 is done."""
    sent = {key: "" if value is None else value for key, value in values.items()}
    return client_of(actor).post(f"/pharmacy/{address}", sent).status_code


def by_api(actor: Actor, address: str, body: dict[str, Any]) -> int:
    """JSON; 201 or 204 is done."""
    client = client_of(actor)
    send = client.put if address.endswith("/expiry/") else client.post
    return send(f"/api/v1/pharmacy/{address}", json.dumps(body), "application/json").status_code


WAYS = {
    "page": (
        by_page,
        302,
        {
            "receive": "stock/receive/",
            "provisional": "stock/provisional/",
            "confirm": "stock/receipts/{0}/",
            "write_off": "stock/lots/{0}/write-off/",
            "count": "stock/lots/{0}/count/",
            "excursion": "stock/excursion/",
            "decide": "stock/holds/{0}/",
            "recall": "recall/",
            "expiry": "stock/lots/{0}/expiry/",
            "supply": "supply/",
        },
    ),
    "api": (
        by_api,
        201,
        {
            "receive": "stock/",
            "provisional": "stock/",
            "confirm": "stock/receipts/{0}/",
            "write_off": "stock/lots/{0}/movements/",
            "count": "stock/lots/{0}/movements/",
            "excursion": "stock/excursions/",
            "decide": "stock/holds/{0}/decision/",
            "recall": "stock/recalls/",
            "expiry": "stock/lots/{0}/expiry/",
            "supply": "supply/",
        },
    ),
}


@pytest.mark.requirement("R39")
@pytest.mark.parametrize("way", WAYS)
def test_a_lots_whole_life(trial: None, way: str) -> None:
    send, done, at = WAYS[way]
    late = {**LINE, "delivery_note": "N 1"}
    for bad in (
        {"units": -1},
        {"units": 10**9},
        {"delivery_note": "x" * 65},
        {"lot_number": "y" * 33},
        {"temperature_c": "999.9"},
        {"expires_on": "2001-01-01"},
    ):
        assert send(PHARMACIST, at["receive"], {**late, "temperature_c": "5.0", **bad}) == 422, bad
    assert not Lot.objects.filter(number="W1").exists()
    assert send(PREPARER, at["receive"], {**late, "temperature_c": "5.0"}) == 403
    assert send(PHARMACIST, at["receive"], {**late, "temperature_c": "5.0"}) == done
    assert send(PHARMACIST, at["receive"], {**late, "temperature_c": "5.0"}) == 409, "the same line twice"
    lot = Lot.objects.get(number="W1")
    for bad in ({"units": 8}, {"units": -2}, {"units": 10**20}, {"reason": ""}):
        entry = {"kind": "waste", "units": 1, "reason": "dropped", **bad}
        assert send(PHARMACIST, at["write_off"].format(lot.pk), entry) in {409, 422}, bad
    assert send(PHARMACIST, at["write_off"].format(lot.pk), {"kind": "waste", "units": 2, "reason": "dropped"}) == done
    for bad in ({"counted": -1}, {"counted": 10**20}, {"reason": ""}):
        entry = {"kind": "count", "counted": 4, "reason": "one is missing", **bad}
        assert send(PHARMACIST, at["count"].format(lot.pk), entry) == 422, bad
    entry = {"kind": "count", "counted": 4, "reason": "one is missing"}
    assert send(PHARMACIST, at["count"].format(lot.pk), entry) == 422, "with what was wasted: more than a syringe takes"
    signed = {**entry, "user_name": PHARMACIST.user_name, "secret": cast.PASSWORD}
    assert send(PHARMACIST, at["count"].format(lot.pk), signed) == done
    assert Movement.objects.filter(lot=lot).latest("sequence").balance == 4
    provisional = {"product": "ANAKINRA", "lot_number": "W2", "expires_on": LATER.isoformat(), "units": 3}
    assert send(PREPARER, at["provisional"], {**provisional, "reason": ""}) == 422
    assert send(PREPARER, at["provisional"], {**provisional, "reason": "in the night box"}) == done
    receipt = Movement.objects.get(lot__number="W2").pk
    listed = client_of(PREPARER).get("/api/v1/pharmacy/stock/receipts/").json()
    assert [movement["id"] for movement in listed if movement["lot_number"] == "W2"] == [receipt]
    assert (
        send(PREPARER, at["confirm"].format(receipt), {"delivery_note": "N 2", "units": 3, "temperature_c": None})
        == 403
    )
    assert (
        send(PHARMACIST, at["confirm"].format(receipt), {"delivery_note": "N 2", "units": 3, "temperature_c": None})
        == done
    )
    hold = Hold.objects.get(lot__number="W2", cause="delivery")
    shown = client_of(PHARMACIST).get(f"/pharmacy/stock/holds/{hold.pk}/").content
    assert b"lot W2" in shown
    assert send(PHARMACIST, at["decide"].format(hold.pk), {"outcome": "released", "reason": ""}) == 422
    alone = send(PHARMACIST, at["decide"].format(hold.pk), {"outcome": "destroyed", "reason": "no reading"})
    assert alone == {"page": 302, "api": 409}[way], "the page goes on to the order"
    assert Hold.objects.get(pk=hold.pk).outcome == "", "nothing is destroyed by one person alone"
    carry_out(order_hold(hold))
    assert send(PHARMACIST, at["decide"].format(hold.pk), {"outcome": "released", "reason": "again"}) == 409
    again = receive(
        actor=PHARMACIST,
        site_code=SITE,
        line=Delivered("ANAKINRA", "w2", LATER, 5),
        delivery_note="N 3",
        temperature_c=play.Decimal(5),
    )
    row = next(row for row in stock_of(PHARMACIST, SITE) if row.lot.pk == again.lot_id)
    assert not row.holding.on_hold, "another consignment of the same lot is another thing"
    held = recall(actor=SAFETY, product="ANAKINRA", lot_number="W2", reason="particles")
    carry_out(order_hold(held[0]))
    receive(
        actor=PHARMACIST,
        site_code=SITE,
        line=Delivered("ANAKINRA", "w2", LATER, 5),
        delivery_note="N 4",
        temperature_c=play.Decimal(5),
    )
    row = next(row for row in stock_of(PHARMACIST, SITE) if row.lot.pk == again.lot_id)
    assert row.holding.on_hold, "a lot that was destroyed by decision is not used under its old number"
    assert row.warning == "destroyed by decision: do not use it"


@pytest.mark.parametrize("way", WAYS)
def test_excursion_expiry_and_supply(trial: None, way: str) -> None:
    with time_machine.travel(clock.now() + timedelta(days=1), tick=False):
        excursion_expiry_and_supply(*WAYS[way], is_page=way == "page")


def excursion_expiry_and_supply(send: Way, done: int, at: dict[str, str], *, is_page: bool) -> None:
    def local(moment: datetime) -> str:
        return f"{clock.site_moment(moment, 'Europe/Athens'):%Y-%m-%dT%H:%M}" if is_page else clock.stamp(moment)

    now = clock.now()
    ago = [local(now - timedelta(hours=hours)) for hours in (3, 1)]
    excursion = {
        "storage": "2-8 C",
        "starts_at": ago[0],
        "ends_at": ago[1],
        "lowest_c": None,
        "highest_c": None,
        "reason": "power cut",
    }
    for bad in (
        {"highest_c": "9.0"},
        {"lowest_c": "9.0", "highest_c": "5.0"},
        {"lowest_c": "5.0", "highest_c": "999.0"},
        {"storage": "-80 C"},
        {"reason": ""},
        {"ends_at": local(now - timedelta(hours=4))},
    ):
        assert send(PHARMACIST, at["excursion"], {**excursion, **bad}) == 422, bad
    assert not Excursion.objects.exists()
    assert send(PHARMACIST, at["excursion"], excursion) == done
    read = client_of(PHARMACIST).get("/api/v1/pharmacy/stock/excursions/").json()[0]
    assert (read["readings"], read["reason"]) == ("no readings", "power cut")
    assert b"power cut" in client_of(PHARMACIST).get("/pharmacy/stock/excursion/").content
    hold = Hold.objects.filter(cause="excursion", lot__site_code=SITE)[0]
    assert b"power cut" in client_of(PHARMACIST).get(f"/pharmacy/stock/holds/{hold.pk}/").content
    lot = Lot.objects.filter(site_code=SITE)[0]
    wrong = {"expires_on": lot.expires_on.isoformat(), "reason": "typed a year too early"}
    assert send(PREPARER, at["expiry"].format(lot.pk), wrong) == 422, "the day on record"
    right = {"expires_on": "2031-05-31", "reason": "typed a year too early"}
    assert send(PREPARER, at["expiry"].format(lot.pk), {**right, "reason": ""}) == 422
    assert send(PREPARER, at["expiry"].format(lot.pk), right) in {204, 302}
    assert Lot.objects.get(pk=lot.pk).last_day == date(2031, 5, 31)
    row = next(row for row in stock_of(PHARMACIST, SITE) if row.lot.pk == lot.pk)
    assert row.holding.expires_on == date(2031, 5, 31)
    assert b"typed a year too early" in client_of(PHARMACIST).get(f"/pharmacy/stock/lots/{lot.pk}/").content
    said = "no" if is_page else False
    assert send(PHARMACIST, at["supply"], {"site_code": SITE, "may_supply": said}) == done
    assert client_of(PHARMACIST).get("/api/v1/pharmacy/supply/").json() == {"may_work": False, "may_allocate": False}


@pytest.mark.requirement("R39")
@pytest.mark.parametrize("way", WAYS)
def test_a_recall_outlives_the_deliveries_that_come_after_it(trial: None, way: str) -> None:
    send, done, at = WAYS[way]
    values = {"product": "ANAKINRA", "lot_number": "BAD-1", "reason": "particles"}
    assert send(PHARMACIST, at["recall"], values) == 403
    assert send(SAFETY, at["recall"], values) == 422, "nobody has it: read it again"
    ahead = "on" if way == "page" else True
    assert send(SAFETY, at["recall"], {**values, "ahead": ahead}) == done
    line = Delivered("ANAKINRA", "bad-1", LATER, 5)
    receive(actor=PHARMACIST, site_code=SITE, line=line, delivery_note="N 9", temperature_c=play.Decimal(5))
    receive_provisionally(
        actor=cast.at_site(Role.PREPARER, "GR02"), site_code="GR02", line=line, reason="in the night box"
    )
    held = {hold.lot.site_code: hold for hold in open_recalls(SAFETY)}
    assert set(held) == {SITE, "GR02"}
    assert b"at GR02" in client_of(SAFETY).get("/pharmacy/recall/").content
    assert client_of(SAFETY).get(f"/pharmacy/stock/holds/{held[SITE].pk}/").status_code == 200
    assert send(PHARMACIST, at["decide"].format(held[SITE].pk), {"outcome": "released", "reason": "x"}) == 403
    assert send(SAFETY, at["decide"].format(held[SITE].pk), {"outcome": "released", "reason": "cleared"}) == done
    assert not Hold.objects.filter(lot__number="bad-1", lot__site_code=SITE, outcome="").exists()
    recall(actor=SAFETY, product="ANAKINRA", lot_number="BAD-1", reason="after all")
    assert Hold.objects.filter(lot__number="bad-1", lot__site_code=SITE, outcome="").exists()
    assert Recall.objects.count() == 2
    assert {entry.site_code for entry in Entry.objects.filter(kind="recall")} == {SITE}


def first_dose(route: str = "IV") -> Dose:
    return Dose.objects.get(course__participant__number=play.enrol(Case(SITE)).participant, route=route, number=1)


@pytest.mark.requirement("R39")
def test_a_lot_that_came_after_the_opening_is_struck_when_it_goes_on_hold(trial: None) -> None:
    """Opened, then the lot was received provisionally and used, then it went on hold."""
    preparation = prepare(actor=PHARMACIST, dose_uid=first_dose().uid)
    line = Delivered("ANAKINRA", "LATE-1", LATER, 50)
    receive_provisionally(actor=PREPARER, site_code=SITE, line=line, reason="in the night box")
    recall(actor=SAFETY, product="ANAKINRA", lot_number="LATE-1", reason="particles")
    void_outdated(actor=SYSTEM)
    assert Preparation.objects.get(pk=preparation.pk).void_cause == "stock"


@pytest.mark.requirement("R39")
def test_a_recall_of_hospital_stock_strikes_every_syringe_whatever_was_typed(trial: None) -> None:
    """Saline stands in nearly every syringe, but which lot was typed depends on who got what."""
    plain, other = prepare(actor=PHARMACIST, dose_uid=first_dose().uid), first_dose("SC")
    play.make_and_check([plain], SITE)
    typed = prepare(actor=PHARMACIST, dose_uid=other.uid)
    recall(actor=SAFETY, product="SALINE", lot_number="NEVER-TYPED", reason="glass", ahead=True)
    void_outdated(actor=SYSTEM)
    states = set(Preparation.objects.filter(pk__in=[plain.pk, typed.pk]).values_list("state", "void_cause"))
    assert states == {("voided", "stock")}
    again = prepare(actor=PHARMACIST, dose_uid=first_dose().uid)
    lots = {"SALINE": play.TypedLot("never-typed", LATER)}
    with pytest.raises(Refused) as refusal:
        play.make_syringes([again], SITE, lots)
    assert refusal.value.code == "lot_not_usable"


def test_a_true_shortage_is_the_pharmacys_warning_alone(trial: None) -> None:
    assert lacking(stock_of(PHARMACIST, SITE), SITE) == []
    for lot in Lot.objects.filter(site_code=SITE, product="INTERFERON"):
        write_off(actor=PHARMACIST, lot_id=lot.pk, kind=Kind.WASTE, units=200, reason="the shelf fell")
    assert lacking(stock_of(PHARMACIST, SITE), SITE) == ["INTERFERON"]
    assert b"Less than one patient" in client_of(PHARMACIST).get("/pharmacy/stock/").content


def test_a_hospital_lot_is_one_in_any_case_and_a_typing_error_is_corrected(trial: None) -> None:
    preparation = prepare(actor=PHARMACIST, dose_uid=first_dose().uid)
    play.make_syringes([preparation], SITE, {"SALINE": play.TypedLot("HX", LATER)})
    again = prepare(actor=PHARMACIST, dose_uid=first_dose().uid)
    right = {"SALINE": play.TypedLot("hx", LATER + timedelta(days=30))}
    with pytest.raises(Refused, match="correct it on the lot's page"):
        play.make_syringes([again], SITE, right)
    lot = Lot.objects.get(number="HX")
    correct_expiry(actor=PREPARER, lot_id=lot.pk, expires_on=LATER + timedelta(days=30), reason="misread")
    play.make_syringes([again], SITE, right)
    assert Lot.objects.filter(canonical_number="HX").count() == 1


def test_a_recall_is_decided_by_nobody_of_a_site(trial: None) -> None:
    number = Lot.objects.filter(site_code=SITE, product="ANAKINRA")[0].number
    held = recall(actor=SAFETY, product="ANAKINRA", lot_number=number, reason="particles")
    with pytest.raises(NotPermitted):
        decide(actor=PHARMACIST, hold_id=held[0].pk, outcome=Outcome.RELEASED, reason="it looks fine")
    with pytest.raises(InvalidInput, match="recalled already"):
        recall(actor=SAFETY, product="ANAKINRA", lot_number=number, reason="again")
