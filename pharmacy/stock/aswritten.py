"""Book what a paper says was taken, inside the running service: a fact, whatever the stock says now."""

from __future__ import annotations

from datetime import date
from typing import Protocol
from uuid import UUID

from pharmacy.stock.booking import book, check_last_day, hospital_lot, lock_lots, use_of_hospital
from pharmacy.stock.ledger import Holding, Kind
from pharmacy.stock.models import Lot
from randomization.shared import clock
from randomization.shared.actor import Actor
from randomization.shared.errors import InvalidInput
from randomization.shared.identifiers import same
from randomization.shared.sentences import sentence as _
from randomization.unblinded.lists.plan import Source
from randomization.unblinded.lists.selectors import plan_in_force


class Written(Protocol):
    """A lot on the paper."""

    @property
    def number(self) -> str: ...
    @property
    def expires_on(self) -> date | None: ...


def take_as_written(
    actor: Actor, site_code: str, product: str, units: int, typed: Written, used_for: UUID
) -> list[str]:
    """Book the use of `units` of a product; returns the lots, with what was odd about them.

    typed: the lot on the paper; without a number, a counted product is taken first expiring first of what lies there.
    What the ledger does not hold is received provisionally. Raises InvalidInput where the paper must say more.
    """
    plan = plan_in_force()
    if plan is not None and plan.products[product].source is Source.HOSPITAL:
        if not typed.number.strip() or typed.expires_on is None:
            raise InvalidInput(
                _("Type lot and expiry of the hospital's %(product)s, as on the paper.", product=product), field="lots"
            )
        lot = hospital_lot(site_code, product, typed.number.strip(), typed.expires_on, of_the_past=True)
        use_of_hospital(actor, lot, units, reference=str(used_for))
        return [lot.number]
    held = lock_lots(site_code, [product])
    if typed.number.strip():
        return [_from_lot(actor, _written(held, site_code, product, typed), units, used_for)]
    taken, left = [], units
    for holding in held:
        part = min(left, holding.balance)
        if part:
            taken.append(_from_lot(actor, holding, part, used_for))
            left -= part
    if left:
        raise InvalidInput(
            _(
                "The ledger does not hold %(units)s of %(product)s: type the lot on the paper.",
                units=units,
                product=product,
            ),
            field="lots",
        )
    return taken


def _written(held: list[Holding], site_code: str, product: str, typed: Written) -> Holding:
    number = typed.number.strip()
    for holding in held:
        if same(holding.number, number):
            return holding
    if typed.expires_on is None:
        raise InvalidInput(
            _("Lot %(number)s of %(product)s is not booked in: type its expiry too.", number=number, product=product),
            field="lots",
        )
    check_last_day(site_code, typed.expires_on, field="lots")
    lot = Lot.objects.create(
        site_code=site_code, product=product, number=number, expires_on=typed.expires_on, source=Source.SPONSOR,
        first_at=clock.now(),
    )  # fmt: skip
    return Holding(lot.pk, product, number, typed.expires_on, on_hold=False, balance=0, as_if=0)


def _from_lot(actor: Actor, holding: Holding, units: int, used_for: UUID) -> str:
    lot, odd = Lot.objects.get(pk=holding.lot_id), []
    if holding.balance < units:
        book(actor, lot, Kind.PROVISIONAL, units - holding.balance)
        odd.append("received provisionally")
    if holding.on_hold:
        odd.append("on hold")
    book(actor, lot, Kind.USE, units, reference=str(used_for))
    return f"{lot.number} ({', '.join(odd)})" if odd else lot.number
