"""Book a delivery in; or, at night, use what was not booked in yet and book it in afterwards."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Final

from pharmacy.stock.arrival_temperature import is_warm, product_in_use
from pharmacy.stock.booking import book, book_note, check_last_day, lot_number_typed
from pharmacy.stock.consignments import bring
from pharmacy.stock.debts import pay
from pharmacy.stock.hold_causes import HoldCause
from pharmacy.stock.ledger import Kind, note_change
from pharmacy.stock.models import Hold, Lot, MatchedReceipt, Movement
from pharmacy.stock.place_on_hold import hold_consignment, hold_lot, report_uneven, strike
from pharmacy.stock.quarantines import causes_by_number
from pharmacy.stock.selectors import local_date, lot_by_number, receipt_for, unconfirmed, unmatched_of
from randomization.accounts.policies import check_can
from randomization.accounts.roles import Permission
from randomization.audit.record import record
from randomization.blinded.sites.for_unblinded import site
from randomization.shared import clock
from randomization.shared.actor import Actor
from randomization.shared.errors import InvalidInput, Refused
from randomization.shared.foreseen import Accepted
from randomization.shared.identifiers import same, typed_identifier
from randomization.shared.sentences import sentence as _
from randomization.shared.service import service
from randomization.unblinded.formulary.contents import Source

MOST_UNITS: Final = 10_000
MOST_NOTE: Final = 64


@dataclass(frozen=True, slots=True)
class Delivered:
    """One line of a delivery: product, lot as printed, last day of use, units."""

    product: str
    lot_number: str
    expires_on: date
    units: int


def _note(delivery_note: str) -> str:
    words = _("Write the number of the delivery note, up to 64 characters.")
    return typed_identifier(delivery_note, words, field="delivery_note", most=MOST_NOTE)


def _is_booked_in(lot: Lot, note: str) -> bool:
    """Whether the lot was booked in from this delivery note, however its number was typed then."""
    notes = Movement.objects.filter(lot=lot, kind=Kind.RECEIPT).values_list("reference", flat=True)
    return any(same(earlier, note) for earlier in notes)


def _check_units(units: int) -> None:
    if not 1 <= units <= MOST_UNITS:
        raise InvalidInput(
            _("Write how many units arrived, from 1 to %(most_units)s.", most_units=MOST_UNITS), field="units"
        )


def _lot(actor: Actor, site_code: str, line: Delivered, at: datetime) -> Lot:
    """The lot of a delivery, new or known; raises InvalidInput for what cannot be."""
    place = site(actor, site_code)
    number = lot_number_typed(line.lot_number, field="lot_number")
    _check_units(line.units)
    if product_in_use(site_code, line.product).source is not Source.SPONSOR:
        raise InvalidInput(_("This product is taken from the hospital's stock: it is not booked in."), field="product")
    known = lot_by_number(site_code, line.product, number)
    if known is not None:
        if known.last_day != line.expires_on:
            raise InvalidInput(
                _(
                    "Lot %(number)s was booked in with the expiry %(last_day)s: read both again. If that one "
                    "is wrong, correct it on the lot's page.",
                    number=known.number,
                    last_day=f"{known.last_day:%d %b %Y}",
                ),
                field="expires_on",
            )
        return known
    if line.expires_on < local_date(clock.now(), place.time_zone):
        raise InvalidInput(_("This lot has expired: do not book it in, send it back."), field="expires_on")
    check_last_day(site_code, line.expires_on, field="expires_on")
    return Lot.objects.create(
        site_code=site_code,
        product=line.product,
        number=number,
        expires_on=line.expires_on,
        source=Source.SPONSOR,
        first_at=at,
    )


def _hold_by_number(actor: Actor, lot: Lot, at: datetime) -> bool:
    """A lot whose number was recalled or put on hold before it came goes on hold as those did that were there.

    Its first delivery note puts it on hold whatever was decided before: units received provisionally, which one arm
    alone may have, are no reason to count or not to count what the note brings.
    """
    first_note = Movement.objects.filter(lot=lot, kind=Kind.RECEIPT).count() == 1
    held = Hold.objects.filter(lot=lot, consignment=None)
    decisive = held.filter(outcome="") if first_note else held
    causes = [cause for cause in causes_by_number(lot) if not decisive.filter(cause=cause).exists()]
    for cause in causes:
        hold_lot(actor, lot, cause, at)
    return bool(causes)


def _matches(lot: Lot, units: int, first: Movement | None) -> list[tuple[Movement, int]]:
    """The provisional receipts of a lot that a note of `units` holds, with the units of each; `first` before others."""
    waiting = [movement for movement in unconfirmed(lot.site_code) if movement.lot_id == lot.pk]
    waiting.sort(key=lambda movement: (first is None or movement.pk != first.pk, movement.pk))
    matched, left = [], units
    for movement in waiting:
        part = min(left, unmatched_of(movement))
        if part:
            matched.append((movement, part))
            left -= part
    return matched


def _book_note(
    actor: Actor,
    lot: Lot,
    units: int,
    note: str,
    temperature_c: Decimal | None,
    first: Movement | None = None,
    *,
    accepted: Accepted | None,
) -> tuple[Movement, bool]:
    """Book a delivery note in full, with the provisional units that it holds; returns it, and whether it is on hold.

    What is warm goes on hold as a consignment. Nothing was drawn from it yet and no syringe becomes void, unless
    openings owed units or some were received provisionally: then it was, and the whole route is struck.
    """
    now, warm = clock.now(), is_warm(lot.site_code, lot.product, temperature_c)
    Lot.objects.select_for_update().get(pk=lot.pk)
    if _is_booked_in(lot, note):
        raise Refused(
            _("Lot %(number)s of delivery note %(note)s is booked in already.", number=lot.number, note=note),
            code="booked_in",
        )
    matches, paid = _matches(lot, units, first), pay(lot.site_code, lot.product, units, note)
    matched = sum(part for _movement, part in matches)
    counted = sum(part for movement, part in matches if movement.arm_neutral)
    receipt = book_note(actor, lot, note_change(units, matched=matched, counted=counted, owed=paid), reference=note)
    for movement, part in matches:
        MatchedReceipt.objects.create(
            provisional=movement, receipt=receipt, units=part, delivery_note=note, at=now, by=actor.user_name
        )
    consignment = bring(receipt, units)
    if warm:
        hold_consignment(actor, consignment, HoldCause.DELIVERY, now)
        if matched or paid:
            strike(actor, [lot.product], HoldCause.DELIVERY, now, site_code=lot.site_code, accepted=accepted)
        if matched and not paid:
            report_uneven(actor, lot)
    held = _hold_by_number(actor, lot, now) or warm
    return receipt, held


def _facts(line: Delivered, temperature_c: Decimal | None, *, held: bool) -> dict[str, object]:
    return {
        "product": line.product,
        "lot": line.lot_number.strip(),
        "expires_on": line.expires_on.isoformat(),
        "units": line.units,
        "temperature_c": None if temperature_c is None else str(temperature_c),
        "held": held,
    }


@service
def receive(
    *,
    actor: Actor,
    site_code: str,
    line: Delivered,
    delivery_note: str,
    temperature_c: Decimal | None,
    accepted: Accepted | None = None,
) -> Movement:
    """Book a line of a delivery note in; a temperature outside the limits, or none, puts this consignment on hold.

    temperature_c: the worst reading on the way, degrees Celsius; None: no reading. accepted: what may become void;
    None: nobody is asked. The same line of the same note twice is Refused. Raises InvalidInput naming the field,
    VoidsNotAccepted.
    """
    check_can(actor, Permission.STOCK_MANAGE, site_code=site_code)
    note, now = _note(delivery_note), clock.now()
    lot = _lot(actor, site_code, line, now)
    receipt, held = _book_note(actor, lot, line.units, note, temperature_c, accepted=accepted)
    record(
        actor=actor,
        action="stock.receive",
        subject=note,
        stream=site_code,
        data=_facts(line, temperature_c, held=held),
    )
    return receipt


@service
def receive_provisionally(*, actor: Actor, site_code: str, line: Delivered, reason: str) -> Movement:
    """Use what lies there and was not booked in: at night, by a preparer. A pharmacist books it in afterwards."""
    check_can(actor, Permission.PREPARATION_MAKE, site_code=site_code)
    if not reason.strip():
        raise InvalidInput(_("Say where this stock was found and why it was not booked in."), field="reason")
    now = clock.now()
    lot = _lot(actor, site_code, line, now)
    receipt = book(actor, lot, Kind.PROVISIONAL, line.units)
    bring(receipt, line.units)
    held = _hold_by_number(actor, lot, now)
    record(
        actor=actor,
        action="stock.receive_provisionally",
        subject=line.lot_number.strip(),
        stream=site_code,
        data=_facts(line, None, held=held),
        texts={"reason": reason},
    )
    return receipt


@service
def confirm_receipt(
    *,
    actor: Actor,
    movement_id: int,
    delivery_note: str,
    temperature_c: Decimal | None,
    units: int | None = None,
    accepted: Accepted | None = None,
) -> Movement:
    """Book the delivery note in to which a provisional receipt belongs.

    units: as on the note, which is booked in full; None: as many as still wait. accepted: as for `receive`. Raises
    NotFound at another site, Refused twice, InvalidInput naming the field, VoidsNotAccepted.
    """
    movement = receipt_for(actor, movement_id)
    note, lot = _note(delivery_note), Lot.objects.select_for_update().get(pk=movement.lot_id)
    waiting = unmatched_of(movement)
    if not waiting:
        raise Refused(_("This receipt is booked in already."), code="booked_in")
    on_note = waiting if units is None else units
    _check_units(on_note)
    receipt, held = _book_note(actor, lot, on_note, note, temperature_c, movement, accepted=accepted)
    record(
        actor=actor,
        action="stock.confirm",
        subject=note,
        stream=lot.site_code,
        data={
            "product": lot.product,
            "lot": lot.number,
            "units": on_note,
            "held": held,
            "temperature_c": None if temperature_c is None else str(temperature_c),
        },
    )
    return receipt
