"""Identifiers that people scan or type, compared in one canonical form and shown as they were typed.

A lot number on a pack is copied with whatever keyboard is at hand: Greek or Cyrillic letters that look Latin, small
letters, a dash for a hyphen, a blank more. Two texts that a person reads as the same identifier have one canonical
form, and that form alone is compared, looked up and held unique. Look-alikes within one alphabet (0 and O, 1 and I)
are deliberately kept apart: they tell real lots apart.

Sources: Unicode Standard Annex 15 (NFKC), Unicode Technical Standard 39 (confusables; the letters that occur on Greek
and Cyrillic keyboards), Unicode property Default_Ignorable_Code_Point.

Pure: no Django.
"""

from __future__ import annotations

import unicodedata
from typing import Final

from randomization.shared.errors import InvalidInput
from randomization.shared.sentences import sentence as _

MOST_LETTERS: Final = 32
"""Of an identifier that is typed, as typed."""

_GREEK: Final = dict(zip("ΑΒΕΖΗΙΚΜΝΟΡΤΥΧϹͿ", "ABEZHIKMNOPTYXCJ", strict=True))
_CYRILLIC: Final = dict(zip("АВЕЅІЈКМНОРСТУХҮҺӀԌԚԜ", "ABESIJKMHOPCTYXYHIGQW", strict=True))
LOOK_ALIKES: Final = str.maketrans({**_GREEK, **_CYRILLIC, "ı": "I"})
"""Capital letters of other alphabets that are drawn like a Latin one."""

_BLANKS: Final = frozenset("\t\n\v\f\r")
_DASHES: Final = frozenset("\N{MINUS SIGN}\N{HYPHEN BULLET}\N{MODIFIER LETTER MINUS SIGN}")
"""Drawn as a hyphen, and not in the Unicode category of dashes."""

_UNSEEN: Final = frozenset(
    "\N{COMBINING GRAPHEME JOINER}\N{HANGUL CHOSEONG FILLER}\N{HANGUL JUNGSEONG FILLER}\N{HANGUL FILLER}"
    "\N{HALFWIDTH HANGUL FILLER}\N{KHMER VOWEL INHERENT AQ}\N{KHMER VOWEL INHERENT AA}\N{BRAILLE PATTERN BLANK}"
)
_UNSEEN_RANGES: Final = ((0x180B, 0x180F), (0xFE00, 0xFE0F), (0xE0000, 0xE0FFF))
"""Letters and marks that show nothing, beside the categories below: fillers and variation selectors."""
_UNSEEN_CATEGORIES: Final = frozenset({"Cc", "Cf", "Cn", "Co", "Cs", "Zl", "Zp"})


def _is_unseen(character: str) -> bool:
    if character in _BLANKS:
        return False
    if character in _UNSEEN or unicodedata.category(character) in _UNSEEN_CATEGORIES:
        return True
    return any(first <= ord(character) <= last for first, last in _UNSEEN_RANGES)


def _is_left_out(character: str) -> bool:
    """Blanks and hyphens of every kind: they part an identifier for the eye alone."""
    return (
        character in _BLANKS
        or character in _DASHES
        or unicodedata.category(character) in {"Zs", "Pd"}
        or _is_unseen(character)
    )


def _digit(character: str) -> str:
    """A decimal digit of any script as the one on the keyboard."""
    return str(unicodedata.digit(character)) if unicodedata.category(character) == "Nd" else character


def _folded(text: str) -> str:
    wide = unicodedata.normalize("NFKC", "".join(letter for letter in text if not _is_unseen(letter)))
    capitals = unicodedata.normalize("NFKD", wide.casefold()).upper().translate(LOOK_ALIKES)
    kept = "".join(_digit(letter) for letter in capitals if not _is_left_out(letter))
    return unicodedata.normalize("NFC", kept)


def canonical(text: str) -> str:
    """The form in which an identifier is compared: never shown, never refused, the same when taken twice.

    NFKC (full width, ligatures), capital letters (also of Ü and ß, whatever the database makes of them), letters
    that look Latin as the Latin ones, digits of any script as 0 to 9, without blanks, hyphens and invisible characters.
    """
    folded = _folded(text)
    while (again := _folded(folded)) != folded:
        folded = again
    return folded


def same(first: str, second: str) -> bool:
    """Whether two texts are one identifier."""
    return canonical(first) == canonical(second)


def name_of(character: str) -> str:
    """How an invisible character is named to the person who typed it: `ZERO WIDTH SPACE, U+200B`."""
    point = f"U+{ord(character):04X}"
    name = unicodedata.name(character, "")
    return f"{name}, {point}" if name else point


def check_visible(text: str, *, field: str | None = None) -> None:
    """Raise InvalidInput (code `invisible_character`) naming the first character that nobody can see."""
    for character in text:
        if _is_unseen(character):
            raise InvalidInput(
                _(
                    "This holds an invisible character (%(name)s): delete it and type it again as printed.",
                    name=name_of(character),
                ),
                code="invisible_character",
                field=field,
            )


def typed_identifier(text: str, sentence: str, *, field: str | None = None, most: int = MOST_LETTERS) -> str:
    """An identifier as typed, trimmed. Raises InvalidInput with `sentence` where nothing is left or it is too long.

    A control character at either end is refused like one in the middle: `str.strip` would take a scanner's separator.
    """
    typed = text.strip(" \t\r\n\N{NO-BREAK SPACE}")
    check_visible(typed, field=field)
    if not canonical(typed) or len(typed) > most:
        raise InvalidInput(sentence, field=field)
    return typed
