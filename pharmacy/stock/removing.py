"""Removals: what one person takes out of a lot outside of a preparation, and another confirms afterwards.

A removal is booked at once, with the signature of the person who found it; another person confirms or disputes it.

Pure: no Django.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import Any, ClassVar, Final

from pharmacy.stock.ledger import Kind
from randomization.signatures.command import SignedCommand

TOGETHER_WITHIN: Final = timedelta(hours=24)
"""What left a lot without a signature in this time counts together: a large removal is not split [choice]."""


class RemovalState(StrEnum):
    """Where a removal is: waits for another person, confirmed, disputed, or settled after a dispute."""

    WAITING = "waiting"
    CONFIRMED = "confirmed"
    DISPUTED = "disputed"
    SETTLED = "settled"


TRANSITIONS: Final[dict[RemovalState, frozenset[RemovalState]]] = {
    RemovalState.WAITING: frozenset({RemovalState.CONFIRMED, RemovalState.DISPUTED}),
    RemovalState.CONFIRMED: frozenset(),
    RemovalState.DISPUTED: frozenset({RemovalState.SETTLED}),
    RemovalState.SETTLED: frozenset(),
}
OPEN: Final = (RemovalState.WAITING, RemovalState.DISPUTED)
"""Shown until another person ended it."""


def needs_two(units: int, *, left: int, in_a_syringe: int, before: int = 0, whole_lot: bool = False) -> bool:
    """Whether units that leave a lot need a signature and another person.

    left: units of the ledger afterwards. in_a_syringe: the most that one preparation takes of the product. before:
    units that left the lot without a signature shortly before. whole_lot: nothing of it counts as there any more.
    """
    return whole_lot or (units > 0 and (left == 0 or before + units > in_a_syringe))


@dataclass(frozen=True, slots=True)
class WriteOff(SignedCommand):
    """Waste or return of units of a lot; whole_lot: nothing of it counts as there any more."""

    meaning: ClassVar[str] = "units taken out of stock"
    lot_id: int
    kind: Kind
    units: int
    reason: str
    whole_lot: bool = False

    @property
    def subject(self) -> str:
        return f"lot {self.lot_id}"

    def content(self) -> dict[str, Any]:
        return {
            "lot": self.lot_id,
            "kind": str(self.kind),
            "units": self.units,
            "whole_lot": self.whole_lot,
            "reason": self.reason,
        }


@dataclass(frozen=True, slots=True)
class CountLot(SignedCommand):
    """What somebody counted of a lot, whatever the ledger says."""

    meaning: ClassVar[str] = "units taken out of stock"
    lot_id: int
    counted: int
    reason: str = ""

    @property
    def subject(self) -> str:
        return f"lot {self.lot_id}"

    def content(self) -> dict[str, Any]:
        return {"lot": self.lot_id, "counted": self.counted, "reason": self.reason}


@dataclass(frozen=True, slots=True)
class DecideRemoval(SignedCommand):
    """What another person says of a removal: confirmed, disputed or settled."""

    meaning: ClassVar[str] = "removal decided"
    removal_id: int
    state: RemovalState
    reason: str

    @property
    def subject(self) -> str:
        return f"removal {self.removal_id}"

    def content(self) -> dict[str, Any]:
        return {"removal": self.removal_id, "state": str(self.state), "reason": self.reason}
