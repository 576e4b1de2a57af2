"""From what was scanned or typed at a pack to the lot that it proves."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from pharmacy.stock.articles import articles_at, sponsor_lots
from pharmacy.stock.booking import hospital_lot, lot_number_typed
from pharmacy.stock.consignments import consignment_by_code, is_on_hold, may_be_held, not_held
from pharmacy.stock.models import Consignment, Lot, Read
from pharmacy.stock.proof import check_is_no_lot_of, check_product, expiry_of
from pharmacy.stock.quarantines import is_named_unheld, is_recalled_unheld
from pharmacy.stock.scanned_lot import ScannedLot, read_lot
from pharmacy.stock.selectors import elsewhere, lot_by_number
from randomization.shared.errors import InvalidInput, Refused
from randomization.shared.ids import show_code
from randomization.shared.sentences import sentence as _
from randomization.unblinded.formulary.contents import Product, Source
from randomization.unblinded.lists.selectors import plans_in_use

REASON: Final = _("Say why lot and expiry were typed and not scanned.")


@dataclass(frozen=True, slots=True)
class Typed:
    """What was scanned or typed at one pack.

    code: the manufacturer's code, that of a shelf label, or the lot number as printed. printed_lot: the lot beside a
    code that leaves it open. reason: why it was typed.
    """

    code: str
    expires_on: date | None = None
    printed_lot: str = ""
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Pack:
    """What a pack turned out to be."""

    lot: Lot
    expires_on: date
    read: Read
    gtin: str = ""
    serial: str = ""
    consignment: Consignment | None = None


def product_in_plan(code: str) -> Product:
    """A product of the plan. Raises InvalidInput for another."""
    plan = plans_in_use()
    if code not in plan.products:
        raise InvalidInput(_("The plan has no such product."), field="product")
    return plan.products[code]


def check_scanned(site_code: str, product: str, scanned: ScannedLot) -> None:
    """Raise Refused where a code is another product's, or its lot a sponsor's lot of another product."""
    if scanned.gtin:
        check_product(scanned.gtin, product, articles_at(site_code))
    is_hospital = product_in_plan(product).source is Source.HOSPITAL
    check_is_no_lot_of(scanned.number, product, sponsor_lots(scanned.number, product), is_hospital=is_hospital)


def read_pack(site_code: str, product: str, typed: Typed) -> Pack:
    """The lot of a pack at a site, proven by its code or typed with a reason, inside the running service.

    A lot of the hospital's own stock is kept from its first use on; one that is known here needs no expiry again.
    Raises Refused for another product (`other_product`, `unknown_article`, `sponsor_lot`), a lot that is not here
    (`unknown_lot`, `other_site`) or another expiry; InvalidInput for what cannot be read, or typed without a reason.
    """
    brought = _from_shelf(site_code, product, typed)
    if brought is not None:
        return brought
    scanned = read_lot(typed.code, printed_lot=typed.printed_lot)
    number = lot_number_typed(scanned.number, field="lots")
    check_scanned(site_code, product, scanned)
    if not scanned.gtin and not typed.reason.strip():
        raise InvalidInput(REASON, field="reason", code="reason_missing")
    read = Read.SCANNED if scanned.gtin else Read.TYPED
    lot = lot_by_number(site_code, product, number)
    known = lot.last_day if lot is not None else None
    if product_in_plan(product).source is Source.SPONSOR and lot is None:
        raise _not_here(site_code, product, number)
    if lot is not None and is_recalled_unheld(lot):
        raise Refused(_("Lot %(number)s is recalled: do not use it.", number=number), code="lot_not_usable")
    if lot is not None and is_named_unheld(lot):
        raise _in_quarantine(number)
    day = expiry_of(scanned=scanned.expires_on, typed=typed.expires_on, known=known, number=number)
    if lot is None:
        lot = hospital_lot(site_code, product, number, day)
    check_told_apart(lot)
    return Pack(lot, day, read, scanned.gtin, scanned.serial)


def _in_quarantine(number: str) -> Refused:
    against = _("is in quarantine")
    return Refused(
        _("Lot %(number)s %(against)s: do not use it.", number=number, against=against), code="lot_not_usable"
    )


def _from_shelf(site_code: str, product: str, typed: Typed) -> Pack | None:
    """The lot of a shelf label that was scanned; None where it is no code of one here."""
    label = consignment_by_code(site_code, typed.code)
    if label is None:
        return None
    if label.product != product:
        check_product(label.code, product, {label.code: label.product})
    check_consignment(label.consignment)
    day = expiry_of(scanned=None, typed=typed.expires_on, known=label.expires_on, number=label.lot_number)
    return Pack(label.lot, day, Read.SHELF_LABEL, consignment=label.consignment)


def check_consignment(consignment: Consignment) -> None:
    """Raise Refused where a consignment is on hold."""
    if is_on_hold(consignment):
        raise Refused(
            _(
                "The delivery with the shelf label %(code)s is in quarantine: do not use it.",
                code=show_code(consignment.code),
            ),
            code="lot_not_usable",
        )


def check_told_apart(lot: Lot, opened_at: datetime | None = None) -> None:
    """Raise Refused (`shelf_label_needed`) where units without a scanned shelf label may be of a consignment on hold.

    opened_at: when the carton was opened that they come from (UTC); nothing of a later delivery is in it.
    """
    if may_be_held(lot, opened_at) and not not_held(lot).exists():
        raise _in_quarantine(lot.number)
    if may_be_held(lot, opened_at):
        raise Refused(
            _(
                "A delivery of lot %(number)s is in quarantine: scan the shelf label of the one that the units "
                "come from.",
                number=lot.number,
            ),
            code="shelf_label_needed",
        )


def read_delivered(site_code: str, product: str, code: str, expires_on: date | None) -> tuple[str, date]:
    """Number and expiry of a lot that arrives; its code, where it has one, proves the product.

    Raises as `read_pack`, but for a lot that is typed, which needs no reason: the delivery note is there for it.
    """
    scanned = read_lot(code)
    if scanned.gtin:
        check_scanned(site_code, product, scanned)
    return scanned.number, expiry_of(scanned=scanned.expires_on, typed=expires_on, known=None, number=scanned.number)


def _not_here(site_code: str, product: str, number: str) -> Refused:
    if elsewhere(site_code, product, number):
        return Refused(
            _(
                "Lot %(number)s of %(product)s is booked in at another site: do not use it.",
                number=number,
                product=product,
            ),
            code="other_site",
        )
    return Refused(
        _(
            "Lot %(number)s of %(product)s is not booked in here: scan again, or book it in provisionally.",
            number=number,
            product=product,
        ),
        code="unknown_lot",
    )
