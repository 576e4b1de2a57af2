"""Short routes, units received provisionally, and what strikes for them: the same for every arm."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
import time_machine
from django.db import IntegrityError, transaction

from immunosep_site.demonstration import cast, play
from immunosep_site.demonstration.play import Case
from pharmacy.preparation.models import Preparation
from pharmacy.preparation.services.prepare import prepare
from pharmacy.preparation.services.void_outdated import void_outdated
from pharmacy.stock.book_as_written import take_as_written
from pharmacy.stock.debts import owed, owed_at
from pharmacy.stock.ledger import Kind
from pharmacy.stock.models import Debt, Hold, Lot, MatchedReceipt, Movement, Strike
from pharmacy.stock.ordering import order_for
from pharmacy.stock.selectors import holdings, supply_changes, unconfirmed
from pharmacy.stock.services.quarantine import recall
from pharmacy.stock.services.receive import Delivered, confirm_receipt, receive, receive_provisionally
from randomization.accounts.roles import Role
from randomization.audit.models import Event
from randomization.audit.record import record
from randomization.blinded.bedside.models import Dose
from randomization.notices.models import Entry
from randomization.shared import clock
from randomization.shared.actor import SYSTEM, Actor
from randomization.shared.errors import InvalidInput, Refused
from randomization.shared.service import service
from tests.both.stock.steps import EXPIRES_ON
from tests.conftest import tampering
from tests.removing import count_stock, write_off

SITE = "GR01"
PHARMACIST, PREPARER = cast.at_site(Role.PHARMACIST, SITE), cast.at_site(Role.PREPARER, SITE)
PRODUCT = "ANAKINRA"


def line(number: str, units: int = 10) -> Delivered:
    return Delivered(PRODUCT, number, EXPIRES_ON, units)


def deliver(number: str, units: int = 10, *, note: str = "note", temperature: str | None = "5") -> Movement:
    read = None if temperature is None else Decimal(temperature)
    return receive(actor=PHARMACIST, site_code=SITE, line=line(number, units), delivery_note=note, temperature_c=read)


def find(number: str, units: int) -> Movement:
    return receive_provisionally(actor=PREPARER, site_code=SITE, line=line(number, units), reason="in the night box")


def both(number: str) -> tuple[int, int]:
    held = holdings([Lot.objects.get(site_code=SITE, number=number).pk])[0]
    return held.balance, held.arm_neutral


def dry() -> None:
    for lot in Lot.objects.filter(site_code=SITE, product=PRODUCT):
        units = both(lot.number)[0]
        write_off(actor=PHARMACIST, lot_id=lot.pk, kind=Kind.RETURN, units=units, reason="closing", whole_lot=True)


def iv_dose() -> Dose:
    return Dose.objects.get(course__participant__number=play.enrol(Case(SITE)).participant, route="IV", number=1)


def opened_short() -> Preparation:
    """After the flag was read: a patient who is here already, and nothing to prepare from."""
    waiting = iv_dose()
    dry()
    return prepare(actor=PHARMACIST, dose_uid=waiting.uid, override_reason="the delivery comes tomorrow")


@pytest.mark.requirement("R13")
def test_provisional_units_count_nothing_until_a_note_holds_them(trial: None) -> None:
    dry()
    receipt = find("P1", 4)
    assert both("P1") == (4, 0)
    play.pass_hatch()
    assert supply_changes() == []
    with pytest.raises(Refused, match="ANAKINRA"):
        prepare(actor=PHARMACIST, dose_uid=iv_dose_of_somebody_else().uid)
    deliver("P1", 10)
    assert both("P1") == (10, 10)
    assert unconfirmed(SITE) == []
    assert MatchedReceipt.objects.get().units == 4
    with pytest.raises(Refused) as refusal:
        confirm_receipt(actor=PHARMACIST, movement_id=receipt.pk, delivery_note="other", temperature_c=Decimal(5))
    assert refusal.value.code == "booked_in"


def iv_dose_of_somebody_else() -> Dose:
    """Somebody randomised before the flag fell."""
    deliver("FOR-THE-FLAG", 2, note="flag")
    play.pass_hatch()
    waiting = iv_dose()
    lot = Lot.objects.get(number="FOR-THE-FLAG", site_code=SITE)
    write_off(actor=PHARMACIST, lot_id=lot.pk, kind=Kind.RETURN, units=2, reason="closing", whole_lot=True)
    return waiting


@pytest.mark.parametrize(
    ("units_found", "note", "both_after", "waiting"),
    [(4, 10, (10, 10), 0), (4, 4, (4, 4), 0), (10, 4, (10, 4), 6), (4, None, (4, 4), 0)],
)
def test_a_note_is_booked_in_full_and_holds_what_was_found(
    trial: None, units_found: int, note: int | None, both_after: tuple[int, int], waiting: int
) -> None:
    receipt = find("P2", units_found)
    confirm_receipt(actor=PHARMACIST, movement_id=receipt.pk, delivery_note="N 1", temperature_c=Decimal(5), units=note)
    assert both("P2") == both_after
    left = unconfirmed(SITE)
    assert [movement.pk for movement in left] == ([receipt.pk] if waiting else [])
    if waiting:
        confirm_receipt(actor=PHARMACIST, movement_id=receipt.pk, delivery_note="N 2", temperature_c=Decimal(5))
        assert both("P2") == (units_found, units_found)
    with pytest.raises((Refused, InvalidInput)):
        confirm_receipt(
            actor=PHARMACIST, movement_id=receipt.pk, delivery_note="N 3", temperature_c=Decimal(5), units=0
        )


@pytest.mark.requirement("R13")
def test_a_short_opening_owes_and_the_next_note_pays(trial: None) -> None:
    opened_short()
    assert owed_at(SITE) == {PRODUCT: 2}
    ordered = {item.product: item for item in order_for(PHARMACIST, SITE)}[PRODUCT]
    find("P3", 4)
    assert owed_at(SITE) == {PRODUCT: 2}, "what somebody found pays nothing"
    assert {item.product: item for item in order_for(PHARMACIST, SITE)}[PRODUCT] == ordered
    deliver("P3", 1)
    assert (both("P3"), owed(SITE, PRODUCT)) == ((4, 0), 1)
    deliver("N1", 10, note="second")
    assert (both("N1"), owed(SITE, PRODUCT)) == ((10, 9), 0)
    deliver("N1", 10, note="third")
    assert both("N1") == (20, 19)
    assert [debt.units for debt in Debt.objects.order_by("sequence")] == [2, -1, -1]


def test_the_database_refuses_a_debt_below_zero(trial: None) -> None:
    debt: dict[str, Any] = {"site_code": SITE, "product": PRODUCT, "units": -1, "reference": "", "at": clock.now()}
    with tampering(), pytest.raises(IntegrityError), transaction.atomic():
        Debt.objects.create(**debt, sequence=1, owed=-1)


def test_a_part_that_leaves_and_a_count_change_nothing_that_the_ward_can_notice(trial: None) -> None:
    deliver("PART", 10)
    lot = Lot.objects.get(number="PART", site_code=SITE)
    common: dict[str, Any] = {"actor": PHARMACIST, "lot_id": lot.pk, "reason": "test"}
    write_off(kind=Kind.RETURN, units=3, **common)
    count_stock(counted=5, **common)
    assert both("PART") == (5, 10)
    for units, field in ((4, "units"), (6, "units")):
        with pytest.raises(Refused) as refusal:
            write_off(kind=Kind.RETURN, units=units, whole_lot=True, **common)
        assert (refusal.value.code, refusal.value.field) == ("other_quantity", field)
    with pytest.raises(InvalidInput):
        write_off(kind=Kind.WASTE, units=5, whole_lot=True, **common)
    write_off(kind=Kind.RETURN, units=5, whole_lot=True, **common)
    assert both("PART") == (0, 0)


@pytest.mark.requirement("R39")
@pytest.mark.parametrize("used_here", [True, False], ids=["found here", "found nowhere"])
def test_a_recall_of_a_lot_that_nobody_booked_in_strikes_alike(trial: None, used_here: bool) -> None:
    """At a site that used it and at one that did not: only a syringe with drug makes somebody use it."""
    preparation = prepare(actor=PHARMACIST, dose_uid=iv_dose().uid)
    if used_here:
        find("NIGHT-1", 4)
    recall(actor=cast.SAFETY_OFFICER, product=PRODUCT, lot_number="NIGHT-1", reason="particles", ahead=True)
    void_outdated(actor=SYSTEM)
    preparation.refresh_from_db()
    assert preparation.void_cause == "stock"


@pytest.mark.requirement("R39")
@pytest.mark.parametrize(
    ("short", "units_found", "struck", "reported"),
    [(False, 0, False, False), (True, 0, True, False), (True, 4, True, False), (False, 4, True, True)],
)
def test_a_warm_note_strikes_only_where_something_may_have_been_drawn_from_it(
    trial: None, short: bool, units_found: int, struck: bool, reported: bool
) -> None:
    preparation = opened_short() if short else prepare(actor=PHARMACIST, dose_uid=iv_dose().uid)
    if units_found:
        find("W1", units_found)
    later = clock.now() + timedelta(minutes=1)
    with time_machine.travel(later, tick=False):
        deliver("W1", 10, temperature=None)
        assert Hold.objects.get(lot__number="W1").cause == "delivery"
        assert Strike.objects.filter(site_code=SITE, product=PRODUCT).exists() == struck
        void_outdated(actor=SYSTEM)
    preparation.refresh_from_db()
    assert (preparation.void_cause == "stock") == struck
    assert Entry.objects.filter(kind="blind_risk", payload__contains="W1").exists() == reported
    assert Event.objects.filter(action="blind.risk", subject="W1").exists() == reported


@service
def book_from_paper(*, actor: Actor, typed: play.TypedLot, used_for: Preparation) -> None:
    """As an envelope is entered: the lot stands on the paper alone."""
    take_as_written(actor, SITE, PRODUCT, 2, typed, used_for.uid)
    record(actor=actor, action="test.paper", subject=str(used_for.uid), stream=SITE)


@pytest.mark.requirement("R13")
def test_what_a_paper_says_was_taken_counts_nothing(trial: None) -> None:
    preparation = opened_short()
    typed = play.TypedLot("PAPER-1", clock.now().date() + timedelta(days=90))
    book_from_paper(actor=PHARMACIST, typed=typed, used_for=preparation)
    assert both("PAPER-1") == (0, 0)
    assert [movement.kind for movement in Movement.objects.filter(lot__number="PAPER-1").order_by("sequence")] == [
        Kind.PROVISIONAL,
        Kind.USE,
    ]
    deliver("PAPER-1", 10)
    assert both("PAPER-1") == (8, 8)
    assert supply_changes() == [] or supply_changes() == [(SITE, True)]
