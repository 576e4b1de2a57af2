"""Book what a paper says was taken, inside the running service: a fact, whatever the stock says now."""

from __future__ import annotations

from datetime import date
from typing import Protocol
from uuid import UUID

from pharmacy.stock.booking import (
    book,
    check_last_day,
    hospital_lot,
    lock_lots,
    lot_number_typed,
    use_of_hospital,
)
from pharmacy.stock.consignments import consignment_by_code, is_on_hold, may_be_held
from pharmacy.stock.ledger import Holding, Kind
from pharmacy.stock.models import Consignment, Lot
from pharmacy.stock.proof import check_product
from pharmacy.stock.read_pack import check_scanned, product_in_plan
from pharmacy.stock.scanned_lot import read_lot
from pharmacy.stock.selectors import holdings
from randomization.shared import clock
from randomization.shared.actor import Actor
from randomization.shared.errors import InvalidInput
from randomization.shared.identifiers import same
from randomization.shared.sentences import sentence as _
from randomization.unblinded.formulary.contents import Source


class Written(Protocol):
    """A lot on the paper."""

    @property
    def number(self) -> str: ...
    @property
    def expires_on(self) -> date | None: ...
    @property
    def printed_lot(self) -> str: ...


def take_as_written(
    actor: Actor, site_code: str, product: str, units: int, typed: Written, used_for: UUID
) -> list[str]:
    """Book the use of `units` of a product; returns the lots, with what was odd about them.

    typed: the lot on the paper, or the shelf label that was scanned. What the ledger does not hold is received
    provisionally. Raises InvalidInput where the paper must say more, Refused where it names another product.
    """
    label = consignment_by_code(site_code, typed.number)
    if label is not None:
        if label.product != product:
            check_product(label.code, product, {label.code: label.product})
        holding = holdings([label.lot.pk])[0]
        return [_from_lot(actor, holding, units, used_for, label.consignment)]
    scanned = read_lot(typed.number, printed_lot=typed.printed_lot)
    if not scanned.number.strip():
        raise InvalidInput(_("Type the lot of %(product)s, as on the paper.", product=product), field="lots")
    number = lot_number_typed(scanned.number, field="lots")
    expires_on = scanned.expires_on or typed.expires_on
    check_scanned(site_code, product, scanned)
    if product_in_plan(product).source is Source.HOSPITAL:
        if expires_on is None:
            raise InvalidInput(
                _("Type lot and expiry of the hospital's %(product)s, as on the paper.", product=product), field="lots"
            )
        lot = hospital_lot(site_code, product, number, expires_on, of_the_past=True)
        use_of_hospital(actor, lot, units, reference=str(used_for))
        return [lot.number]
    holding = _written(site_code, product, number, expires_on)
    return [_from_lot(actor, holding, units, used_for)]


def _written(site_code: str, product: str, number: str, expires_on: date | None) -> Holding:
    for holding in lock_lots(site_code, [product]):
        if same(holding.number, number):
            return holding
    if expires_on is None:
        raise InvalidInput(
            _("Lot %(number)s of %(product)s is not booked in: type its expiry too.", number=number, product=product),
            field="lots",
        )
    check_last_day(site_code, expires_on, field="lots")
    lot = Lot.objects.create(
        site_code=site_code,
        product=product,
        number=number,
        expires_on=expires_on,
        source=Source.SPONSOR,
        first_at=clock.now(),
    )
    return Holding(lot.pk, product, number, expires_on, on_hold=False, balance=0, arm_neutral=0)


def _from_lot(
    actor: Actor, holding: Holding, units: int, used_for: UUID, consignment: Consignment | None = None
) -> str:
    lot, odd = Lot.objects.get(pk=holding.lot_id), []
    if holding.balance < units:
        book(actor, lot, Kind.PROVISIONAL, units - holding.balance)
        odd.append("received provisionally")
    if holding.on_hold or (may_be_held(lot) if consignment is None else is_on_hold(consignment)):
        odd.append("on hold")
    book(actor, lot, Kind.USE, units, reference=str(used_for), consignment=consignment)
    return f"{lot.number} ({', '.join(odd)})" if odd else lot.number
