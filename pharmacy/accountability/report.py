"""What a site received, what became of it, and what nobody can explain.

Pure: no Django.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from datetime import date, datetime
from enum import StrEnum
from hashlib import sha256

from pharmacy.preparation.states import PreparationState
from pharmacy.stock.ledger import Kind


class Fate(StrEnum):
    """What became of a syringe, in the order in which fates are counted, as people read it."""

    GIVEN = "given"
    PART = "part given"
    RETURNED = "returned"
    DESTROYED = "returned and destroyed"
    VOIDED = "void before release"
    OPEN = "in preparation"
    AT_WARD = "on the ward"
    OUTSTANDING = "outstanding"


class Recorded(StrEnum):
    """What the ward recorded of a syringe that it gave; stored words."""

    GIVEN = "given"
    PART_GIVEN = "part_given"


class CartonState(StrEnum):
    """Where an opened carton is, as people read it."""

    OPEN = "open"
    CLOSED = "closed"
    IN_ERROR = "opened in error"


@dataclass(frozen=True, slots=True)
class LotLine:
    """One lot: units by kind of movement, the balance of its newest line, and the units that its doses took."""

    product: str
    number: str
    expires_on: date
    moved: dict[str, int]
    balance: int
    by_doses: int

    @property
    def unexplained(self) -> int:
        """Units that the ledger and the doses do not account for; zero where everything reconciles."""
        total = sum(units for kind, units in self.moved.items() if kind != Kind.RESERVATION)
        used = -self.moved.get(Kind.USE, 0)
        return abs(total - self.balance) + abs(used - self.by_doses)

    def units(self, *kinds: Kind) -> int:
        """Units of some kinds, without their sign."""
        return abs(sum(self.moved.get(kind, 0) for kind in kinds))

    @property
    def received(self) -> int:
        return self.units(Kind.RECEIPT, Kind.PROVISIONAL, Kind.HOSPITAL)

    @property
    def used(self) -> int:
        return self.units(Kind.USE)

    @property
    def wasted(self) -> int:
        return self.units(Kind.WASTE)

    @property
    def returned(self) -> int:
        """To the sponsor."""
        return self.units(Kind.RETURN)

    @property
    def destroyed(self) -> int:
        return self.units(Kind.DESTRUCTION)

    @property
    def counted(self) -> int:
        """What counts found: below zero what was missing, above zero what was too many."""
        return self.moved.get(Kind.COUNT, 0)

    @property
    def figures(self) -> tuple[int, ...]:
        """What papers and files show of a lot, in the order of their columns."""
        return (
            *(self.received, self.used, self.wasted, self.returned, self.destroyed, self.counted),
            *(self.balance, self.unexplained),
        )


@dataclass(frozen=True, slots=True)
class RemovalLine:
    """Units that one person wasted, returned or counted as missing, and who confirmed or disputed it.

    is_open: another person is still asked, or disputed it.
    """

    product: str
    number: str
    kind: str
    units: int
    recorded_by: str
    recorded_at: datetime
    state: str
    is_open: bool
    decided_by: str
    decided_at: datetime | None


@dataclass(frozen=True, slots=True)
class CartonLine:
    """An opened carton: who opened it, the units that syringes took, void ones too, and how it ended.

    ended_by, ended_at: who closed it, or said that it was opened in error; empty and None while it is open.
    """

    number: int
    product: str
    lot: str
    expires_on: date
    read: str
    opened_by: str
    opened_at: datetime
    taken: int
    state: CartonState
    ended_by: str
    ended_at: datetime | None


@dataclass(frozen=True, slots=True)
class DoseLine:
    """One syringe: for whom, from which lots, and what became of it."""

    participant: str
    kit_code: str
    route: str
    number: int
    pack_code: str
    lots: tuple[str, ...]
    made_by: str
    checked_by: str
    check_mode: str
    fate: Fate
    at: datetime | None
    from_envelope: bool = False

    @property
    def is_outstanding(self) -> bool:
        """Whether it is missing."""
        return self.fate is Fate.OUTSTANDING


@dataclass(frozen=True, slots=True)
class Report:
    """The accountability of one site."""

    site_code: str
    lots: tuple[LotLine, ...]
    doses: tuple[DoseLine, ...]
    removals: tuple[RemovalLine, ...] = ()
    cartons: tuple[CartonLine, ...] = ()

    @property
    def unexplained(self) -> int:
        """Units and syringes that nobody can explain, and units that are gone by one person's word."""
        return sum(lot.unexplained for lot in self.lots) + self.count(Fate.OUTSTANDING) + self.to_confirm

    @property
    def to_confirm(self) -> int:
        """Units that are gone by one person's word: another has not confirmed it, or disputed it."""
        return sum(removal.units for removal in self.removals if removal.is_open)

    def count(self, fate: Fate) -> int:
        """How many syringes had this fate."""
        return sum(dose.fate == fate for dose in self.doses)

    @property
    def fates(self) -> list[tuple[Fate, int]]:
        """Each fate with its number of syringes."""
        return [(fate, self.count(fate)) for fate in Fate]

    @property
    def sha256(self) -> str:
        """SHA-256 (hex) of everything the report says: what a signature is bound to."""
        body = {
            "site": self.site_code,
            "lots": [asdict(lot) for lot in self.lots],
            "doses": [asdict(dose) for dose in self.doses],
            "removals": [asdict(removal) for removal in self.removals],
            "cartons": [asdict(carton) for carton in self.cartons],
        }
        return sha256(json.dumps(body, sort_keys=True, default=str).encode()).hexdigest()


def fate_of(
    *,
    state: str,
    released: bool,
    outcome: str,
    returned: bool,
    use_before: datetime,
    now: datetime,
    destroyed: bool = False,
) -> Fate:
    """What became of a syringe. A released one that was neither given nor returned, and cannot be any more, is missing.

    state: of the preparation. outcome: the ward's outcome, empty where it recorded none.
    """
    if outcome == Recorded.GIVEN:
        return Fate.GIVEN
    if outcome == Recorded.PART_GIVEN:
        return Fate.PART
    if returned:
        return Fate.DESTROYED if destroyed else Fate.RETURNED
    is_void = state == PreparationState.VOIDED
    if not released:
        return Fate.VOIDED if is_void else Fate.OPEN
    return Fate.OUTSTANDING if is_void or now >= use_before or outcome else Fate.AT_WARD
