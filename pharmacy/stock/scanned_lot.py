"""What a scanner reads from a manufacturer's pack: GS1 with article, lot and expiry; or the plain lot number.

Nothing is guessed. A code that can be read in more than one way is asked about, and the lot that is printed beside
it decides; a code with a wrong check digit is scanned again.

Pure: no Django.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from typing import Final

from pharmacy.stock import gs1
from pharmacy.stock.gs1 import SEPARATOR, Elements, Unreadable
from randomization.shared import clock
from randomization.shared.errors import InvalidInput
from randomization.shared.gtin import as_gtin, check_digit_is_right
from randomization.shared.identifiers import check_visible, same
from randomization.shared.sentences import sentence as _

SYMBOLOGY: Final = ("]d2", "]C1", "]Q3", "]e0", "]J1")
"""What a scanner may send before the data of a GS1 DataMatrix, GS1-128, QR, DataBar or DotCode."""
AS_WORDS: Final = ("<GS>", "{GS}", "[GS]", "<FNC1>", "{FNC1}", "\N{SYMBOL FOR GROUP SEPARATOR}")
"""How scanners write the separator where they cannot send it."""
MOST_READINGS: Final = 2000
SHOWN: Final = 3


@dataclass(frozen=True, slots=True)
class ScannedLot:
    """A lot number; last day of use, article (14 digits) and serial number where the code holds them."""

    number: str
    expires_on: date | None = None
    gtin: str = ""
    serial: str = ""


def _refused(words: str, code: str, **parts: object) -> InvalidInput:
    return InvalidInput(_(words, **parts), code=code, field="lots")


def read_lot(text: str, *, printed_lot: str = "", this_year: int | None = None) -> ScannedLot:
    """Read a GS1 code, with or without separators; anything else is taken as the lot number that was typed.

    printed_lot: the lot as printed beside the code, where the code leaves it open or does not hold it. An expiry that
    only some readings hold is left out, so that it is typed.
    Raises InvalidInput: `check_digit`, `ambiguous_scan`, `no_lot` (the code holds none), `other_lot` (not the printed
    one), `unreadable_scan`, `invisible_character`.
    """
    year = this_year or clock.now().year
    sent = unicodedata.normalize("NFKC", text.strip(" \t\r\n"))
    data = sent
    for word in AS_WORDS:
        data = data.replace(unicodedata.normalize("NFKC", word), SEPARATOR)
    prefix = next((known for known in SYMBOLOGY if data.startswith(known)), "")
    data = data.removeprefix(prefix).strip(SEPARATOR)
    check_visible(data.replace(SEPARATOR, ""), field="lots")
    if re.match(r"\([0-9]{2,4}\)", data):
        readings = [_only(gs1.bracketed, data)]
    elif SEPARATOR in data:
        readings = [_only(gs1.separated, data)]
    elif prefix or sent.startswith(SEPARATOR) or re.match(r"01[0-9]{14}", data):
        readings = _without_separators(data)
    elif re.fullmatch(r"[0-9]{13,14}", data) and as_gtin(data):
        readings = [{gs1.ITEM: as_gtin(data)}]
    else:
        _check_no_code(data)
        return _typed(text.strip(" \t\r\n"), printed_lot)
    return _decided(readings, printed_lot, year)


def _typed(number: str, printed_lot: str) -> ScannedLot:
    """A lot number that no code holds: typed in either place, or the same in both."""
    if number and printed_lot.strip() and not same(number, printed_lot):
        raise _other_lot(printed_lot.strip())
    return ScannedLot(number or printed_lot.strip())


def _other_lot(printed: str) -> InvalidInput:
    return _refused("The code does not hold the lot %(printed)s: read both again.", "other_lot", printed=printed)


def read_article(text: str) -> str:
    """The article number (GTIN, 14 digits) of a code as scanned, or as typed from below it. Raises InvalidInput."""
    sent = unicodedata.normalize("NFKC", text.strip(" \t\r\n"))
    data = _without_prefix(sent)
    check_visible(data.replace(SEPARATOR, ""), field="article")
    match = re.match(r"\(?01\)?([0-9]{14})", data)
    digits = match[1] if match else data
    gtin = as_gtin(digits)
    if not gtin:
        raise InvalidInput(
            _("This is no article number (GTIN), or its check digit is wrong: scan the code on the pack."),
            code="check_digit",
            field="article",
        )
    return gtin


def _without_prefix(sent: str) -> str:
    prefix = next((known for known in SYMBOLOGY if sent.startswith(known)), "")
    return sent.removeprefix(prefix).strip(SEPARATOR)


def _only(read: Callable[[str], Elements], data: str) -> Elements:
    try:
        elements = read(data)
    except Unreadable as error:
        raise _refused(
            "This code cannot be read: scan it again, or type lot and expiry as printed.", "unreadable_scan"
        ) from error
    _check_item(elements)
    return elements


def _check_item(elements: Elements) -> None:
    if gs1.ITEM in elements and not check_digit_is_right(elements[gs1.ITEM]):
        raise _refused("The article number in this code has a wrong check digit: scan it again.", "check_digit")


def _without_separators(data: str) -> list[Elements]:
    """Every reading; at least one, or InvalidInput."""
    if re.match(r"01[0-9]{14}", data):
        _check_item({gs1.ITEM: data[2:16]})
    readings = []
    for elements in gs1.readings(data):
        if gs1.ITEM not in elements or check_digit_is_right(elements[gs1.ITEM]):
            readings.append(elements)
        if len(readings) > MOST_READINGS:
            break
    if not readings or len(readings) > MOST_READINGS:
        raise _refused("This code cannot be read: scan it again, or type lot and expiry as printed.", "unreadable_scan")
    return readings


def _check_no_code(data: str) -> None:
    """A code that begins with something else than the article looks like a lot number that is longer than usual."""
    for elements in gs1.readings(data):
        if (gs1.LOT in elements and elements.keys() & gs1.DATES) or (gs1.ITEM in elements and len(elements) > 1):
            raise _refused(
                "This looks like a code that was read without its separators: scan one that begins with the article "
                "number, or type the lot as printed, like (10)%(text)s where that is really the lot.",
                "ambiguous_scan",
                text=data,
            )


def _lots(elements: Iterable[Elements], year: int) -> list[ScannedLot]:
    """The readings as lots, each once."""
    lots: dict[tuple[str, str, date | None], ScannedLot] = {}
    for reading in elements:
        expires_on = gs1.as_date(reading[gs1.EXPIRY], year) if gs1.EXPIRY in reading else None
        lot = ScannedLot(reading.get(gs1.LOT, ""), expires_on, reading.get(gs1.ITEM, ""), reading.get(gs1.SERIAL, ""))
        key = (lot.number, lot.gtin, lot.expires_on)
        if key in lots and lots[key].serial != lot.serial:
            lot = ScannedLot(lot.number, lot.expires_on, lot.gtin)
        lots[key] = lot
    return list(lots.values())


def _decided(elements: list[Elements], printed_lot: str, year: int) -> ScannedLot:
    lots = _lots(elements, year)
    printed = printed_lot.strip()
    if printed:
        check_visible(printed, field="lots")
        if len(lots) == 1 and not lots[0].number:
            return ScannedLot(printed, lots[0].expires_on, lots[0].gtin, lots[0].serial)
        lots = [lot for lot in lots if lot.number and same(lot.number, printed)]
        if not lots:
            raise _other_lot(printed)
    if len({(lot.number, lot.gtin) for lot in lots}) > 1:
        numbers = list(dict.fromkeys(lot.number for lot in lots if lot.number))
        raise _refused(
            "This code was read without separators, and its lot may be %(lots)s: type the lot as printed beside it.",
            "ambiguous_scan",
            lots=", ".join(numbers[:SHOWN]),
        )
    if not lots[0].number:
        raise _refused("This code holds no lot: type the lot as printed beside it.", "no_lot")
    return lots[0] if len(lots) == 1 else ScannedLot(lots[0].number, gtin=lots[0].gtin)
