"""Consignments: what goes on hold, what is struck with it, and that it is said before and afterwards."""

from __future__ import annotations

import json
import re
from datetime import timedelta
from typing import Any

import pytest
import time_machine

from immunosep_site.demonstration import cast, play
from immunosep_site.demonstration.play import Case
from pharmacy.preparation.models import Preparation
from pharmacy.preparation.services.void_outdated import void_outdated
from pharmacy.stock.consignments import brought_by, consignment_by_code, consignments_of
from pharmacy.stock.models import Consignment, Hold, Movement
from pharmacy.stock.ordering import order_for
from pharmacy.stock.selectors import holdings
from pharmacy.stock.services.hold import note_mixing, put_on_hold
from pharmacy.stock.services.receive import receive_provisionally
from randomization.blinded.bedside.models import Dose
from randomization.shared import clock
from randomization.shared.actor import SYSTEM
from randomization.shared.errors import InvalidInput, NotFound, Refused
from randomization.shared.ids import show_code
from randomization.shared.read_once import reads_kept
from tests.both.stock.steps import OTHER, PHARMACIST, PREPARER, SITE, deliver, line, local, lot, opened
from tests.permissions import client_of
from tests.statements import reads, repeated

pytestmark = pytest.mark.once

HOUR = timedelta(hours=1)


def causes(*preparations: Preparation) -> list[str]:
    void_outdated(actor=SYSTEM)
    for preparation in preparations:
        preparation.refresh_from_db()
    return [preparation.void_cause for preparation in preparations]


@pytest.mark.requirement("R39")
def test_a_second_delivery_without_a_reading_holds_itself_and_voids_nothing(trial: None) -> None:
    first = deliver("K1", 10)
    preparation = opened()
    with time_machine.travel(clock.now() + HOUR, tick=False):
        page = client_of(PHARMACIST)
        typed = {
            "product": "ANAKINRA",
            "lot_number": "K1",
            "expires_on": line("K1").expires_on.isoformat(),
            "units": 30,
            "delivery_note": "second",
            "temperature_c": "",
        }
        answer = page.post("/pharmacy/stock/receive/", typed, follow=True)
        code = Movement.objects.get(reference="second").brought.code
        assert f"30 units of lot K1 are booked in as consignment {show_code(code)}".encode() in answer.content
        assert f"Consignment {show_code(code)} is on hold".encode() in answer.content
        assert causes(preparation) == [""]
    held = holdings([lot("K1").pk])[0]
    assert (
        held.on_hold,
        held.balance,
        held.arm_neutral,
        held.free(arm_neutral=True),
        held.free(arm_neutral=False),
    ) == (
        False,
        40,
        38,
        8,
        10,
    )
    assert [row.on_hold for row in consignments_of(lot("K1"))] == [True, False]
    scanned = consignment_by_code(SITE, show_code(code).lower())
    assert scanned is not None
    assert (scanned.lot, scanned.on_hold, scanned.product, scanned.lot_number) == (lot("K1"), True, "ANAKINRA", "K1")
    other = consignment_by_code(SITE, brought_by(first).consignment.code)
    assert other is not None
    assert not other.on_hold
    assert consignment_by_code("GR02", code) is None
    assert consignment_by_code(SITE, "K1") is None


@pytest.mark.parametrize("whole", [False, True], ids=["consignment", "lot"])
@pytest.mark.requirement("R39")
def test_a_later_hold_strikes_the_route_and_narrows_the_stock_alone(trial: None, whole: bool) -> None:
    codes = [brought_by(deliver("K2", 10, note=note)).consignment.code for note in ("one", "two")]
    iv, person = opened(), play.enrol(Case(SITE)).participant
    sc = opened(route="SC", person=person)
    which: dict[str, Any] = {"product": "ANAKINRA", "lot_number": "k2"} if whole else {"consignment": codes[0]}
    with time_machine.travel(clock.now() + HOUR, tick=False):
        hold = put_on_hold(actor=PHARMACIST, site_code=SITE, reason="the logger was read late", **which)
        assert causes(iv, sc) == ["stock", ""]
        assert hold is not None
        assert (hold.consignment_id, hold.cause) == (None if whole else codes[0], "pharmacy")
        held = holdings([lot("K2").pk])[0]
        assert (held.on_hold, held.free(arm_neutral=True)) == (whole, 18 if whole else 10)
        with pytest.raises(Refused):
            put_on_hold(actor=PHARMACIST, site_code=SITE, reason="again", consignment=codes[0])


def test_a_bad_hold_is_refused_with_its_field(trial: None) -> None:
    cases: tuple[tuple[dict[str, Any], str], ...] = (
        ({"consignment": "AAAA"}, "consignment"),
        ({"product": "ASPIRIN", "lot_number": "X"}, "product"),
        ({"product": "ANAKINRA", "lot_number": "NOT HERE"}, "lot_number"),
        ({"product": "ANAKINRA", "lot_number": ""}, "lot_number"),
    )
    for which, field in cases:
        with pytest.raises(InvalidInput) as refusal:
            put_on_hold(actor=PHARMACIST, site_code=SITE, reason="test", **which)
        assert refusal.value.field == field
    with pytest.raises(InvalidInput):
        put_on_hold(actor=PHARMACIST, site_code=SITE, reason=" ", product="ANAKINRA", lot_number="ANAK-A")
    with pytest.raises(NotFound):
        put_on_hold(actor=OTHER, site_code=SITE, reason="test", product="ANAKINRA", lot_number="ANAK-A")
    assert not Hold.objects.exists()


@pytest.mark.requirement("R39")
def test_a_lot_that_is_not_booked_in_is_put_on_hold_all_the_same(trial: None) -> None:
    preparation = opened()
    with time_machine.travel(clock.now() + HOUR, tick=False):
        values: dict[str, Any] = {
            "product": "ANAKINRA",
            "lot_number": "NEVER",
            "elsewhere": True,
            "reason": "a call of the maker",
        }
        assert put_on_hold(actor=PHARMACIST, site_code=SITE, **values) is None
        assert causes(preparation) == ["stock"]


@pytest.mark.requirement("R39")
def test_where_units_were_mixed_the_hold_falls_on_all_of_the_lot(trial: None) -> None:
    code = brought_by(deliver("K3", 10, note="one")).consignment.code
    deliver("K3", 10, note="two", temperature=None)
    preparation = opened()
    with time_machine.travel(clock.now() + HOUR, tick=False):
        with pytest.raises(InvalidInput):
            note_mixing(actor=PHARMACIST, lot_id=lot("K3").pk, reason="")
        note_mixing(actor=PHARMACIST, lot_id=lot("K3").pk, reason="put in one box")
        assert holdings([lot("K3").pk])[0].on_hold
        assert causes(preparation) == ["stock"]
        with pytest.raises(Refused):
            note_mixing(actor=PHARMACIST, lot_id=lot("K3").pk, reason="again")
        scanned = consignment_by_code(SITE, code)
        assert scanned is not None
        assert scanned.on_hold


@pytest.mark.requirement("R39")
def test_an_excursion_strikes_what_lay_there_while_it_lasted(trial: None) -> None:
    """Two were opened two hours before; two while it lasted; one patient's IV and SC of both sessions."""
    people = [play.enrol(Case(SITE, ferritin=ferritin)).participant for ferritin in ("800", "9000")]
    early = [play.prepare_and_release(dose_of(person, "IV", 2), SITE) for person in people]
    with time_machine.travel(clock.now() + 2 * HOUR, tick=False):
        late = [opened(1, "SC", person) for person in people]
        brought = deliver("AFTER", 10)
        starts = clock.now() - timedelta(minutes=5)
    with time_machine.travel(clock.now() + 3 * HOUR, tick=False):
        typed = {
            "storage": "2-8 C",
            "starts_at": local(starts),
            "ends_at": local(starts + timedelta(minutes=4)),
            "lowest_c": "5",
            "highest_c": "12",
            "reason": "the door stood open",
        }
        page, address = client_of(PHARMACIST), "/pharmacy/stock/excursion/"
        asked = page.post(address, typed).content.decode()
        assert "2 prepared SC syringes become void; the first is planned for" in asked
        assert "IV syringe" not in asked
        assert not Hold.objects.exists(), "nothing is done before it is confirmed"
        read = re.search(r'name="foreseen" value="([0-9a-f]{64})"', asked)
        assert read is not None
        assert page.post(address, {**typed, "foreseen": "0" * 64}).status_code == 200, "another number was read"
        assert page.post(address, {**typed, "foreseen": read[1]}).status_code == 302
        assert causes(*early, *late) == ["", "", "stock", "stock"]
        assert not brought_by(brought).on_hold, "it came after the end"
        assert brought_by(Movement.objects.get(lot=lot("ANAK-A"), kind="receipt")).on_hold


def dose_of(person: str, route: str, number: int) -> Dose:
    return Dose.objects.get(course__participant__number=person, route=route, number=number)


@pytest.mark.requirement("R39")
@pytest.mark.parametrize(
    ("actor", "asked", "expected"),
    [
        (PHARMACIST, {"act": "hold", "product": "ANAKINRA"}, {"IV"}),
        (PHARMACIST, {"act": "hold", "product": "SALINE"}, {"IV", "SC"}),
        (PHARMACIST, {"act": "excursion", "storage": "2-8 C"}, {"IV", "SC"}),
        (PHARMACIST, {"act": "receipt", "product": "ANAKINRA", "lot_number": "ANAK-A"}, set()),
        (cast.SAFETY_OFFICER, {"act": "recall", "product": "INTERFERON"}, {"SC"}),
    ],
)
def test_what_an_act_will_void_is_asked_over_the_api(
    trial: None, actor: Any, asked: dict[str, str], expected: set[str]
) -> None:
    person = play.enrol(Case(SITE)).participant
    for route in ("IV", "SC"):
        opened(1, route, person)
    with time_machine.travel(clock.now() + timedelta(minutes=10), tick=False):
        answer = client_of(actor).post("/api/v1/pharmacy/stock/expected-voids/", json.dumps(asked), "application/json")
        assert answer.status_code == 200
        foreseen = answer.json()
        assert {void["route"] for void in foreseen["voids"]} == expected
        assert len(foreseen["sentences"]) == len(expected)
        assert not re.search("anakinra|interferon|saline", " ".join(foreseen["sentences"]), re.IGNORECASE)
        denied = client_of(PREPARER).post(
            "/api/v1/pharmacy/stock/expected-voids/", json.dumps(asked), "application/json"
        )
        assert denied.status_code == 403
    assert not Preparation.objects.filter(state="voided").exists()


def test_a_shelf_label_and_the_consignments_of_a_lot(trial: None) -> None:
    brought = deliver("K4", 10)
    code = brought_by(brought).consignment.code
    pdf = client_of(PREPARER).get(f"/pharmacy/stock/consignments/{code}/label.pdf")
    assert pdf.content.startswith(b"%PDF")
    assert client_of(OTHER).get(f"/pharmacy/stock/consignments/{code}/label.pdf").status_code == 404
    assert client_of(PREPARER).get("/api/v1/pharmacy/stock/consignments/AAAA/label.pdf").status_code == 404
    rows = client_of(PREPARER).get(f"/api/v1/pharmacy/stock/lots/{brought.lot_id}/consignments/").json()
    assert [(row["code"], row["units"], row["delivery_note"], row["on_hold"]) for row in rows] == [
        (code, 10, "note", False)
    ]
    movement = receive_provisionally(actor=PREPARER, site_code=SITE, line=line("K4", 3), reason="in the night box")
    night = Consignment.objects.get(movement=movement)
    assert (night.delivery_note, night.units) == ("", 3)
    deliver("K4", 5, note="cold chain lost", temperature=None)
    scanned = consignment_by_code(SITE, night.code)
    assert scanned is not None
    assert scanned.on_hold, "its units are those of the note that is on hold"


def test_the_order_leaves_out_what_is_reserved(trial: None) -> None:
    """A live preparation took its units when it was opened: they are not ordered again, until it is void."""
    person = play.enrol(Case(SITE)).participant

    def needed() -> tuple[int, int]:
        row = next(row for row in order_for(PHARMACIST, SITE) if row.product == "ANAKINRA")
        return row.needed, row.order

    before, lies_there = needed(), holdings([lot("ANAK-A").pk, lot("ANAK-B").pk])
    preparation = opened(1, "IV", person)
    after = needed()
    assert after[0] == before[0] - 2
    held = sum(holding.arm_neutral for holding in holdings([holding.lot_id for holding in lies_there]))
    assert held == sum(holding.arm_neutral for holding in lies_there) - 2, "reserved once"
    put_on_hold(actor=PHARMACIST, site_code=SITE, reason="test", product="ANAKINRA", lot_number="NO", elsewhere=True)
    with time_machine.travel(clock.now() + timedelta(minutes=1), tick=False):
        put_on_hold(
            actor=PHARMACIST, site_code=SITE, reason="test", product="ANAKINRA", lot_number="NO", elsewhere=True
        )
        assert causes(preparation) == ["stock"]
        assert needed()[0] == before[0], "the dose is open again"


@pytest.mark.parametrize("mixed", [None, True, False], ids=["apart", "notes mixed", "mixed with found units"])
def test_the_page_of_a_lot_asks_nothing_twice_for_its_consignments(trial: None, mixed: bool | None) -> None:
    for note in ("one", "two", "three"):
        deliver("K9", 10, note=note)
    receive_provisionally(actor=PREPARER, site_code=SITE, line=line("K9", 5), reason="in the night box")
    if mixed is not None:
        note_mixing(actor=PHARMACIST, lot_id=lot("K9").pk, of_notes=mixed, reason="one box")
    with reads_kept(), reads() as statements:
        rows = consignments_of(lot("K9"))
    assert len(rows) == 4
    assert repeated(statements) == []
