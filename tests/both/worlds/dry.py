"""A site without stock: an envelope is entered, a short route is prepared all the same, such a lot is recalled.

Only a syringe with drug in it makes people use what was not booked in; what the ward sees may not depend on it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from immunosep_site.demonstration import cast, play
from pharmacy.outage.services.enter_envelope import EnterPreparation, enter_preparation
from pharmacy.preparation.labelling import print_labels
from pharmacy.preparation.models import EnvelopeLabel, Preparation
from pharmacy.preparation.services.finish import release
from pharmacy.preparation.services.prepare import prepare
from pharmacy.stock.ledger import Kind
from pharmacy.stock.models import Lot
from pharmacy.stock.selectors import holdings, lot_by_number
from pharmacy.stock.services.hold import put_on_hold
from pharmacy.stock.services.quarantine import recall
from pharmacy.stock.services.receive import Delivered, receive, receive_provisionally
from pharmacy.worklist.selectors import worklist
from randomization.accounts.roles import Role
from randomization.shared import clock
from randomization.shared.ids import Barcode
from randomization.signatures.signing import sign
from randomization.unblinded.formulary.contents import Source
from tests.both.worlds import chance
from tests.destroying import carry_out, order_lot
from tests.removing import count_stock, write_off

SITE, POSITION = "GR01", 3
PHARMACIST = cast.at_site(Role.PHARMACIST, SITE)
DRUGS = ("ANAKINRA", "INTERFERON")


def _line(product: str, number: str, units: int) -> Delivered:
    return Delivered(product, f"{number}-{product[:4]}", clock.now().date() + timedelta(days=300), units)


def _empty() -> None:
    """Every lot of the sponsor goes back whole."""
    for lot in Lot.objects.filter(site_code=SITE, source=Source.SPONSOR).order_by("pk"):
        left = holdings([lot.pk])[0].balance
        write_off(actor=PHARMACIST, lot_id=lot.pk, kind=Kind.RETURN, units=left, reason="closing", whole_lot=True)


def _enter_from_paper(kit_code: str) -> None:
    """The paper names lots that nobody booked in; only a syringe with drug in it takes from them."""
    for route in ("IV", "SC"):
        label = EnvelopeLabel.objects.get(kit_code=kit_code, route=route, number=1, level="full")
        barcode = Barcode(kit_code, route, 1, label.pack_code)
        prepared_at = clock.now() - timedelta(minutes=40)
        command = EnterPreparation(barcode, prepared_at, "pharmacist.gr01", "preparer.gr01")
        grant = sign(actor=PHARMACIST, secret=cast.PASSWORD, command=command)
        lines = [_line(product, "PAPER", 1) for product in DRUGS]
        typed = {line.product: play.TypedLot(line.lot_number, line.expires_on) for line in lines}
        lots = {**play.hospital_lots(), **typed}
        enter_preparation(actor=PHARMACIST, command=command, lots=lots, grant=grant)


def _prepare_all_the_same() -> None:
    """A dose of each patient and route, with a reason; what a syringe needs is found and received provisionally."""
    waiting = [row.dose for row in worklist(PHARMACIST, hours=48) if row.can_start]
    first = {(dose.course.kit_code, dose.route): dose for dose in reversed(waiting)}
    for dose in sorted(first.values(), key=lambda dose: (dose.route, dose.course.kit_code)):
        chance.STREAM.reseed(f"prepare {dose.uid} {clock.now()}")
        preparation = prepare(actor=PHARMACIST, dose_uid=dose.uid, override_reason="nothing else is here")
        if preparation.product in DRUGS:
            line = _line(preparation.product, "NIGHT", 4)
            receive_provisionally(actor=PHARMACIST, site_code=SITE, line=line, reason="in the night box")
        play.make_and_check([preparation], SITE)
        print_labels(PHARMACIST, preparation.uid)
        # A receipt draws a code of its own: what follows must not depend on it.
        chance.STREAM.reseed(f"release {dose.uid} {clock.now()}")
        release(actor=PHARMACIST, uid=preparation.uid, barcode=play.label_of(preparation))


def _recall() -> None:
    for number in ("PAPER", "NIGHT"):
        for product in DRUGS:
            recall(
                actor=cast.SAFETY_OFFICER,
                product=product,
                lot_number=_line(product, number, 1).lot_number,
                reason="particles",
                ahead=True,
            )


def _hold_by_number() -> None:
    """A call of the maker: the number is put on hold whether or not somebody found units of it here."""
    for product in DRUGS:
        number = _line(product, "NIGHT", 1).lot_number
        put_on_hold(
            actor=PHARMACIST,
            site_code=SITE,
            product=product,
            lot_number=number,
            elsewhere=lot_by_number(SITE, product, number) is None,
            reason="a call of the maker",
        )


def _note_of_what_was_found(expires_on: date) -> None:
    """It goes on hold as it comes, in every arm."""
    for product in DRUGS:
        line = replace(_line(product, "NIGHT", 3), expires_on=expires_on)
        receive(
            actor=PHARMACIST, site_code=SITE, line=line, delivery_note="note of the night box", temperature_c=Decimal(5)
        )


def deliver(units: int, number: str = "LATER", note: str = "") -> None:
    """A note pays what the short openings owe; what was found before lies inside it."""
    for product in DRUGS:
        receive(
            actor=PHARMACIST,
            site_code=SITE,
            line=_line(product, number, units),
            delivery_note=note or f"note of {units}",
            temperature_c=Decimal(5),
        )


def _count() -> None:
    """What is left is counted, a part goes back: both depend on what was in the syringes."""
    for lot in Lot.objects.filter(site_code=SITE, source=Source.SPONSOR, number__startswith="LATER").order_by("pk"):
        left = holdings([lot.pk])[0].balance
        count_stock(actor=PHARMACIST, lot_id=lot.pk, counted=left - 1, reason="broken")
        write_off(actor=PHARMACIST, lot_id=lot.pk, kind=Kind.RETURN, units=left - 2, reason="all but one")


def _destroy() -> None:
    """A part of one product, which depends on what was in the syringes; of the other all, which the ward may notice.

    Ordered by the sponsor, destroyed by the site; the whole lot takes what counted of it out of the second balance.
    """
    for product, whole_lot in zip(DRUGS, (False, True), strict=True):
        lot = Lot.objects.get(site_code=SITE, number=_line(product, "LATER", 1).lot_number)
        left = holdings([lot.pk])[0].balance
        ordered = order_lot(lot.pk, left if whole_lot else max(1, left - 1), whole_lot=whole_lot)
        carry_out(ordered)


def check_that_it_was_dry() -> None:
    """Syringes with drug and without were prepared from what nobody had booked in, or the steps prove nothing."""
    prepared = Preparation.objects.filter(risks__kind="prepared while a product was missing", site_code=SITE)
    assert {preparation.product in DRUGS for preparation in prepared} == {True, False}
    assert Lot.objects.filter(number__startswith="NIGHT").exists()


def _then_reseed(name: str, act: Callable[[], object]) -> Callable[[], None]:
    """The act; what is told above about lots of one arm takes chance that what follows must not miss."""

    def run() -> None:
        act()
        chance.STREAM.reseed(f"{name}, done")

    return run


def steps(
    step: Callable[..., Any],
    numbers: list[str],
    case: play.Case,
    enter_envelope: Callable[[list[str], int], None],
    kit_code_at: Callable[[int], str],
) -> Iterator[Any]:
    """The acts in order, each with a name, as `step` makes them."""
    expires_on: list[date] = []

    def prepare_all_the_same() -> None:
        expires_on.append(_line(DRUGS[0], "NIGHT", 1).expires_on)
        _prepare_all_the_same()

    acts: list[tuple[str, Callable[[], object], int]] = [
        ("dry", _empty, 5),
        ("screen at the dry site", lambda: numbers.append(play.screen(case).number), 5),
        ("measure at the dry site", lambda: play.measure(numbers[-1], case), 5),
        ("confirm at the dry site", lambda: play.confirm(numbers[-1], SITE), 5),
        ("envelope at the dry site", lambda: enter_envelope(numbers, POSITION), 5),
        ("from paper at the dry site", lambda: _enter_from_paper(kit_code_at(POSITION)), 5),
        ("all the same", prepare_all_the_same, 5),
        ("all the same ready", play.pass_hatch, 12 * 60),
        ("hold of what was found", _hold_by_number, 5),
        ("note of what was found", lambda: _note_of_what_was_found(expires_on[0]), 5),
        ("recall of what was found", _recall, 5),
        ("less than is owed", lambda: deliver(2), 5),
        ("more than is owed", lambda: deliver(17), 5),
        ("counted", _count, 5),
        ("counted, too", check_that_it_was_dry, 5),
        ("destroyed", _destroy, 5),
    ]
    for name, act, minutes in acts:
        yield step(name, _then_reseed(name, act), minutes)
