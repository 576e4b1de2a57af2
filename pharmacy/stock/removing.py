"""Removals: what one person takes out of a lot outside of a preparation, and another confirms afterwards.

A removal is booked at once, with the signature of the person who found it; another person confirms or disputes it.

Pure: no Django.
"""

from __future__ import annotations

from datetime import timedelta
from enum import StrEnum
from typing import Any, Final

RECORDED_MEANING: Final = "units taken out of stock"
DECIDED_MEANING: Final = "removal decided"
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


def lot_subject(lot_id: int) -> str:
    """The subject of the signature of the person who records."""
    return f"lot {lot_id}"


def write_off_content(lot_id: int, kind: str, units: int, reason: str, *, whole_lot: bool) -> dict[str, Any]:
    """What is signed of a waste or a return."""
    return {"lot": lot_id, "kind": kind, "units": units, "whole_lot": whole_lot, "reason": reason}


def count_content(lot_id: int, counted: int, reason: str) -> dict[str, Any]:
    """What is signed of a count: what somebody saw, whatever the ledger says."""
    return {"lot": lot_id, "counted": counted, "reason": reason}


def removal_subject(removal_id: int) -> str:
    """The subject of the signature of the person who decides."""
    return f"removal {removal_id}"


def decision_content(removal_id: int, state: RemovalState, reason: str) -> dict[str, Any]:
    """What is signed by the person who confirms, disputes or settles."""
    return {"removal": removal_id, "state": str(state), "reason": reason}
