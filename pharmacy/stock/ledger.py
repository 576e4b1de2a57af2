"""The arithmetic of stock: one movement after the other, two balances, which lots to take, what to order. Pure.

Every lot has two running balances. `balance` is what lies in the refrigerator. `as_if` is what would lie there had
every opened preparation taken every product that its route may need: it depends on what was opened, never on what
was in it, and it alone decides what the ward can notice (may the site allocate, can a route be prepared, what is
ordered). docs/decisions/0014 says why that keeps the blind.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Final

from randomization.shared.sentences import sentence as _


class Kind(StrEnum):
    """What a movement is."""

    RECEIPT = "receipt"
    PROVISIONAL = "provisional receipt"
    HOSPITAL = "from hospital stock"
    RESERVATION = "reservation"
    USE = "use"
    WASTE = "waste"
    RETURN = "return"
    DESTRUCTION = "destruction"
    COUNT = "count"


INWARD: Final = frozenset({Kind.RECEIPT, Kind.PROVISIONAL})
"""Both balances grow."""
WRITE_OFF: Final = frozenset({Kind.WASTE, Kind.RETURN, Kind.DESTRUCTION})
"""What a person takes out of a lot, with a reason."""


@dataclass(frozen=True, slots=True)
class Change:
    """A change of both balances, in units."""

    quantity: int
    as_if: int


@dataclass(frozen=True, slots=True)
class Holding:
    """One lot at a site, as it stands."""

    lot_id: int
    product: str
    number: str
    expires_on: date
    on_hold: bool
    balance: int
    as_if: int

    def reason_against(self, lasts_until: date) -> str:
        """Why nothing may be taken from the lot for a syringe used until `lasts_until`; empty where it may."""
        if self.on_hold:
            return _("is in quarantine")
        if self.expires_on < lasts_until:
            return _("expires on %(day)s, before the end of the dose's window", day=f"{self.expires_on:%d %b %Y}")
        return ""


class NotEnough(ValueError):
    """A balance would fall below zero."""


def change_of(kind: Kind, units: int, *, balance: int, as_if: int) -> Change:
    """What `units` (for COUNT the signed difference) do to both balances.

    A use and a waste touch the real balance alone, a reservation the other alone. What leaves for good takes along
    as much of the other balance, and all of it with the last unit.
    """
    match kind:
        case Kind.RECEIPT | Kind.PROVISIONAL:
            return Change(units, units)
        case Kind.HOSPITAL:
            return Change(units, 0)
        case Kind.RESERVATION:
            return Change(0, -units)
        case Kind.USE | Kind.WASTE:
            return Change(-units, 0)
        case Kind.RETURN | Kind.DESTRUCTION:
            return Change(-units, -as_if if units == balance else -min(units, as_if))
        case Kind.COUNT:
            return Change(units, -as_if if balance + units == 0 else max(units, -as_if))


def after(balance: int, as_if: int, change: Change) -> tuple[int, int]:
    """Both balances after a change; raises NotEnough where one would fall below zero."""
    new = balance + change.quantity, as_if + change.as_if
    if min(new) < 0:
        raise NotEnough
    return new


def first_expiring(
    lots: Iterable[Holding], units: int, lasts_until: date, *, as_if: bool = False
) -> list[tuple[int, int]]:
    """Which lots to take `units` of one product from, first expiring first: (lot, units) pairs.

    as_if: from the balance that does not depend on contents. Raises NotEnough where usable lots do not hold as many.
    """
    chosen, missing = [], units
    for lot in sorted(lots, key=lambda lot: (lot.expires_on, lot.number)):
        held = lot.as_if if as_if else lot.balance
        if missing and held and not lot.reason_against(lasts_until):
            taken = min(missing, held)
            chosen.append((lot.lot_id, taken))
            missing -= taken
    if missing:
        raise NotEnough
    return chosen


def usable(lots: Iterable[Holding], product: str, lasts_until: date) -> int:
    """Units of a product that count as there, whatever was in the syringes so far."""
    return sum(lot.as_if for lot in lots if lot.product == product and not lot.reason_against(lasts_until))


@dataclass(frozen=True, slots=True)
class OrderLine:
    """What to order of one product, in units; `needed` over the period, `held` as if."""

    product: str
    needed: int
    held: int

    @property
    def order(self) -> int:
        """Never below zero."""
        return max(0, self.needed - self.held)


def resupply(
    lots: Sequence[Holding], open_doses: Mapping[str, int], per_dose: Mapping[str, Mapping[str, int]],
    reserve: Mapping[str, int], lasts_until: date,
) -> list[OrderLine]:  # fmt: skip
    """What a site orders, as if every open dose needed every product that its route may need.

    open_doses: doses not yet prepared by route. per_dose: units by product, by route. reserve: units of each product
    that stay for new patients.
    """
    return [
        OrderLine(
            product,
            kept + sum(count * per_dose.get(route, {}).get(product, 0) for route, count in open_doses.items()),
            usable(lots, product, lasts_until),
        )
        for product, kept in sorted(reserve.items())
    ]
