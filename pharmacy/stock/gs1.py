"""GS1 element strings: the parts of a manufacturer's code, with and without separators between them.

A keyboard scanner drops the separator (FNC1) after a part of variable length. What is left can often be read in more
than one way, a serial number as the end of a lot among them, so every reading that the known lengths allow is
returned, and the caller decides what to do with more than one. Libraries were tried: each returns its first guess.

Source: GS1 General Specifications, 3 (application identifiers), 7.8.5 (predefined lengths), 7.12
(century of a date), 7.11 (characters).

Pure: no Django.
"""

from __future__ import annotations

import calendar
import re
from collections.abc import Iterator, Mapping
from datetime import date
from typing import Final

Elements = Mapping[str, str]
"""Data by application identifier."""

SEPARATOR: Final = "\x1d"
ITEM, LOT, SERIAL, EXPIRY = "01", "10", "21", "17"
DATES: Final = frozenset({"11", "12", "13", "15", "16", "17"})
PREDEFINED: Final = {
    "00": 18,
    "01": 14,
    "02": 14,
    "03": 14,
    "04": 16,
    "11": 6,
    "12": 6,
    "13": 6,
    "14": 6,
    "15": 6,
    "16": 6,
    "17": 6,
    "18": 6,
    "19": 6,
    "20": 2,
    "31": 8,
    "32": 8,
    "33": 8,
    "34": 8,
    "35": 8,
    "36": 8,
    "41": 14,
}
"""Digits after the first two of an identifier: these parts end by themselves, in every code."""
VARIABLE: Final = {
    "10": 20,
    "21": 20,
    "22": 20,
    "30": 8,
    "37": 8,
    "240": 30,
    "241": 30,
    "250": 30,
    **{f"71{country}": 20 for country in range(8)},
}
"""Most characters of the parts that medicines carry and end at a separator: lot, serial, variant, count, additional
identification, national reimbursement numbers (710 Germany to 717)."""
ON_MEDICINES: Final = frozenset({"01", "11", "17", *VARIABLE})
"""What is looked for where no separator tells the parts; every further one would add readings that nobody meant."""
LONGEST: Final = 100
"""Characters of a code without separators: longer ones are not read in every way, which would take long."""
COUNTS: Final = frozenset({"30", "37"})
_CHARACTERS: Final = re.compile(r"""[!"%&'()*+,\-./0-9:;<=>?A-Z_a-z]+""")
_BRACKETED: Final = re.compile(r"\(([0-9]{2,4})\)([^(]*)")


class Unreadable(ValueError):
    """The text is no element string; the argument says what is wrong, for the test alone."""


def as_date(digits: str, this_year: int) -> date | None:
    """YYMMDD as a day; 00 is the last day of the month. None where there is no such day.

    The century is the one that puts the year within 49 years before and 50 after `this_year`.
    """
    year, month, day = (int(digits[at : at + 2]) for at in (0, 2, 4))
    year += this_year - this_year % 100
    if year - this_year > 50:
        year -= 100
    elif year - this_year < -49:
        year += 100
    try:
        return date(year, month, day or calendar.monthrange(year, month)[1])
    except (ValueError, calendar.IllegalMonthError):
        return None


def is_possible(identifier: str, data: str) -> bool:
    """Whether data can follow an identifier: length, digits, day of the calendar, characters."""
    if identifier[:2] in PREDEFINED:
        if len(identifier + data) != 2 + PREDEFINED[identifier[:2]] or not (data.isascii() and data.isdigit()):
            return False
        return identifier not in DATES or as_date(data, 2000) is not None
    most = VARIABLE.get(identifier, 90)
    if identifier in COUNTS and not (data.isascii() and data.isdigit()):
        return False
    return 1 <= len(data) <= most and _CHARACTERS.fullmatch(data) is not None


def bracketed(text: str) -> Elements:
    """The parts of `(01)04012345678901(17)271231(10)AB-12`, as they are printed below a code; raises Unreadable."""
    text = re.sub(r"\s*(\([0-9]{2,4}\))\s*", r"\1", text)
    parts = _BRACKETED.findall(text)
    if "".join(f"({identifier}){data}" for identifier, data in parts) != text:
        raise Unreadable("brackets")
    return _checked(parts)


def separated(text: str) -> Elements:
    """The parts of a code whose separators were sent; raises Unreadable."""
    parts = []
    for segment in text.strip(SEPARATOR).split(SEPARATOR):
        while segment[:2] in PREDEFINED:
            length = 2 + PREDEFINED[segment[:2]]
            width = 4 if segment[:2] in {"31", "32", "33", "34", "35", "36"} else 3 if segment[:2] == "41" else 2
            parts.append((segment[:width], segment[width:length]))
            segment = segment[length:]
        if segment:
            identifier = next((known for known in VARIABLE if segment.startswith(known)), segment[:2])
            parts.append((identifier, segment[len(identifier) :]))
    return _checked(parts)


def _checked(parts: list[tuple[str, str]]) -> Elements:
    elements = dict(parts)
    if not parts or len(elements) != len(parts):
        raise Unreadable("empty, or a part twice")
    for identifier, data in parts:
        if not is_possible(identifier, data):
            raise Unreadable(identifier)
    return elements


def readings(text: str) -> Iterator[Elements]:
    """Every way to read a code whose separators were dropped, by the known lengths of the parts."""
    if len(text) <= LONGEST and _CHARACTERS.fullmatch(text):
        yield from _readings(text, {})


def _readings(text: str, before: Elements) -> Iterator[Elements]:
    if not text:
        yield before
        return
    for identifier in sorted(ON_MEDICINES - before.keys()):
        if not text.startswith(identifier):
            continue
        rest = text[len(identifier) :]
        fixed = PREDEFINED.get(identifier)
        lengths = (fixed,) if fixed else range(1, min(VARIABLE[identifier], len(rest)) + 1)
        for length in lengths:
            if is_possible(identifier, rest[:length]):
                yield from _readings(rest[length:], {**before, identifier: rest[:length]})
