"""Stock: what arrives, leaves, is held back; and that supply and quarantine look the same for every arm."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
import time_machine
from django.db import IntegrityError, connections
from django.test.utils import CaptureQueriesContext

from immunosep_site.demonstration import cast, play
from immunosep_site.demonstration.play import Case
from pharmacy.preparation.models import Preparation
from pharmacy.preparation.services.prepare import prepare
from pharmacy.preparation.units_taken import TypedLot
from pharmacy.stock.hold_causes import Outcome
from pharmacy.stock.ledger import Kind
from pharmacy.stock.models import Hold, Lot, Movement
from pharmacy.stock.ordering import order_for
from pharmacy.stock.selectors import holdings, lot_ids, stock_of, supply_changes, unconfirmed
from pharmacy.stock.services.quarantine import decide, recall, report_excursion
from pharmacy.stock.services.receive import Delivered, confirm_receipt, receive, receive_provisionally
from randomization.accounts.roles import Role
from randomization.audit.models import Event
from randomization.blinded.bedside.models import Dose, Packaging
from randomization.blinded.sites.models import Site
from randomization.shared import clock
from randomization.shared.errors import InvalidInput, NotFound, NotPermitted, Refused
from tests.conftest import tampering
from tests.destroying import carry_out, order_hold
from tests.removing import count_stock, write_off

SITE = "GR01"
PHARMACIST, PREPARER = cast.at_site(Role.PHARMACIST, SITE), cast.at_site(Role.PREPARER, SITE)
OTHER = cast.at_site(Role.PHARMACIST, "GR02")
DAY = timedelta(days=1)


def line(number: str = "X1", *, product: str = "ANAKINRA", days: int = 90, units: int = 10) -> Delivered:
    today = clock.site_moment(clock.now(), "Europe/Athens").date()
    return Delivered(product, number, today + days * DAY, units)


def book_in(delivered: Delivered, note: str = "note 7", temperature: str | None = "5") -> Movement:
    read = None if temperature is None else Decimal(temperature)
    return receive(actor=PHARMACIST, site_code=SITE, line=delivered, delivery_note=note, temperature_c=read)


def send_back(lots: Iterable[Lot]) -> None:
    """Whole lots, so that nothing of them counts as there any more."""
    for lot in lots:
        write_off(
            actor=PHARMACIST,
            lot_id=lot.pk,
            kind=Kind.RETURN,
            units=balance(lot.number, lot.site_code),
            reason="to another site",
            whole_lot=True,
        )


def balance(number: str, site_code: str = SITE) -> int:
    return holdings([Lot.objects.get(site_code=site_code, number=number).pk])[0].balance


def excursion(**changed: Any) -> None:
    now = clock.now()
    values = {
        "storage": "2-8 C",
        "starts_at": now - timedelta(hours=2),
        "ends_at": now,
        "lowest_c": Decimal(4),
        "highest_c": Decimal(14),
        "reason": "the door stood open",
        **changed,
    }
    report_excursion(actor=PHARMACIST, site_code=SITE, **values)


def doses(number: str) -> dict[str, Dose]:
    return {dose.route: dose for dose in Dose.objects.filter(course__participant__number=number, number=1)}


@pytest.mark.parametrize(
    ("temperature", "held"), [("2", False), ("8", False), ("8.1", True), ("1.9", True), (None, True)]
)
def test_a_delivery_is_booked_in_and_held_where_it_was_warm(trial: None, temperature: str | None, held: bool) -> None:
    receipt = book_in(line(), temperature=temperature)
    assert (receipt.kind, receipt.quantity, receipt.balance, receipt.reference) == (Kind.RECEIPT, 10, 10, "note 7")
    assert Hold.objects.filter(lot__number="X1", outcome="").exists() == held
    assert Event.objects.get(action="stock.receive", subject="note 7").actor == "pharmacist.gr01"


def bad_deliveries() -> list[tuple[dict[str, Any], str, str]]:
    return [
        ({"number": " "}, "note", "lot_number"),
        ({"number": "X" * 33}, "note", "lot_number"),
        ({"units": 0}, "note", "units"),
        ({"units": -5}, "note", "units"),
        ({"units": 10_001}, "note", "units"),
        ({"product": "ASPIRIN"}, "note", "product"),
        ({"product": "SALINE"}, "note", "product"),
        ({"days": -1}, "note", "expires_on"),
        ({}, "  ", "delivery_note"),
    ]


@pytest.mark.parametrize(("changed", "note", "field"), bad_deliveries())
def test_a_bad_delivery_is_refused_with_its_field(trial: None, changed: dict[str, Any], note: str, field: str) -> None:
    before = Movement.objects.count()
    with pytest.raises(InvalidInput) as refusal:
        book_in(line(**changed), note=note)
    assert refusal.value.field == field
    assert Movement.objects.count() == before


def test_the_same_line_twice_and_another_expiry_are_refused(trial: None) -> None:
    book_in(line())
    with pytest.raises(Refused) as refusal:
        book_in(line())
    assert refusal.value.code == "booked_in"
    with pytest.raises(InvalidInput, match="read both again"):
        book_in(line(days=91), note="note 8")
    assert book_in(line(), note="note 8").balance == 20
    with pytest.raises(NotFound):
        receive(actor=OTHER, site_code=SITE, line=line("Y"), delivery_note="1", temperature_c=None)
    with pytest.raises(NotPermitted):
        receive(actor=PREPARER, site_code=SITE, line=line("Y"), delivery_note="1", temperature_c=None)


def test_a_preparer_uses_what_was_not_booked_in_and_a_pharmacist_books_it_in(trial: None) -> None:
    with pytest.raises(InvalidInput):
        receive_provisionally(actor=PREPARER, site_code=SITE, line=line(), reason=" ")
    movement = receive_provisionally(actor=PREPARER, site_code=SITE, line=line(), reason="in the night fridge")
    assert [item.pk for item in unconfirmed(SITE)] == [movement.pk]
    for actor, error in ((OTHER, NotFound), (PREPARER, NotPermitted)):
        with pytest.raises(error):
            confirm_receipt(actor=actor, movement_id=movement.pk, delivery_note="9", temperature_c=Decimal(5))
    with pytest.raises(InvalidInput):
        confirm_receipt(actor=PHARMACIST, movement_id=movement.pk, delivery_note="", temperature_c=Decimal(5))
    confirm_receipt(actor=PHARMACIST, movement_id=movement.pk, delivery_note="9", temperature_c=Decimal(12))
    assert unconfirmed(SITE) == []
    assert Hold.objects.get(lot__number="X1").cause == "delivery"
    with pytest.raises(Refused) as refusal:
        confirm_receipt(actor=PHARMACIST, movement_id=movement.pk, delivery_note="9", temperature_c=Decimal(5))
    assert refusal.value.code == "booked_in"


def test_what_leaves_a_lot_has_a_reason_and_a_count_explains_its_difference(trial: None) -> None:
    lot_id = book_in(line()).lot_id

    def out(units: int, kind: Kind = Kind.WASTE, reason: str = "dropped") -> Movement:
        return write_off(actor=PHARMACIST, lot_id=lot_id, kind=kind, units=units, reason=reason)

    attempts: list[tuple[Callable[[], object], type[Exception]]] = [
        (lambda: out(11), Refused),
        (lambda: out(0), InvalidInput),
        (lambda: out(-1), InvalidInput),
        (lambda: out(1, reason=" "), InvalidInput),
        (lambda: out(1, Kind.USE), InvalidInput),
        (lambda: out(1, Kind.RECEIPT), InvalidInput),
        (lambda: count_stock(actor=PHARMACIST, lot_id=lot_id, counted=-1), InvalidInput),
        (lambda: count_stock(actor=PHARMACIST, lot_id=lot_id, counted=9), InvalidInput),
        (lambda: count_stock(actor=OTHER, lot_id=lot_id, counted=10), NotFound),
        (lambda: write_off(actor=PREPARER, lot_id=lot_id, kind=Kind.WASTE, units=1, reason="x"), NotPermitted),
    ]
    for attempt, error in attempts:
        with pytest.raises(error):
            attempt()
    assert balance("X1") == 10
    assert [out(2).balance, out(3, Kind.RETURN).balance] == [8, 5]
    assert count_stock(actor=PHARMACIST, lot_id=lot_id, counted=5).quantity == 0
    movement = count_stock(actor=PHARMACIST, lot_id=lot_id, counted=4, reason="one behind the shelf was broken")
    assert (movement.quantity, movement.balance) == (-1, 4)
    assert list(Movement.objects.filter(lot_id=lot_id).values_list("sequence", flat=True).order_by("id")) == [
        1,
        2,
        3,
        4,
        5,
    ]


def test_the_database_refuses_a_balance_below_zero_and_two_that_follow_the_same(trial: None) -> None:
    receipt = book_in(line())
    common = {
        "lot": receipt.lot,
        "kind": Kind.USE,
        "at": clock.now(),
        "by": "x",
        "arm_neutral": 0,
        "arm_neutral_balance": 10,
    }
    from django.db import transaction

    for changed in ({"sequence": 2, "quantity": -11, "balance": -1}, {"sequence": 1, "quantity": -1, "balance": 9}):
        with tampering(), pytest.raises(Exception) as refusal, transaction.atomic():  # noqa: PT011
            Movement.objects.create(**common, **changed)
        assert isinstance(refusal.value, IntegrityError) or "append-only" in str(refusal.value)


def test_a_balance_costs_the_same_however_long_the_ledger(trial: None) -> None:
    receipt = book_in(line(units=5000))

    def cost() -> int:
        with CaptureQueriesContext(connections["default"]) as seen:
            stock_of(PHARMACIST, SITE)
        return len(seen)

    before = cost()
    for _turn in range(50):
        write_off(actor=PHARMACIST, lot_id=receipt.lot_id, kind=Kind.WASTE, units=1, reason="test")
    assert cost() == before <= 4
    assert balance("X1") == 4950


@pytest.mark.requirement("R39")
def test_an_excursion_voids_every_syringe_of_the_route_whatever_it_holds(trial: None) -> None:
    numbers = [play.enrol(Case(SITE, ferritin=ferritin)).participant for ferritin in ("9000", "800", "9000", "800")]
    syringes = [play.prepare_and_release(dose, SITE) for number in numbers for dose in doses(number).values()]
    opened = prepare(
        actor=PHARMACIST, dose_uid=Dose.objects.get(course__participant__number=numbers[0], route="IV", number=2).uid
    )
    with time_machine.travel(syringes[0].ready_at + timedelta(minutes=1), tick=False):
        play.pass_hatch()
        assert Packaging.objects.filter(voided_at=None).count() == 8
        excursion()
        with pytest.raises(Refused) as refusal:
            play.prepare_and_release(doses(numbers[0])["IV"], SITE)
        assert refusal.value.code in {"in_preparation", "route_short"}
        play.pass_hatch()
        assert not Packaging.objects.filter(voided_at=None).exists()
        opened.refresh_from_db()
        assert opened.void_cause == "stock"
        assert {preparation.void_cause for preparation in Preparation.objects.all()} == {"stock"}
        for route in ("IV", "SC"):
            with pytest.raises(Refused) as short:
                prepare(actor=PHARMACIST, dose_uid=doses(numbers[1])[route].uid)
            assert short.value.code == "route_short"
        assert not Site.objects.get(code=SITE).may_supply
        for hold in Hold.objects.filter(lot__site_code=SITE):
            decide(actor=PHARMACIST, hold_id=hold.pk, outcome=Outcome.RELEASED, reason="stability data of the maker")
        play.pass_hatch()
        assert Site.objects.get(code=SITE).may_supply
        assert play.prepare_and_release(doses(numbers[1])["IV"], SITE).state == "released"


def test_a_bad_excursion_is_refused_with_its_field(trial: None) -> None:
    now = clock.now()
    for changed, field in (
        ({"storage": "in the attic"}, "storage"),
        ({"ends_at": now + DAY}, "ends_at"),
        ({"starts_at": now, "ends_at": now}, "ends_at"),
        ({"lowest_c": None}, "highest_c"),
        ({"lowest_c": Decimal(20)}, "lowest_c"),
        ({"reason": ""}, "reason"),
    ):
        with pytest.raises(InvalidInput) as refusal:
            excursion(**changed)
        assert refusal.value.field == field
    assert not Hold.objects.exists()
    excursion(lowest_c=None, highest_c=None)
    assert Hold.objects.filter(outcome="").count() == 4


def test_a_quarantine_on_arrival_voids_nothing(trial: None) -> None:
    preparation = play.prepare_and_release(doses(play.enrol(Case(SITE)).participant)["IV"], SITE)
    with time_machine.travel(clock.now() + timedelta(minutes=3), tick=False):
        book_in(line(), temperature="15")
        play.pass_hatch()
    preparation.refresh_from_db()
    assert preparation.state == "released"


@pytest.mark.requirement("R39")
def test_a_recall_holds_the_lot_everywhere_in_one_step(trial: None) -> None:
    number = Lot.objects.filter(site_code=SITE, product="INTERFERON").order_by("expires_on")[0].number
    syringes_by_route = {
        route: play.prepare_and_release(dose, SITE) for route, dose in doses(play.enrol(Case(SITE)).participant).items()
    }
    with pytest.raises(NotPermitted):
        recall(actor=PHARMACIST, product="INTERFERON", lot_number=number, reason="particles")
    with pytest.raises(InvalidInput):
        recall(actor=cast.SAFETY_OFFICER, product="INTERFERON", lot_number="no such lot", reason="particles")
    held = recall(actor=cast.SAFETY_OFFICER, product="INTERFERON", lot_number=number.lower(), reason="particles")
    assert {hold.lot.site_code for hold in held} == {"GR01", "GR02", "DE01"}
    with pytest.raises(InvalidInput):
        recall(actor=cast.SAFETY_OFFICER, product="INTERFERON", lot_number=number, reason="again")
    play.pass_hatch()
    for route, state in (("SC", "voided"), ("IV", "released")):
        syringes_by_route[route].refresh_from_db()
        assert syringes_by_route[route].state == state
    with pytest.raises(NotPermitted):
        decide(actor=PHARMACIST, hold_id=held[0].pk, outcome=Outcome.RELEASED, reason="looks fine")
    lot = held[0].lot
    with pytest.raises(Refused) as alone:
        decide(actor=cast.SAFETY_OFFICER, hold_id=held[0].pk, outcome=Outcome.DESTROYED, reason="confirmed")
    assert alone.value.code == "order_needed"
    here = next(hold for hold in held if hold.lot.site_code == lot.site_code)
    carry_out(order_hold(here))
    assert (balance(lot.number, lot.site_code), holdings([lot.pk])[0].arm_neutral) == (0, 0)
    with pytest.raises(Refused) as refusal:
        decide(actor=cast.SAFETY_OFFICER, hold_id=held[0].pk, outcome=Outcome.RELEASED, reason="changed my mind")
    assert refusal.value.code == "decided"


@pytest.mark.requirement("R39")
@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ({"ANAKINRA": TypedLot("OLD")}, "lot_not_usable"),
        ({"ANAKINRA": TypedLot("HELD")}, "lot_not_usable"),
        ({"ANAKINRA": TypedLot("NONE")}, "unknown_lot"),
        ({"ANAKINRA": TypedLot("THERE")}, "other_site"),
        ({"ANAKINRA": TypedLot("ONE")}, "not_enough"),
        ({"SALINE": TypedLot("H")}, "expiry_missing"),
        ({"SALINE": TypedLot("H", date(2020, 1, 1))}, "lot_not_usable"),
        ({"SALINE": TypedLot(" ")}, "lot_missing"),
        ({"SALINE": TypedLot("ANAK-A", date(2099, 1, 1))}, "sponsor_lot"),
        ({"ANAKINRA": TypedLot("INTE-A")}, "other_product"),
    ],
)
def test_a_lot_that_must_not_be_used_is_refused_and_nothing_is_booked(
    trial: None, typed: dict[str, TypedLot], code: str
) -> None:
    book_in(line("OLD", days=0))
    book_in(line("HELD"), temperature="20")
    book_in(line("ONE", units=1))
    receive(actor=OTHER, site_code="GR02", line=line("THERE"), delivery_note="1", temperature_c=Decimal(5))
    for _turn in range(12):
        number = play.enrol(Case(SITE, ferritin="9000")).participant
        preparation = prepare(actor=PHARMACIST, dose_uid=doses(number)["IV"].uid)
        if preparation.product == "ANAKINRA" or "ANAKINRA" not in typed:
            break
    else:
        pytest.fail("no active syringe among twelve")
    if code == "lot_not_usable" and "OLD" in str(typed):
        preparation.planned_at += 3 * DAY  # the late end of the window lies after the lot's last day
        with tampering():
            preparation.save()
    before = Movement.objects.count()
    with pytest.raises((Refused, InvalidInput)) as refusal:
        play.make_syringes([preparation], SITE, typed)
    assert refusal.value.code == code
    assert Movement.objects.count() == before
    preparation.refresh_from_db()
    assert preparation.state == "opened"


def test_uses_reconcile_with_what_the_instruction_says(trial: None) -> None:
    numbers = [play.enrol(Case(SITE, ferritin="9000")).participant for _turn in range(4)]
    before = {lot: balance(lot) for lot in ("ANAK-A", "ANAK-B")}
    preparations = [play.prepare_and_release(doses(number)["IV"], SITE) for number in numbers]
    active = [preparation for preparation in preparations if preparation.product == "ANAKINRA"]
    uses = Movement.objects.filter(kind=Kind.USE, lot__product="ANAKINRA")
    assert {use.reference for use in uses} == {str(preparation.uid) for preparation in active}
    assert balance("ANAK-A") == before["ANAK-A"] - 2 * len(active)
    assert balance("ANAK-B") == before["ANAK-B"]
    reserved = Movement.objects.filter(kind=Kind.RESERVATION, lot__product="ANAKINRA")
    assert sum(-item.arm_neutral for item in reserved) == 2 * len(preparations)
    hospital = Lot.objects.get(site_code=SITE, product="SALINE")
    assert holdings([hospital.pk])[0].balance == 0
    assert Movement.objects.filter(lot=hospital, kind=Kind.USE).count() == len(preparations)


def test_supply_and_route_go_by_what_counts_as_there(trial: None) -> None:
    """With so little stock that one syringe empties it, as if: control or precision, the flag falls.

    It falls when the doses may be opened, not with their opening: that moment would tell how busy the pharmacist was.
    """
    numbers = [play.enrol(Case(SITE)).participant for _turn in range(2)]
    send_back(Lot.objects.filter(site_code=SITE))
    book_in(line("LAST", units=2))
    book_in(line("LAST-I", product="INTERFERON", units=9))
    play.pass_hatch()
    assert not Site.objects.get(code=SITE).may_supply, "what is there is spoken for"
    prepare(actor=PHARMACIST, dose_uid=doses(numbers[0])["IV"].uid)
    assert balance("LAST") == 2
    assert supply_changes() == [], "the opening changes nothing that the ward sees"
    play.pass_hatch()
    assert not Site.objects.get(code=SITE).may_supply
    with pytest.raises(Refused) as refusal:
        prepare(actor=PHARMACIST, dose_uid=doses(numbers[1])["IV"].uid)
    assert refusal.value.code == "route_short"
    assert "ANAKINRA" in refusal.value.sentence
    order = {item.product: item for item in order_for(PHARMACIST, SITE)}
    assert order["ANAKINRA"].held == 0
    assert order["ANAKINRA"].order > 2 * 42
    book_in(line("NEW", units=200))
    play.pass_hatch()
    assert Site.objects.get(code=SITE).may_supply
    assert prepare(actor=PHARMACIST, dose_uid=doses(numbers[1])["IV"].uid).state == "opened"


def test_a_lot_that_expires_takes_the_flag_down_by_itself(trial: None) -> None:
    send_back(Lot.objects.filter(site_code=SITE, product="ANAKINRA"))
    book_in(line("SHORT", days=10))
    play.pass_hatch()
    assert Site.objects.get(code=SITE).may_supply
    with time_machine.travel(clock.now() + 10 * DAY, tick=False):
        play.pass_hatch()
        assert not Site.objects.get(code=SITE).may_supply
        warnings = {row.lot.number: row.warning for row in stock_of(PHARMACIST, SITE)}
        assert warnings["SHORT"] == "expires soon"
    with time_machine.travel(clock.now() + 12 * DAY, tick=False):
        warnings = {row.lot.number: row.warning for row in stock_of(PHARMACIST, SITE)}
        assert warnings["SHORT"].startswith("expired")
    assert lot_ids("DE01")
