"""The arithmetic of stock: one movement after the other, two balances, which lots to take, what to order.

Every lot has two running balances. `balance` is what lies in the refrigerator. `arm_neutral` is what would lie there
had every opened preparation taken every product that its route may need: it moves by delivery notes, openings and acts
on a whole lot or consignment, never by what was in a syringe, and it alone decides what the ward can notice (may the
site allocate, can a route be prepared, what is ordered). docs/decisions/0014 and 0037 say why that keeps the blind.

Pure: no Django.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Final

from randomization.shared.identifiers import canonical
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


WRITE_OFF: Final = frozenset({Kind.WASTE, Kind.RETURN})
"""What one person takes out of a lot, with a reason; what is destroyed takes two (docs/decisions/0039)."""


@dataclass(frozen=True, slots=True)
class Change:
    """A change of both balances, in units."""

    quantity: int
    arm_neutral: int


@dataclass(frozen=True, slots=True)
class Holding:
    """One lot at a site, as it stands.

    on_hold: the whole lot. held, held_arm_neutral: units of its consignments that are on hold, in each balance.
    """

    lot_id: int
    product: str
    number: str
    expires_on: date
    on_hold: bool
    balance: int
    arm_neutral: int
    held: int = 0
    held_arm_neutral: int = 0

    def free(self, *, arm_neutral: bool) -> int:
        """Units of one of the balances that are not on hold with their consignment."""
        return max(0, self.arm_neutral - self.held_arm_neutral if arm_neutral else self.balance - self.held)

    def reason_against(self, lasts_until: date) -> str:
        """Why nothing may be taken from the lot for a syringe used until `lasts_until`; empty where it may.

        It never asks what was really used: consignments on hold are for `reason_against_taking`.
        """
        if self.on_hold:
            return _("is in quarantine")
        if self.expires_on < lasts_until:
            return _("expires on %(day)s, before the end of the dose's window", day=f"{self.expires_on:%d %b %Y}")
        return ""

    def reason_against_taking(self, lasts_until: date) -> str:
        """As `reason_against`, and where all that is left lies in consignments on hold; for the pharmacy alone."""
        if self.balance and not self.free(arm_neutral=False):
            return _("is in quarantine")
        return self.reason_against(lasts_until)


class NotEnough(ValueError):
    """A balance would fall below zero."""


def change_of(kind: Kind, units: int) -> Change:
    """What `units` (for COUNT the signed difference) do to both balances.

    The as-if balance moves by a receipt and a reservation alone. Whatever depends on true use leaves it as it is: a
    use, a waste, a return or destruction of a part, a count, and units received provisionally, which only a syringe
    with drug in it may have asked for.
    """
    match kind:
        case Kind.RECEIPT:
            return Change(units, units)
        case Kind.PROVISIONAL | Kind.HOSPITAL | Kind.COUNT:
            return Change(units, 0)
        case Kind.RESERVATION:
            return Change(0, -units)
        case Kind.USE | Kind.WASTE | Kind.RETURN | Kind.DESTRUCTION:
            return Change(-units, 0)


def note_change(units: int, *, matched: int = 0, counted: int = 0, owed: int = 0) -> Change:
    """What a delivery note of `units` does: it counts in full, less what openings of a short route owe.

    matched: units of it that were received provisionally before; they lie there already. counted: those of them that
    count as there already, from before provisional units stopped to.
    """
    return Change(units - matched, max(0, units - counted - owed))


def whole_lot_change(balance: int, arm_neutral: int) -> Change:
    """What an act on the whole lot does: nothing of it is left in either balance."""
    return Change(-balance, -arm_neutral)


def part_change(units: int, arm_neutral_units: int) -> Change:
    """What the end of one consignment does: its units leave, and what of it counted as there."""
    return Change(-units, -arm_neutral_units)


def counted_by_receipt(arm_neutral: int, brought: Sequence[int]) -> list[int]:
    """How much of what counts as there comes from each receipt: what was taken first came first.

    arm_neutral: what counts as there. brought: units that each receipt counted, oldest first.
    """
    left, counted = arm_neutral, []
    for units in reversed(brought):
        counted.append(min(units, left))
        left -= counted[-1]
    return counted[::-1]


def after(balance: int, arm_neutral: int, change: Change) -> tuple[int, int]:
    """Both balances after a change; raises NotEnough where one would fall below zero."""
    new = balance + change.quantity, arm_neutral + change.arm_neutral
    if min(new) < 0:
        raise NotEnough
    return new


def first_expiring(
    lots: Iterable[Holding], units: int, lasts_until: date, *, arm_neutral: bool = False
) -> list[tuple[int, int]]:
    """Which lots to take `units` of one product from, first expiring first: (lot, units) pairs.

    arm_neutral: from the balance that does not depend on contents. Lots of one day follow each other by the canonical
    number: how somebody typed it first may depend on contents. Raises NotEnough where usable lots do not hold as many.
    """
    chosen, missing = [], units
    for lot in sorted(lots, key=lambda lot: (lot.expires_on, canonical(lot.number))):
        free = lot.free(arm_neutral=arm_neutral)
        if missing and free and not lot.reason_against(lasts_until):
            taken = min(missing, free)
            chosen.append((lot.lot_id, taken))
            missing -= taken
    if missing:
        raise NotEnough
    return chosen


def usable(lots: Iterable[Holding], product: str, lasts_until: date) -> int:
    """Units of a product that count as there, whatever was in the syringes so far."""
    return sum(
        lot.free(arm_neutral=True) for lot in lots if lot.product == product and not lot.reason_against(lasts_until)
    )


@dataclass(frozen=True, slots=True)
class OrderLine:
    """What to order of one product, in units; `needed` over the period and what is owed, `held` as if."""

    product: str
    needed: int
    held: int

    @property
    def order(self) -> int:
        """Never below zero."""
        return max(0, self.needed - self.held)


def resupply(
    lots: Sequence[Holding],
    open_doses: Mapping[str, int],
    per_dose: Mapping[str, Mapping[str, int]],
    reserve: Mapping[str, int],
    lasts_until: date,
    owed: Mapping[str, int],
) -> list[OrderLine]:
    """What a site orders, as if every open dose needed every product that its route may need.

    open_doses: doses for which nothing is counted as taken yet, by route. per_dose: units by product, by route.
    reserve: units of each product that stay for new patients. owed: what the next delivery note pays, by product.
    """
    return [
        OrderLine(
            product,
            kept
            + owed.get(product, 0)
            + sum(count * per_dose.get(route, {}).get(product, 0) for route, count in open_doses.items()),
            usable(lots, product, lasts_until),
        )
        for product, kept in sorted(reserve.items())
    ]
