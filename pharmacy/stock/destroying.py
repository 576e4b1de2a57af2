"""Destruction by two people: one orders it and signs, another destroys at the site and signs.

What an order names and what its execution says are values; both signatures are bound to them.

Pure: no Django.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Final

from randomization.shared import clock
from randomization.shared.errors import Refused
from randomization.shared.sentences import sentence as _

ORDERED_MEANING: Final = "destruction ordered"
DONE_MEANING: Final = "destroyed as ordered"
MOST_OF_SUBJECT: Final = 64
"""Letters of the subject of a signature."""


class Target(StrEnum):
    """What an order is about: a part of a lot, all of it, what a hold is on, or syringes that came back."""

    PART = "part of a lot"
    LOT = "whole lot"
    HOLD = "quarantine"
    SYRINGES = "returned syringes"


class OrderState(StrEnum):
    """Where an order is: open, carried out at the site, or cancelled."""

    ORDERED = "ordered"
    DESTROYED = "destroyed"
    CANCELLED = "cancelled"


TRANSITIONS: Final[dict[OrderState, frozenset[OrderState]]] = {
    OrderState.ORDERED: frozenset({OrderState.DESTROYED, OrderState.CANCELLED}),
    OrderState.DESTROYED: frozenset(),
    OrderState.CANCELLED: frozenset(),
}


@dataclass(frozen=True, slots=True)
class ToDestroy:
    """What somebody orders: at most `units` are destroyed. `about` names it for people.

    pack_codes: the syringes that came back, for them alone. consignment: its code, or empty.
    """

    site_code: str
    target: Target
    about: str
    units: int
    reason: str
    lot_id: int | None = None
    hold_id: int | None = None
    consignment: str = ""
    pack_codes: tuple[str, ...] = ()

    @property
    def subject(self) -> str:
        """The subject of the signature under the order."""
        return f"{self.site_code} {self.about}"[:MOST_OF_SUBJECT]

    @property
    def content(self) -> dict[str, Any]:
        """What the person who orders signs."""
        return {
            "site": self.site_code,
            "target": str(self.target),
            "about": self.about,
            "units": self.units,
            "reason": self.reason,
            "lot": self.lot_id,
            "hold": self.hold_id,
            "consignment": self.consignment,
            "pack_codes": sorted(self.pack_codes),
        }


@dataclass(frozen=True, slots=True)
class Done:
    """What was destroyed at the site, by which method, who saw it, and when (UTC).

    pack_codes: of the syringes, for an order of syringes; `units` counts them.
    """

    units: int
    method: str
    witness: str
    destroyed_at: datetime
    pack_codes: tuple[str, ...] = ()

    def content(self, order_id: int) -> dict[str, Any]:
        """What the person who destroyed signs."""
        return {
            "order": order_id,
            "units": self.units,
            "method": self.method,
            "witness": self.witness,
            "destroyed_at": clock.stamp(self.destroyed_at),
            "pack_codes": sorted(self.pack_codes),
        }


def subject_of(order_id: int) -> str:
    """The subject of the signature under the execution of an order."""
    return f"destruction {order_id}"


def order_needed() -> Refused:
    """What is said to a person who would destroy alone."""
    return Refused(
        _("One person orders a destruction and another carries it out: order it first."), code="order_needed"
    )
