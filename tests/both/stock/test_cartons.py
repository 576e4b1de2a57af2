"""Every unit in a syringe was read by somebody: an opened carton, a code that proves it, or typed with a reason."""

from __future__ import annotations

import json
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import IntegrityError
from django.db.transaction import atomic

from immunosep_site.demonstration import cast, play
from immunosep_site.demonstration.bench import code_of, from_cartons, lots_read
from immunosep_site.demonstration.play import Case
from pharmacy.preparation.instruction import lots_taken
from pharmacy.preparation.models import Preparation
from pharmacy.preparation.services.check import CheckSyringes, check
from pharmacy.preparation.services.make import MakeSyringes, make
from pharmacy.preparation.services.prepare import prepare, prepare_day
from pharmacy.preparation.units_taken import TypedLot
from pharmacy.stock.cartons import open_cartons
from pharmacy.stock.models import Carton, CartonUse, Consignment, Lot, Movement
from pharmacy.stock.read_pack import Typed
from pharmacy.stock.services.cartons import close_carton, open_carton
from pharmacy.stock.services.quarantine import recall
from pharmacy.stock.services.receive import Delivered, receive
from randomization.accounts.roles import Role
from randomization.audit.models import Event
from randomization.blinded.bedside.models import Dose
from randomization.shared import clock
from randomization.shared.errors import InvalidInput, NotFound, Refused
from randomization.signatures.signing import sign
from tests.articles import ANAKINRA, INTERFERON, OTHER_PACK, SALINE
from tests.conftest import tampering
from tests.permissions import client_of

SITE = "GR01"
PHARMACIST, PREPARER = cast.at_site(Role.PHARMACIST, SITE), cast.at_site(Role.PREPARER, SITE)
OTHER, SAFETY = cast.at_site(Role.PHARMACIST, "GR02"), cast.SAFETY_OFFICER
LATER = (clock.now() + timedelta(days=200)).date()
LABEL = "7F2QXK9S.IV.07.7F2QXK9S"
"""The code on a syringe, scanned instead of a pack."""
NEXT_YEAR = (clock.now() + timedelta(days=365)).date()
pytestmark = [pytest.mark.requirement("R39"), pytest.mark.once]


def scanned(gtin: str, lot: str, day: date = NEXT_YEAR, serial: str = "") -> str:
    return f"]d201{gtin}10{lot}\x1d17{day:%y%m%d}" + (f"21{serial}" if serial else "")


def open_it(product: str, code: str, **more: Any) -> Carton:
    units = more.pop("units", None)
    return open_carton(actor=PREPARER, site_code=SITE, product=product, typed=Typed(code, **more), units=units)


def active(ferritin: str = "9000") -> Preparation:
    """An opened IV syringe with anakinra in it."""
    for _turn in range(40):
        number = play.enrol(Case(SITE, ferritin=ferritin)).participant
        dose = Dose.objects.get(course__participant__number=number, route="IV", number=1)
        syringe = prepare(actor=PHARMACIST, dose_uid=dose.uid)
        if syringe.product == "ANAKINRA":
            return syringe
    pytest.fail("no active syringe among forty")


def lot_of(product: str = "ANAKINRA") -> Lot:
    return Lot.objects.filter(site_code=SITE, product=product).order_by("expires_on")[0]


def test_a_carton_is_scanned_as_it_is_opened(trial: None) -> None:
    lot = lot_of()
    carton = open_it("ANAKINRA", scanned(ANAKINRA, lot.number.lower(), lot.last_day, "S1"), units=10)
    assert (carton.lot, carton.read, carton.serial, carton.units) == (lot, "scanned", "S1", 10)
    event = Event.objects.get(action="stock.open_carton", stream=SITE)
    assert json.loads(event.data)["gtin"] == ANAKINRA
    with pytest.raises(Refused) as again:
        open_it("ANAKINRA", scanned(ANAKINRA, lot.number, lot.last_day, "s-1"))
    assert again.value.code == "opened_already"
    with tampering(), pytest.raises(IntegrityError), atomic():
        Carton.objects.create(
            lot=lot,
            gtin=ANAKINRA,
            serial="S 1",
            read="scanned",
            expires_on=lot.last_day,
            opened_at=clock.now(),
            opened_by="x",
        )
    close_carton(actor=PREPARER, carton_id=carton.pk)
    assert open_it("ANAKINRA", scanned(ANAKINRA, lot.number, lot.last_day, "S1")).pk != carton.pk
    with pytest.raises(Refused):
        close_carton(actor=PREPARER, carton_id=carton.pk)
    with pytest.raises(NotFound):
        close_carton(actor=OTHER, carton_id=carton.pk)


@pytest.mark.requirement("R46")
@pytest.mark.parametrize(
    ("product", "code", "refused"),
    [
        ("SALINE", scanned(ANAKINRA, "H-1"), "other_product"),
        ("ANAKINRA", scanned(SALINE, "ANAK-A"), "other_product"),
        ("INTERFERON", scanned(ANAKINRA, "INTE-A"), "other_product"),
        ("SALINE", scanned(OTHER_PACK, "H-1"), "unknown_article"),
        ("SALINE", scanned(SALINE, "ANAK-A"), "sponsor_lot"),
        ("SALINE", scanned(SALINE, "inte-a"), "sponsor_lot"),
        ("SALINE", scanned(SALINE, "ΙΝΤΕ-Α"), "unreadable_scan"),
        ("ANAKINRA", scanned(ANAKINRA, "NONE"), "unknown_lot"),
        ("ANAKINRA", scanned(ANAKINRA, "THERE"), "other_site"),
        ("ANAKINRA", scanned(ANAKINRA, "ANAK-A", NEXT_YEAR), "expiry"),
        ("ANAKINRA", scanned(ANAKINRA, "HELD"), "expiry"),
        ("SALINE", scanned(SALINE, "H-1", date(2020, 1, 31)), "lot_not_usable"),
        ("SALINE", scanned(SALINE, "RECALLED"), "lot_not_usable"),
        ("SALINE", f"01{SALINE}17{NEXT_YEAR:%y%m%d}", "no_lot"),
        ("SALINE", f"01{SALINE[:-1]}410H-1", "check_digit"),
        ("SALINE", f"01{SALINE}17{NEXT_YEAR:%y%m%d}10H21X", "ambiguous_scan"),
        ("WATER", scanned(SALINE, "H-1"), "invalid_input"),
        ("SALINE", LABEL, "no_lot"),
        ("ANAKINRA", LABEL, "no_lot"),
    ],
)
def test_what_is_not_the_product_is_not_opened(trial: None, product: str, code: str, refused: str) -> None:
    line = Delivered("ANAKINRA", "THERE", LATER, 10)
    receive(actor=OTHER, site_code="GR02", line=line, delivery_note="1", temperature_c=Decimal(5))
    receive(
        actor=PHARMACIST,
        site_code=SITE,
        line=Delivered("ANAKINRA", "HELD", LATER, 10),
        delivery_note="1",
        temperature_c=None,
    )
    recall(actor=SAFETY, product="SALINE", lot_number="RECALLED", reason="glass", ahead=True)
    with pytest.raises((Refused, InvalidInput)) as refusal:
        open_it(product, code, reason="an override that does not exist")
    assert refusal.value.code == refused
    assert not Carton.objects.exists()


def test_a_carton_without_a_code_is_typed_with_a_reason(trial: None) -> None:
    with pytest.raises(InvalidInput) as missing:
        open_it("SALINE", "H-1", expires_on=NEXT_YEAR)
    assert (missing.value.code, missing.value.field) == ("reason_missing", "reason")
    with pytest.raises(InvalidInput) as unread:
        open_it("SALINE", "H-1", reason="no code on it")
    assert unread.value.code == "expiry_missing"
    carton = open_it("SALINE", "H-1", expires_on=NEXT_YEAR, reason="no code on it")
    assert (carton.read, carton.expires_on) == ("typed", NEXT_YEAR)
    assert open_it("SALINE", "h 1", reason="no code on it").lot == carton.lot, "known here: its expiry is on record"
    with pytest.raises(Refused) as other:
        open_it("SALINE", "H-1", expires_on=LATER, reason="no code on it")
    assert other.value.code == "expiry"


def test_nothing_is_made_from_what_nobody_read(trial: None) -> None:
    syringe = active()
    taken = from_cartons([syringe], SITE)
    before = Movement.objects.count()
    for product in ("ANAKINRA", "SALINE"):
        for nothing in ({}, {product: TypedLot()}, {product: TypedLot(number="  ")}):
            lots = {**{code: lot for code, lot in taken.items() if code != product}, **nothing}
            with pytest.raises(InvalidInput) as refusal:
                sign_made(syringe, lots)
            assert refusal.value.code == "lot_missing"
    assert Movement.objects.count() == before
    sign_made(syringe, taken)
    assert {(use.carton.lot.product, use.units) for use in CartonUse.objects.all()} == {("ANAKINRA", 2), ("SALINE", 1)}


def sign_made(syringe: Preparation, lots: dict[str, TypedLot]) -> None:
    """As the bench does, with nothing filled in."""
    command = MakeSyringes(syringe.kit_code, [syringe.uid], lots)
    grant = sign(actor=PHARMACIST, secret=cast.PASSWORD, command=command)
    make(actor=PHARMACIST, command=command, grant=grant)


@pytest.mark.requirement("R46")
def test_a_scan_at_the_bench_proves_product_and_lot(trial: None) -> None:
    syringe = active()
    lots = from_cartons([syringe], SITE)
    first = lot_of()
    wrong = {
        "other_product": TypedLot(scanned(INTERFERON, "INTE-A")),
        "sponsor_lot": None,
        "unknown_article": TypedLot(scanned(OTHER_PACK, first.number)),
        "reason_missing": TypedLot(first.number),
        "lot_missing": TypedLot(),
    }
    for code, typed in wrong.items():
        changed = {**lots, "ANAKINRA": typed} if typed else {**lots, "SALINE": TypedLot(scanned(SALINE, "ANAK-A"))}
        with pytest.raises((Refused, InvalidInput)) as refusal:
            sign_made(syringe, changed)
        assert refusal.value.code == code
    with pytest.raises(Refused) as carton:
        sign_made(syringe, {**lots, "SALINE": lots["ANAKINRA"]})
    assert carton.value.code == "other_product"
    sign_made(syringe, {**lots, "ANAKINRA": TypedLot(scanned(ANAKINRA, first.number, first.last_day))})
    event = Event.objects.get(action="preparation.make", subject=str(syringe.uid))
    assert json.loads(event.data)["read"]["ANAKINRA"] == ["scanned"]


def test_a_closed_carton_and_another_sites_give_nothing(trial: None) -> None:
    syringe = active()
    lots = from_cartons([syringe], SITE)
    close_carton(actor=PREPARER, carton_id=lots["SALINE"].cartons[0])
    with pytest.raises(Refused) as closed:
        sign_made(syringe, lots)
    assert closed.value.code == "carton_closed"
    there = open_carton(actor=OTHER, site_code="GR02", product="SALINE", typed=Typed(scanned(SALINE, "H-1")))
    with pytest.raises(NotFound):
        sign_made(syringe, {**lots, "SALINE": TypedLot(cartons=(there.pk,))})


def test_a_days_syringes_come_from_two_cartons_and_each_is_counted(trial: None) -> None:
    syringe = active()
    day = [
        syringe,
        *[dose for dose in prepare_day(actor=PHARMACIST, kit_code=syringe.kit_code).made if dose.route == "IV"],
    ]
    needed = 2 * len(day)
    first, second = (
        open_it("ANAKINRA", scanned(ANAKINRA, lot.number, lot.last_day), units=units)
        for lot, units in zip(Lot.objects.filter(site_code=SITE, product="ANAKINRA"), (3, needed), strict=True)
    )
    lots = {"ANAKINRA": TypedLot(cartons=(first.pk,))}
    with pytest.raises(Refused) as few:
        play.make_syringes(day, SITE, lots)
    assert few.value.code == "not_enough"
    play.make_syringes(day, SITE, {"ANAKINRA": TypedLot(cartons=(first.pk, second.pk))})
    left = {row.pk: row.left for row in open_cartons(SITE, "ANAKINRA")}
    assert left == {first.pk: 0, second.pk: 3}
    assert sum(lot.units for lot in lots_taken(day) if lot.product == "ANAKINRA") == needed
    assert len({lot.number for lot in lots_taken(day) if lot.product == "ANAKINRA"}) == 2


def test_the_second_person_reads_every_lot_on_the_units(trial: None) -> None:
    syringe = active()
    play.make_syringes([syringe], SITE)
    read = lots_read([syringe])
    assert len(read) == 2
    for wrong in ([], read[:1], [*read, 10_000]):
        command = CheckSyringes(syringe.kit_code, [syringe.uid], wrong)
        grant = sign(actor=PREPARER, secret=cast.PASSWORD, command=command)
        with pytest.raises(Refused) as refusal:
            check(actor=PREPARER, command=command, grant=grant)
        assert refusal.value.code == "lots_not_read"
    client = client_of(PREPARER)
    page = f"/pharmacy/kits/{syringe.kit_code}/check/"
    shown = client.get(page).content.decode()
    assert all(f"lot {lot.number}, expires {lot.expires_on:%d %b %Y}" in shown for lot in lots_taken([syringe]))
    form = {"secret": cast.PASSWORD, "preparations": [str(syringe.uid)]}
    assert client.post(page, {**form, "lots": read[:1]}).status_code == 409
    assert client.post(page, {**form, "lots": read}).status_code == 302
    event = Event.objects.get(action="preparation.check", subject=str(syringe.uid))
    assert f"ANAKINRA ANAK-A {lot_of().last_day.isoformat()}" in json.loads(event.data)["lots"]


def test_a_hospital_lot_that_was_used_here_is_offered_with_its_expiry(trial: None) -> None:
    play.make_syringes([active()], SITE)
    lot = Lot.objects.get(site_code=SITE, product="SALINE")
    syringe = active()
    client, page = client_of(PREPARER), f"/pharmacy/kits/{syringe.kit_code}/make/"
    shown = client.get(page).content.decode()
    assert f"{lot.number}, expires {lot.last_day:%d %b %Y}" in shown
    asked = client.post(
        "/api/v1/pharmacy/preparations/suggestions/",
        json.dumps({"preparations": [str(syringe.uid)]}),
        "application/json",
    ).json()
    saline = next(item for item in asked if item["code"] == "SALINE")
    assert saline["known"] == [{"number": lot.number, "expires_on": lot.last_day.isoformat()}]
    anakinra = from_cartons([syringe], SITE)["ANAKINRA"].cartons
    form = {
        "cartons_ANAKINRA": anakinra,
        "known_SALINE": lot.number,
        "secret": cast.PASSWORD,
        "preparations": [str(syringe.uid)],
    }
    assert client.post(page, form).status_code == 422, "typed, and no reason"
    assert client.post(page, {**form, "reason": "ampoules carry no code"}).status_code == 302
    recall(actor=SAFETY, product="SALINE", lot_number=lot.number, reason="glass")
    assert lot.number not in client.get(f"/pharmacy/kits/{active().kit_code}/make/").content.decode()


def test_a_code_that_leaves_the_lot_open_asks_for_the_printed_one(trial: None) -> None:
    syringe = active()
    client, page = client_of(PREPARER), f"/pharmacy/kits/{syringe.kit_code}/make/"
    anakinra = from_cartons([syringe], SITE)["ANAKINRA"].cartons
    form = {
        "cartons_ANAKINRA": anakinra,
        "lot_SALINE": f"01{SALINE}17{NEXT_YEAR:%y%m%d}10H7X21SER",
        "secret": cast.PASSWORD,
        "preparations": [str(syringe.uid)],
    }
    asked = client.post(page, form)
    assert (asked.status_code, b"printed_SALINE" in asked.content) == (422, True)
    assert client.post(page, {**form, "printed_SALINE": "H7X"}).status_code == 302
    assert [lot.number for lot in lots_taken([syringe]) if lot.product == "SALINE"] == ["H7X"]


def test_the_register_by_page_and_over_the_api(trial: None) -> None:
    client, lot = client_of(PREPARER), lot_of()
    form = {"product": "ANAKINRA", "code": code_of("ANAKINRA", lot.number, lot.last_day), "units": "6"}
    answer = client.post("/pharmacy/stock/cartons/open/", {**form, "product": "SALINE"})
    assert (answer.status_code, b"This pack is ANAKINRA, not SALINE" in answer.content) == (409, True)
    assert client.post("/pharmacy/stock/cartons/open/", form).headers["Location"] == "/pharmacy/stock/cartons/"
    carton = Carton.objects.get()
    kit = "7F2QXK9S"
    back = client.post(
        f"/pharmacy/stock/cartons/open/?kit={kit}&product=SALINE", {"product": "SALINE", "code": scanned(SALINE, "H-1")}
    ).headers["Location"]
    assert back == f"/pharmacy/kits/{kit}/make/", "back to the bench"
    close_carton(actor=PREPARER, carton_id=Carton.objects.get(lot__product="SALINE").pk)
    assert lot.number.encode() in client.get("/pharmacy/stock/cartons/").content
    listed = client.get("/api/v1/pharmacy/stock/cartons/").json()
    assert [(row["id"], row["lot_number"], row["left"], row["read"]) for row in listed] == [
        (carton.pk, lot.number, 6, "scanned")
    ]
    refused = client.post("/api/v1/pharmacy/stock/cartons/", {**form, "product": "INTERFERON"}, "application/json")
    assert (refused.status_code, refused.json()["code"]) == (409, "other_product")
    closed = client.post(f"/api/v1/pharmacy/stock/cartons/{carton.pk}/closing/")
    assert (closed.status_code, closed.json()["closed_at"] is not None) == (201, True)
    assert client.post(f"/pharmacy/stock/cartons/{carton.pk}/close/").status_code == 409
    assert b"No carton is open" in client.get("/pharmacy/stock/cartons/").content


def test_a_shelf_label_is_its_lot_and_a_delivery_on_hold_gives_nothing(trial: None) -> None:
    lot, syringe = lot_of(), active()
    label = Consignment.objects.get(lot=lot)
    shown = f"{label.code[:4]}-{label.code[4:]}".lower()
    with pytest.raises(Refused) as other:
        open_it("SALINE", shown)
    assert other.value.code == "other_product"
    carton = open_it("ANAKINRA", shown)
    assert (carton.lot, carton.read, carton.consignment) == (lot, "shelf label", label)
    with pytest.raises(Refused, match="expiry"):
        open_it("ANAKINRA", shown, expires_on=NEXT_YEAR)
    line = Delivered("ANAKINRA", lot.number, lot.last_day, 40)
    warm = receive(actor=PHARMACIST, site_code=SITE, line=line, delivery_note="warm", temperature_c=Decimal(20)).brought
    with pytest.raises(Refused) as held:
        sign_made(syringe, {**from_cartons([syringe], SITE), "ANAKINRA": TypedLot(warm.code)})
    assert held.value.code == "lot_not_usable"
    sign_made(syringe, {**from_cartons([syringe], SITE), "ANAKINRA": TypedLot(label.code)})
    use = Movement.objects.get(reference=str(syringe.uid), kind="use", lot=lot)
    assert use.consignment == label


def test_a_carton_that_is_sent_twice_is_opened_once(trial: None) -> None:
    client = client_of(PREPARER)
    body = {"product": "SALINE", "code": "H-1", "expires_on": NEXT_YEAR.isoformat(), "reason": "no code on it"}
    key = {"Idempotency-Key": "11111111-2222-4333-8444-555555555555"}
    answers = [
        client.post("/api/v1/pharmacy/stock/cartons/", body, "application/json", headers=key) for _turn in range(2)
    ]
    assert [answer.status_code for answer in answers] == [201, 201]
    assert Carton.objects.count() == 1


def test_a_syringe_without_drug_takes_the_same_steps(trial: None) -> None:
    """A carton of each product, the same fields, the same reading by the second person."""
    steps: dict[str, set[str]] = {}
    while len(steps) < 2:
        number = play.enrol(Case(SITE, ferritin="9000")).participant
        dose = Dose.objects.get(course__participant__number=number, route="IV", number=1)
        syringe = prepare(actor=PHARMACIST, dose_uid=dose.uid)
        from_cartons([syringe], SITE)
        shown = client_of(PREPARER).get(f"/pharmacy/kits/{syringe.kit_code}/make/").content.decode()
        fields = {line.split('"')[0] for line in shown.split('name="')[1:]}
        parts = {field.removesuffix("_SALINE") for field in fields if field.endswith("_SALINE")}
        assert {"cartons", "lot", "expires"} <= parts
        if syringe.product == "ANAKINRA":
            assert parts - {"known"} == {
                field.removesuffix("_ANAKINRA") for field in fields if field.endswith("_ANAKINRA")
            }
        steps[syringe.product] = parts
