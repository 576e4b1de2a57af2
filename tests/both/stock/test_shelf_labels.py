"""The consignment of what goes into a syringe: recorded on every way, and asked for where a delivery is on hold."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest
import time_machine

from immunosep_site.demonstration import cast, play
from immunosep_site.demonstration.bench import code_of, from_cartons
from pharmacy.preparation.models import Preparation
from pharmacy.preparation.services.make import MakeSyringes, make
from pharmacy.preparation.services.prepare import prepare
from pharmacy.preparation.units_taken import TypedLot
from pharmacy.stock.book_as_written import take_as_written
from pharmacy.stock.hold_causes import Outcome
from pharmacy.stock.models import Consignment, Hold, Lot, Movement
from pharmacy.stock.read_pack import Typed
from pharmacy.stock.services.cartons import open_carton
from pharmacy.stock.services.quarantine import decide
from pharmacy.stock.services.receive import Delivered, receive
from randomization.accounts.roles import Role
from randomization.audit.record import record
from randomization.blinded.bedside.models import Dose
from randomization.shared import clock
from randomization.shared.actor import Actor
from randomization.shared.errors import Refused
from randomization.shared.service import service
from randomization.signatures.signing import sign

SITE, PRODUCT = "GR01", "ANAKINRA"
PHARMACIST, PREPARER = cast.at_site(Role.PHARMACIST, SITE), cast.at_site(Role.PREPARER, SITE)
pytestmark = [pytest.mark.requirement("R39"), pytest.mark.once]


def lot_here() -> Lot:
    return Lot.objects.filter(site_code=SITE, product=PRODUCT).order_by("expires_on")[0]


def drug(override_reason: str = "") -> Preparation:
    """An opened IV syringe with anakinra in it."""
    for _turn in range(40):
        number = play.enrol(play.Case(SITE, ferritin="9000")).participant
        dose = Dose.objects.get(course__participant__number=number, route="IV", number=1)
        opened = prepare(actor=PHARMACIST, dose_uid=dose.uid, override_reason=override_reason)
        if opened.product == PRODUCT:
            return opened
    raise AssertionError


def carton(code: str) -> int:
    return int(open_carton(actor=PREPARER, site_code=SITE, product=PRODUCT, typed=Typed(code)).pk)


def use_of_drug(syringe: Preparation, taken_from: TypedLot) -> Movement:
    """What it took of the drug."""
    lots = {**from_cartons([syringe], SITE, but=[PRODUCT]), PRODUCT: taken_from}
    command = MakeSyringes(syringe.kit_code, [syringe.uid], lots)
    grant = sign(actor=PREPARER, secret=cast.PASSWORD, command=command)
    make(actor=PREPARER, command=command, grant=grant)
    return Movement.objects.get(reference=str(syringe.uid), kind="use", lot__product=PRODUCT)


def deliver(name: str, temperature: str | None = "5") -> Consignment:
    read = None if temperature is None else Decimal(temperature)
    line = Delivered(PRODUCT, lot_here().number, lot_here().last_day, 20)
    receipt = receive(actor=PHARMACIST, site_code=SITE, line=line, delivery_note=name, temperature_c=read)
    return Consignment.objects.get(movement=receipt)


@service
def book_from_paper(*, actor: Actor, label: str, syringe: Preparation) -> None:
    take_as_written(actor, SITE, PRODUCT, 2, TypedLot(label), syringe.uid)
    record(actor=actor, action="test.paper", subject=str(syringe.uid), stream=SITE)


@pytest.mark.parametrize("way", ["unit", "carton", "override", "envelope"])
def test_the_shelf_label_that_was_scanned_is_on_record(trial: None, way: str) -> None:
    label = Consignment.objects.get(lot=lot_here())
    syringe = drug("the delivery comes tomorrow" if way == "override" else "")
    if way == "envelope":
        book_from_paper(actor=PHARMACIST, label=label.code.lower(), syringe=syringe)
        use = Movement.objects.get(reference=str(syringe.uid), kind="use")
    elif way == "carton":
        use = use_of_drug(syringe, TypedLot(cartons=(carton(label.code),)))
    else:
        use = use_of_drug(syringe, TypedLot(label.code))
    assert (use.lot, use.consignment) == (lot_here(), label)


def test_without_a_shelf_label_a_delivery_on_hold_holds_all_of_the_lot(trial: None) -> None:
    """But a carton that was opened before the delivery came holds nothing of it."""
    code, (syringe, *others) = code_of(PRODUCT, lot_here().number, lot_here().last_day), [drug() for _turn in range(4)]
    before = carton(code)
    label = Consignment.objects.get(lot=lot_here())
    with time_machine.travel(clock.now() + timedelta(minutes=5), tick=False):
        warm = deliver("warm", temperature=None)
    with time_machine.travel(clock.now() + timedelta(minutes=10), tick=False):
        with pytest.raises(Refused) as refusal:
            use_of_drug(syringe, TypedLot(code))
        assert refusal.value.code == "shelf_label_needed"
        with pytest.raises(Refused, match="shelf label"):
            carton(code)
        assert use_of_drug(syringe, TypedLot(cartons=(before,))).consignment is None
        assert use_of_drug(others.pop(), TypedLot(label.code)).consignment == label
        decide(
            actor=PHARMACIST,
            hold_id=Hold.objects.get(consignment=warm).pk,
            outcome=Outcome.RELEASED,
            reason="stability data",
        )
        unmarked = carton(code)
    with time_machine.travel(clock.now() + timedelta(minutes=15), tick=False):
        assert use_of_drug(others.pop(), TypedLot(cartons=(unmarked,))).consignment is None
        deliver("warm again", temperature=None)
        assert use_of_drug(others.pop(), TypedLot(cartons=(unmarked,))).consignment is None
