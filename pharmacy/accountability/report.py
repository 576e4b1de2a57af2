"""What a site received, what became of it, and what nobody can explain.

Pure: no Django.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime
from hashlib import sha256
from typing import Any, Final

from pharmacy.stock.ledger import Kind
from randomization.shared.ids import dose_name

VOIDED: Final = "void before release"
OPEN: Final = "in preparation"
AT_WARD: Final = "on the ward"
GIVEN: Final = "given"
PART: Final = "part given"
RETURNED: Final = "returned"
DESTROYED: Final = "returned and destroyed"
OUTSTANDING: Final = "outstanding"


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
    fate: str
    at: datetime | None
    from_envelope: bool = False


@dataclass(frozen=True, slots=True)
class Report:
    """The accountability of one site."""

    site_code: str
    lots: tuple[LotLine, ...]
    doses: tuple[DoseLine, ...]
    removals: tuple[RemovalLine, ...] = ()

    @property
    def unexplained(self) -> int:
        """Units and syringes that nobody can explain, and units that are gone by one person's word."""
        return sum(lot.unexplained for lot in self.lots) + self.count(OUTSTANDING) + self.to_confirm

    @property
    def to_confirm(self) -> int:
        """Units that are gone by one person's word: another has not confirmed it, or disputed it."""
        return sum(removal.units for removal in self.removals if removal.is_open)

    def count(self, fate: str) -> int:
        """How many syringes had this fate."""
        return sum(dose.fate == fate for dose in self.doses)

    @property
    def fates(self) -> list[tuple[str, int]]:
        """Each fate with its number of syringes."""
        return [
            (fate, self.count(fate)) for fate in (GIVEN, PART, RETURNED, DESTROYED, VOIDED, OPEN, AT_WARD, OUTSTANDING)
        ]

    @property
    def sha256(self) -> str:
        """SHA-256 (hex) of everything the report says: what a signature is bound to."""
        body = {
            "site": self.site_code,
            "lots": [asdict(lot) for lot in self.lots],
            "doses": [asdict(dose) for dose in self.doses],
            "removals": [asdict(removal) for removal in self.removals],
        }
        return sha256(json.dumps(body, sort_keys=True, default=str).encode()).hexdigest()


def fate_of(
    *,
    state: str,
    released: bool,
    given: str,
    returned: bool,
    use_before: datetime,
    now: datetime,
    destroyed: bool = False,
) -> str:
    """What became of a syringe. A released one that was neither given nor returned, and cannot be any more, is missing.

    state: of the preparation. given: the ward's outcome, empty where it recorded none.
    """
    if given in {GIVEN, "part_given"}:
        return GIVEN if given == GIVEN else PART
    if returned:
        return DESTROYED if destroyed else RETURNED
    if not released:
        return VOIDED if state == "voided" else OPEN
    return OUTSTANDING if state == "voided" or now >= use_before or given else AT_WARD


CSV_HEAD: Final = (
    "site",
    "kind",
    "product or participant",
    "lot or kit",
    "expiry or dose",
    "packaging code",
    "received or lots",
    "used or made by",
    "wasted or checked by",
    "returned or way",
    "destroyed",
    "counted",
    "balance or fate",
    "unexplained or time",
)


def _stamp(moment: datetime | None) -> str:
    return f"{moment:%Y-%m-%dT%H:%M:%SZ}" if moment else ""


def _removal_row(site_code: str, removal: RemovalLine) -> Sequence[Any]:
    """Who took units out in the column of who made a syringe, who decided in that of who checked it."""
    return (
        site_code,
        removal.kind,
        removal.product,
        removal.number,
        "",
        "",
        removal.units,
        f"{removal.recorded_by} {_stamp(removal.recorded_at)}",
        f"{removal.decided_by} {_stamp(removal.decided_at)}".strip(),
        "",
        "",
        "",
        removal.state,
        removal.units if removal.is_open else 0,
    )


def rows(report: Report) -> list[Sequence[Any]]:
    """The report as rows for a CSV file under `CSV_HEAD`: lots first, removals, then syringes."""
    found: list[Sequence[Any]] = []
    for lot in report.lots:
        found.append(
            (
                report.site_code,
                "lot",
                lot.product,
                lot.number,
                lot.expires_on.isoformat(),
                "",
                lot.received,
                lot.used,
                lot.wasted,
                lot.returned,
                lot.destroyed,
                lot.counted,
                lot.balance,
                lot.unexplained,
            )
        )
    found += [_removal_row(report.site_code, removal) for removal in report.removals]
    for dose in report.doses:
        found.append(
            (
                report.site_code,
                "syringe",
                dose.participant,
                dose.kit_code,
                dose_name(dose.route, dose.number),
                dose.pack_code,
                "; ".join(dose.lots),
                dose.made_by,
                f"{dose.checked_by} {dose.check_mode}".strip(),
                "from an envelope" if dose.from_envelope else "online",
                "",
                "",
                dose.fate,
                _stamp(dose.at),
            )
        )
    return found
