"""Movements inside the running service of another room or file: lock the lot, follow its last movement.

A lot's row is what is locked; the constraints say the same for code that comes another way.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date

from pharmacy.stock.ledger import (
    Change,
    Holding,
    Kind,
    NotEnough,
    after,
    change_of,
    first_expiring,
    whole_lot_change,
)
from pharmacy.stock.models import Consignment, Lot, Movement
from pharmacy.stock.quarantines import is_recalled
from pharmacy.stock.selectors import holdings, local_date, lot_by_number
from randomization.blinded.sites.for_unblinded import protocol_of, site
from randomization.shared import clock
from randomization.shared.actor import SYSTEM, Actor
from randomization.shared.errors import InvalidInput, Refused
from randomization.shared.identifiers import typed_identifier
from randomization.shared.ids import is_barcode
from randomization.shared.plausible import check_expiry
from randomization.shared.sentences import sentence as _
from randomization.shared.service import current_scope
from randomization.unblinded.formulary.contents import Source


def lot_number_typed(text: str, *, field: str) -> str:
    """A lot number as typed.

    Raises InvalidInput where it is empty, too long, holds what nobody can see, or is the label of a syringe that was
    scanned instead of a pack.
    """
    if is_barcode(text):
        raise InvalidInput(_("This is the label of a syringe, not a lot: scan the pack."), code="no_lot", field=field)
    return typed_identifier(text, _("Type the lot number as it is printed, up to 32 characters."), field=field)


def book(
    actor: Actor, lot: Lot, kind: Kind, units: int, *, reference: str = "", consignment: Consignment | None = None
) -> Movement:
    """Append one movement to a lot. Raises Refused where a balance would fall below zero."""
    return _append(
        actor, lot, kind, lambda *_args: change_of(kind, units), reference=reference, consignment=consignment
    )


def book_whole_lot(actor: Actor, lot: Lot, kind: Kind, units: int, *, reference: str = "") -> Movement:
    """Append the end of a whole lot: nothing of it counts as there any more.

    units: as counted. Raises Refused where the ledger holds another number.
    """

    def change(balance: int, arm_neutral: int) -> Change:
        if units != balance:
            raise Refused(
                _(
                    "The ledger holds %(balance)s of lot %(number)s, not %(units)s: count it again, or record the "
                    "count with its explanation first.",
                    balance=balance,
                    number=lot.number,
                    units=units,
                ),
                code="other_quantity",
                field="units",
            )
        return whole_lot_change(balance, arm_neutral)

    return _append(actor, lot, kind, change, reference=reference)


def book_note(actor: Actor, lot: Lot, change: Change, *, reference: str) -> Movement:
    """Append a delivery note to a lot, as `note_change` counts it."""
    return _append(actor, lot, Kind.RECEIPT, lambda *_args: change, reference=reference)


def book_part(actor: Actor, lot: Lot, kind: Kind, change: Change, *, reference: str) -> Movement:
    """Append the end of one consignment, as `part_change` counts it."""
    return _append(actor, lot, kind, lambda *_args: change, reference=reference)


def _append(
    actor: Actor,
    lot: Lot,
    kind: Kind,
    change_from: Callable[[int, int], Change],
    *,
    reference: str,
    consignment: Consignment | None = None,
) -> Movement:
    current_scope()
    Lot.objects.select_for_update().get(pk=lot.pk)
    last = Movement.objects.filter(lot=lot).order_by("-sequence").first()
    sequence, balance, arm_neutral = (last.sequence, last.balance, last.arm_neutral_balance) if last else (0, 0, 0)
    change = change_from(balance, arm_neutral)
    try:
        new_balance, new_arm_neutral = after(balance, arm_neutral, change)
    except NotEnough as error:
        raise Refused(
            _(
                "Lot %(number)s holds %(balance)s, not as many as %(units)s.",
                number=lot.number,
                balance=balance,
                units=abs(change.quantity),
            ),
            code="not_enough",
        ) from error
    return Movement.objects.create(
        lot=lot,
        sequence=sequence + 1,
        kind=kind,
        quantity=change.quantity,
        balance=new_balance,
        arm_neutral=change.arm_neutral,
        arm_neutral_balance=new_arm_neutral,
        reference=reference,
        consignment=consignment,
        at=clock.now(),
        by=actor.user_name,
    )


def lock_lots(site_code: str, products: Sequence[str]) -> list[Holding]:
    """The lots of some products at a site, locked in one order, as they stand then."""
    lots = Lot.objects.select_for_update().filter(site_code=site_code, product__in=products).order_by("id")
    return holdings([lot.pk for lot in lots])


def reserve(actor: Actor, held: Sequence[Holding], product: str, units: int, lasts_until: date, reference: str) -> None:
    """Count `units` of a product as taken, whatever the syringe will hold. Raises NotEnough."""
    lots = [lot for lot in held if lot.product == product]
    for lot_id, taken in first_expiring(lots, units, lasts_until, arm_neutral=True):
        book(actor, Lot.objects.get(pk=lot_id), Kind.RESERVATION, taken, reference=reference)


def use_of_hospital(actor: Actor, lot: Lot, units: int, *, reference: str) -> None:
    """Book units of the hospital's own stock in and out again: it is not counted here."""
    for kind in (Kind.HOSPITAL, Kind.USE):
        book(actor, lot, kind, units, reference=reference)


def check_last_day(site_code: str, expires_on: date, *, field: str) -> None:
    """Raise InvalidInput, code `implausible_time`, for an expiry farther ahead than the protocol finds plausible."""
    place = site(SYSTEM, site_code)
    today = local_date(clock.now(), place.time_zone)
    check_expiry(expires_on, today, protocol_of(place).moments.expiry, field=field)


def hospital_lot(site_code: str, product: str, number: str, expires_on: date, *, of_the_past: bool = False) -> Lot:
    """The lot of the hospital's own stock that was typed at preparation; kept from its first use on.

    of_the_past: it was used already, so that nothing is refused. Raises Refused for a recalled lot, and where the same
    lot was typed before with another expiry.
    """
    number = lot_number_typed(number, field="lots")
    lot = lot_by_number(site_code, product, number)
    if lot is None and not of_the_past and is_recalled(product, number):
        raise Refused(_("Lot %(number)s is recalled: do not use it.", number=number), code="lot_not_usable")
    if lot is None:
        check_last_day(site_code, expires_on, field="lots")
        return Lot.objects.create(
            site_code=site_code,
            product=product,
            number=number,
            expires_on=expires_on,
            source=Source.HOSPITAL,
            first_at=clock.now(),
        )
    if lot.last_day != expires_on and not of_the_past:
        raise Refused(
            _(
                "Lot %(number)s was recorded with the expiry %(last_day)s: read both again. If that one "
                "is wrong, correct it on the lot's page.",
                number=number,
                last_day=f"{lot.last_day:%d %b %Y}",
            ),
            code="expiry",
        )
    return lot
