"""Units received provisionally, which one arm alone has, change nothing that counts as there, however a hold falls.

Two sites stand for the arms: the same acts at both, and only at the first somebody finds units at night.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
import time_machine

from immunosep_site.demonstration import cast
from pharmacy.stock.consignments import consignment_by_code
from pharmacy.stock.hold_causes import Outcome
from pharmacy.stock.ledger import Kind
from pharmacy.stock.models import Consignment, Hold, Lot, Strike
from pharmacy.stock.selectors import holdings, receipts_of, supply_changes
from pharmacy.stock.services.hold import note_mixing, put_on_hold
from pharmacy.stock.services.quarantine import decide, recall, report_excursion
from pharmacy.stock.services.receive import Delivered, receive, receive_provisionally
from pharmacy.stock.services.state_supply import settle_supply
from randomization.accounts.roles import Role
from randomization.audit.models import Event
from randomization.shared import clock
from randomization.shared.actor import SYSTEM, Actor
from randomization.shared.errors import InvalidInput, Refused
from tests.both.stock.steps import EXPIRES_ON
from tests.destroying import carry_out, order_hold
from tests.removing import count_stock, write_off

pytestmark = pytest.mark.once

SITES = ("GR01", "GR02")
FOUND_AT = SITES[0]
PRODUCT, NUMBER = "ANAKINRA", "N-1"


def pharmacist(site: str) -> Actor:
    return cast.at_site(Role.PHARMACIST, site)


def lot_at(site: str) -> Lot | None:
    return Lot.objects.filter(site_code=site, product=PRODUCT, number=NUMBER).first()


def line(units: int) -> Delivered:
    return Delivered(PRODUCT, NUMBER, EXPIRES_ON, units)


def find(site: str) -> None:
    if site == FOUND_AT:
        receive_provisionally(actor=pharmacist(site), site_code=site, line=line(4), reason="in the night box")


def note(name: str, units: int = 10, temperature: str | None = "5") -> Callable[[str], None]:
    read = None if temperature is None else Decimal(temperature)

    def deliver(site: str) -> None:
        receive(actor=pharmacist(site), site_code=site, line=line(units), delivery_note=name, temperature_c=read)

    return deliver


def hold(site: str) -> None:
    put_on_hold(
        actor=pharmacist(site),
        site_code=site,
        product=PRODUCT,
        lot_number=NUMBER,
        elsewhere=lot_at(site) is None,
        reason="a call of the maker",
    )


def hold_note(name: str) -> Callable[[str], None]:
    def put(site: str) -> None:
        code = Consignment.objects.get(lot=lot_at(site), delivery_note=name).code
        put_on_hold(actor=pharmacist(site), site_code=site, consignment=code, reason="the logger was read late")

    return put


def recall_it(site: str) -> None:
    if site == FOUND_AT:
        recall(actor=cast.SAFETY_OFFICER, product=PRODUCT, lot_number=NUMBER, reason="particles", ahead=True)


def end(outcome: Outcome) -> Callable[[str], None]:
    """Everything on hold at a site is decided; where nothing is, nobody decides."""

    def decide_all(site: str) -> None:
        for held in Hold.objects.filter(lot__site_code=site, outcome="").order_by("id"):
            if outcome is Outcome.DESTROYED:
                carry_out(order_hold(held))
                continue
            actor = cast.SAFETY_OFFICER if held.cause == "recall" else pharmacist(site)
            decide(actor=actor, hold_id=held.pk, outcome=outcome, reason="stability data")

    return decide_all


def excursion(site: str) -> None:
    now = clock.now()
    report_excursion(
        actor=pharmacist(site),
        site_code=site,
        storage="2-8 C",
        starts_at=now - timedelta(minutes=50),
        ends_at=now - timedelta(minutes=30),
        lowest_c=Decimal(5),
        highest_c=Decimal(15),
        reason="the door stood open",
    )


def mix_with_found(site: str) -> None:
    if site == FOUND_AT:
        lot = lot_at(site)
        assert lot is not None
        of_notes = False if receipts_of(lot)[0] > 1 else None
        note_mixing(actor=pharmacist(site), lot_id=lot.pk, reason="put in one box", of_notes=of_notes)


def mix_notes(site: str) -> None:
    lot = lot_at(site)
    assert lot is not None
    of_notes = True if site == FOUND_AT else None
    note_mixing(actor=pharmacist(site), lot_id=lot.pk, reason="put in one box", of_notes=of_notes)


def count_and_return(site: str) -> None:
    lot = lot_at(site)
    if lot is not None:
        left = holdings([lot.pk])[0].balance
        common: dict[str, Any] = {"actor": pharmacist(site), "lot_id": lot.pk, "reason": "broken"}
        count_stock(counted=left - 1, **common)
        write_off(kind=Kind.RETURN, units=1, **common)


def return_all(site: str) -> None:
    lot = lot_at(site)
    if lot is not None:
        units = holdings([lot.pk])[0].balance
        write_off(
            actor=pharmacist(site), lot_id=lot.pk, kind=Kind.RETURN, units=units, reason="closing", whole_lot=True
        )


def counts_as_there(site: str) -> tuple[int, int]:
    """What the ward could notice of this lot, and how often its syringes were struck."""
    lot = lot_at(site)
    held = None if lot is None else holdings([lot.pk])[0]
    free = 0 if held is None or held.on_hold else held.free(arm_neutral=True)
    return free, Strike.objects.filter(site_code__in=("", site)).count()


RELEASED, DESTROYED = end(Outcome.RELEASED), end(Outcome.DESTROYED)
STORIES: dict[str, list[Callable[[str], None]]] = {
    "delivered, held, released": [find, note("one"), hold, RELEASED, note("two")],
    "delivered, recalled, destroyed": [find, note("one"), recall_it, DESTROYED, note("two")],
    "held, delivered": [find, hold, note("one"), RELEASED, note("two")],
    "held, released, delivered": [find, hold, RELEASED, note("one"), RELEASED, note("two")],
    "held, destroyed, delivered": [find, hold, DESTROYED, note("one"), RELEASED, note("two")],
    "held before it was found": [hold, find, note("one"), RELEASED],
    "recalled, delivered": [find, recall_it, note("one"), RELEASED, note("two")],
    "recalled, released, delivered": [find, recall_it, RELEASED, note("one"), RELEASED],
    "recalled, destroyed, delivered": [find, recall_it, DESTROYED, note("one"), RELEASED, note("two")],
    "held and recalled, delivered": [find, hold, recall_it, note("one"), RELEASED],
    "a consignment": [note("one"), find, note("two"), hold_note("two"), RELEASED, hold_note("one"), DESTROYED],
    "counted and returned": [find, note("one"), count_and_return, hold, RELEASED, return_all, note("two")],
    "returned before it came": [find, count_and_return, return_all, note("one"), hold, RELEASED],
    "an excursion before the note": [find, note("one"), excursion, RELEASED],
    "mixed with what was found, an excursion": [find, note("one"), mix_with_found, excursion, RELEASED],
    "mixed with what was found, a consignment": [
        *(note("one"), find, note("two"), mix_with_found),
        *(hold_note("two"), hold_note("one"), RELEASED, hold_note("one"), DESTROYED, note("three")),
    ],
    "mixed notes": [note("one"), find, note("two"), mix_notes, hold_note("two"), RELEASED, hold_note("one"), DESTROYED],
}


@pytest.mark.requirement("R13")
@pytest.mark.parametrize("story", STORIES)
def test_what_was_found_changes_nothing_that_counts_as_there(trial: None, story: str) -> None:
    start = clock.now()
    for order, act in enumerate(STORIES[story]):
        with time_machine.travel(start + timedelta(minutes=40 * order), tick=False):
            for site in SITES:
                act(site)
            at_one, at_other = (counts_as_there(site) for site in SITES)
            assert at_one == at_other, (story, order, act)
            flags = dict(supply_changes())
            assert flags.get(SITES[0]) == flags.get(SITES[1])
            settle_supply(actor=SYSTEM)
    assert lot_at(SITES[0]) is not None


@pytest.mark.requirement("R39")
def test_what_was_mixed_with_found_units_is_held_together(trial: None) -> None:
    """Nothing is taken from either, while what counts as there follows the one that was put on hold."""
    site, now = FOUND_AT, clock.now()
    for order, act in enumerate((note("one"), find, note("two"), hold_note("two"))):
        with time_machine.travel(now + timedelta(minutes=order), tick=False):
            act(site)
    lot = lot_at(site)
    assert lot is not None
    strikes = Strike.objects.count()
    with time_machine.travel(now + timedelta(minutes=10), tick=False):
        with pytest.raises(InvalidInput) as refusal:
            note_mixing(actor=pharmacist(site), lot_id=lot.pk, reason="put in one box")
        assert refusal.value.field == "of_notes"
        note_mixing(actor=pharmacist(site), lot_id=lot.pk, reason="put in one box", of_notes=False)
        with pytest.raises(Refused):
            note_mixing(actor=pharmacist(site), lot_id=lot.pk, reason="again", of_notes=False)
    held = holdings([lot.pk])[0]
    assert (held.on_hold, held.free(arm_neutral=True), held.free(arm_neutral=False)) == (False, 10, 0)
    assert Strike.objects.count() == strikes + 1
    assert Event.objects.filter(action="blind.risk", subject=NUMBER).exists()
    for consignment in Consignment.objects.filter(lot=lot):
        scanned = consignment_by_code(site, consignment.code)
        assert scanned is not None
        assert scanned.on_hold
    with time_machine.travel(now + timedelta(minutes=20), tick=False):
        note("three")(site)
        assert not consignment_by_code(site, Consignment.objects.get(delivery_note="three").code).on_hold  # type: ignore[union-attr]
        note_mixing(actor=pharmacist(site), lot_id=lot.pk, reason="all in one box", of_notes=True)
    assert holdings([lot.pk])[0].on_hold


def test_what_one_receipt_brought_is_not_mixed(trial: None) -> None:
    note("one")("GR01")
    lot = lot_at("GR01")
    assert lot is not None
    common: dict[str, Any] = {"actor": pharmacist("GR01"), "lot_id": lot.pk, "reason": "put in one box"}
    with pytest.raises(Refused) as refusal:
        note_mixing(**common)
    assert refusal.value.code == "one_receipt"


def test_a_lot_that_was_put_on_hold_before_it_was_found_is_on_hold(trial: None) -> None:
    hold(FOUND_AT)
    find(FOUND_AT)
    lot = lot_at(FOUND_AT)
    assert lot is not None
    assert holdings([lot.pk])[0].on_hold
