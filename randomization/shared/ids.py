"""Identifiers that people read aloud: kit codes, packaging codes, participant numbers, barcodes.

None of them is derived from a position, a seed or an arm.

Pure: no Django.
"""

from __future__ import annotations

import re
from collections.abc import Container
from dataclasses import dataclass
from typing import Final

from stdnum.exceptions import ValidationError
from stdnum.iso7064 import mod_37_36

from randomization.shared.entropy import random_text
from randomization.shared.errors import InvalidInput
from randomization.shared.identifiers import canonical, check_visible
from randomization.shared.sentences import sentence as _

ALPHABET: Final = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"
CODE_LENGTH: Final = 8
SITE_CODE: Final = re.compile(r"[A-Z]{2}[0-9]{2}")
PARTICIPANT_NUMBER: Final = re.compile(r"[A-Z]{2}[0-9]{2}-[0-9]{3,}")
TRIAL_STREAM: Final = "TRIAL"


def new_kit_code(taken: Container[str] = ()) -> str:
    """A fresh kit code: 7 random characters and an ISO 7064 MOD 37,36 check character.

    Drawn again while the check character is outside the alphabet or the code is in `taken`.
    """
    while True:
        body = random_text(ALPHABET, CODE_LENGTH - 1)
        code = body + mod_37_36.calc_check_digit(body)
        if code[-1] in ALPHABET and code not in taken:
            return code


def parse_kit_code(text: str) -> str:
    """Read a kit or packaging code as people write it: with or without the dash, in any case, on any keyboard.

    Returns the 8 characters in upper case. Raises InvalidInput for an invisible character, a wrong length, character
    or check character.
    """
    check_visible(text)
    code = canonical(text)
    if len(code) != CODE_LENGTH or any(character not in ALPHABET for character in code):
        raise InvalidInput(
            _("%(text)s is not a code: 8 letters and digits, like 7F2Q-XK9D.", text=repr(text)), code="bad_code"
        )
    try:
        mod_37_36.validate(code)
    except ValidationError as error:
        raise InvalidInput(
            _("%(text)s has a wrong check character: read or scan the code again.", text=repr(text)), code="bad_code"
        ) from error
    return code


def show_code(code: str) -> str:
    """`7F2QXK9D` as people see it: `7F2Q-XK9D`."""
    return f"{code[:4]}-{code[4:]}"


def participant_number(site_code: str, order: int) -> str:
    """`GR01-001`: the site and the order of screening there, from 1."""
    return f"{site_code}-{order:03d}"


def as_participant_number(text: str) -> str:
    """The participant number that a person meant: `gr01 001`, `GR01001` and the same in Greek letters are `GR01-001`.

    What is none comes back in capital letters and finds nobody. Raises nothing: a code break never fails on a blank.
    """
    meant = canonical(text)
    if re.fullmatch(r"[A-Z]{2}[0-9]{5,}", meant):
        return f"{meant[:4]}-{meant[4:]}"
    return meant


def site_of_number(number: str) -> str:
    """The site that gave a participant number, where somebody was screened: `GR01` of `GR01-001`."""
    return number.partition("-")[0]


def dose_number(number: int) -> str:
    """The number of a dose as people see it: `07`."""
    return f"{number:02d}"


def dose_name(route: str, number: int) -> str:
    """A dose as people see it on the label, on every page and in the trail: `IV 07`."""
    return f"{route} {dose_number(number)}"


def as_site_code(text: str) -> str:
    """The site code that a person meant: `gr01` and the same in Greek letters are `GR01`."""
    return canonical(text)


@dataclass(frozen=True, slots=True)
class Barcode:
    """Barcode v1: `KITCODE.ROUTE.NN.PACK`."""

    kit_code: str
    route: str
    number: int
    pack_code: str

    def __str__(self) -> str:
        return f"{self.kit_code}.{self.route}.{dose_number(self.number)}.{self.pack_code}"


def parse_barcode(text: str) -> Barcode:
    """Read barcode v1. Raises InvalidInput where a part is missing or a check character is wrong."""
    check_visible(text)
    parts = [canonical(part) for part in text.split(".")]
    if len(parts) != 4 or parts[1] not in {"IV", "SC"} or not re.fullmatch(r"[0-9]{2}", parts[2]):
        raise InvalidInput(
            _("This is not a syringe label of the trial: scan the square code on it."), code="bad_barcode"
        )
    return Barcode(parse_kit_code(parts[0]), parts[1], int(parts[2]), parse_kit_code(parts[3]))


def is_barcode(text: str) -> bool:
    """Whether a text is barcode v1, as on the label of a syringe."""
    try:
        parse_barcode(text)
    except InvalidInput:
        return False
    return True


SPOKEN: Final = dict(
    zip(
        ALPHABET,
        (
            "two",
            "three",
            "four",
            "five",
            "six",
            "seven",
            "eight",
            "nine",
            "Alfa",
            "Bravo",
            "Charlie",
            "Delta",
            "Echo",
            "Foxtrot",
            "Golf",
            "Hotel",
            "Juliett",
            "Kilo",
            "Lima",
            "Mike",
            "November",
            "Papa",
            "Quebec",
            "Romeo",
            "Sierra",
            "Tango",
            "Uniform",
            "Victor",
            "Whiskey",
            "X-ray",
            "Yankee",
            "Zulu",
        ),
        strict=True,
    )
)
"""How a character of a code is said over a telephone: the ICAO spelling alphabet."""


def spell_code(code: str) -> str:
    """`7F2QXK9D` as `seven Foxtrot two Quebec, X-ray Kilo nine Delta`."""
    said = [SPOKEN[letter] for letter in code]
    return ", ".join(" ".join(said[at : at + 4]) for at in range(0, len(said), 4))
