"""What a scanner reads from a manufacturer's pack: GS1 with lot and expiry, or the plain lot number. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Final

from stdnum import gs1_128
from stdnum.exceptions import ValidationError

SYMBOLOGY: Final = ("]d2", "]C1")
SEPARATOR: Final = "\x1d"
ITEM: Final = "01"
LOT: Final = "10"
EXPIRY: Final = "17"


@dataclass(frozen=True, slots=True)
class ScannedLot:
    """A lot number, and the last day of use where the code says it."""

    number: str
    expires_on: date | None = None


def read_lot(text: str) -> ScannedLot:
    """Read a GS1 code (application identifiers 01, item, 10, lot, and 17, expiry; GS1 General Specifications 3.4).

    Anything else is taken as the lot number that was typed.
    """
    typed = text.strip()
    for prefix in SYMBOLOGY:
        typed = typed.removeprefix(prefix)
    try:
        found = gs1_128.info(typed, SEPARATOR)
    except (ValidationError, ValueError):
        return ScannedLot(text.strip())
    if LOT not in found or ITEM not in found:
        return ScannedLot(text.strip())
    expires_on = found.get(EXPIRY)
    return ScannedLot(str(found[LOT]), expires_on if isinstance(expires_on, date) else None)
