"""Destruction by two people: one orders it and signs, another destroys at the site and signs.

What an order names and what its execution says are values; both signatures are bound to them.

Pure: no Django.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, ClassVar, Final

from randomization.shared import clock
from randomization.shared.errors import Refused
from randomization.shared.sentences import sentence as _
from randomization.signatures.command import SignedCommand

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
class OrderDestruction(SignedCommand):
    """What somebody orders: at most `units` are destroyed. `about` names it for people.

    pack_codes: the syringes that came back, for them alone. consignment: its code, or empty.
    """

    meaning: ClassVar[str] = "destruction ordered"
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
        return f"{self.site_code} {self.about}"[:MOST_OF_SUBJECT]

    def content(self) -> dict[str, Any]:
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
class RecordDestruction(SignedCommand):
    """What was destroyed at the site as ordered, by which method, who saw it, and when (UTC).

    pack_codes: of the syringes, for an order of syringes; `units` counts them.
    """

    meaning: ClassVar[str] = "destroyed as ordered"
    order_id: int
    units: int
    method: str
    witness: str
    destroyed_at: datetime
    pack_codes: tuple[str, ...] = ()

    @property
    def subject(self) -> str:
        return f"destruction {self.order_id}"

    def content(self) -> dict[str, Any]:
        return {
            "order": self.order_id,
            "units": self.units,
            "method": self.method,
            "witness": self.witness,
            "destroyed_at": clock.stamp(self.destroyed_at),
            "pack_codes": sorted(self.pack_codes),
        }


def order_needed() -> Refused:
    """What is said to a person who would destroy alone."""
    return Refused(
        _("One person orders a destruction and another carries it out: order it first."), code="order_needed"
    )
