"""One canonical form of what people scan or type: what reads the same is the same, what nobody can see is refused."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pharmacy.preparation.models import Preparation
from randomization.blinded.bedside.models import Dose
from randomization.shared.errors import InvalidInput
from randomization.shared.identifiers import canonical, check_visible, same, typed_identifier
from randomization.shared.ids import (
    Barcode,
    as_participant_number,
    as_site_code,
    dose_name,
    dose_number,
    new_kit_code,
    parse_barcode,
    parse_kit_code,
    participant_number,
    show_code,
    site_of_number,
)
from randomization.unblinded.laboratory.models import DecidedFrom
from tests.both.databases import ROOT
from tests.unblinded.shared.alphabets import CYRILLIC, GREEK


@pytest.mark.parametrize(
    "typed",
    [
        "ABX12",
        "abx12",
        " ABX12 ",
        "ABX-12",
        "A B X 1 2",
        "ΑΒΧ12",
        "αβχ12",
        "АВХ12",
        "авх12",
        "АΒX12",
        "ＡＢＸ１２",
        "ABX\N{NON-BREAKING HYPHEN}12",
        "ABX\N{EN DASH}12",
        "ABX\N{EM DASH}12",
        "ABX\N{MINUS SIGN}12",
        "ABX\N{HYPHEN}12",
        "ABX\N{FULLWIDTH HYPHEN-MINUS}12",
        "ABX\N{NO-BREAK SPACE}12",
        "ABX\N{THIN SPACE}12",
        "ABX\N{IDEOGRAPHIC SPACE}12",
        "AB\N{MATHEMATICAL BOLD CAPITAL X}12",
        "ABX\N{CIRCLED DIGIT ONE}2",
        "ABX\N{ARABIC-INDIC DIGIT ONE}\N{ARABIC-INDIC DIGIT TWO}",
        "ABX\t12\n",
    ],
)
def test_what_reads_as_the_same_lot_is_the_same(typed: str) -> None:
    assert canonical(typed) == "ABX12"


@pytest.mark.parametrize(
    ("first", "other", "equal"),
    [
        ("Ü-7", "ü7", True),
        ("Straße", "STRASSE", True),
        ("Ü7", "U\N{COMBINING DIAERESIS}7", True),
        ("\N{KELVIN SIGN}1", "K1", True),
        ("ıI", "II", True),
        ("Ⅷ", "VIII", True),
        ("ſ1", "S1", True),
        ("A0", "AO", False),
        ("A1", "AI", False),
        ("A1", "Al", False),
        ("Ü7", "U7", False),
        ("AB/12", "AB12", False),
        ("AB.12", "AB12", False),
        ("AB_12", "AB12", False),
        ("Γ1", "G1", False),
        ("З1", "31", False),
    ],
)
def test_what_reads_differently_stays_apart(first: str, other: str, equal: bool) -> None:
    assert same(first, other) is equal


@given(st.text(alphabet="ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789/.", min_size=1))
def test_another_keyboard_case_or_hyphen_never_makes_another_identifier(text: str) -> None:
    spaced = "-".join(text)
    for typed in (
        text,
        text.lower(),
        spaced,
        text.translate(GREEK),
        text.translate(GREEK).lower(),
        text.translate(CYRILLIC),
        text.translate(CYRILLIC).lower(),
    ):
        assert canonical(typed) == text


@given(st.text())
def test_the_canonical_form_of_anything_is_its_own(text: str) -> None:
    assert canonical(canonical(text)) == canonical(text)


@pytest.mark.parametrize(
    ("character", "name"),
    [
        ("\u200b", "ZERO WIDTH SPACE, U+200B"),
        ("\u200d", "ZERO WIDTH JOINER, U+200D"),
        ("\u00ad", "SOFT HYPHEN, U+00AD"),
        ("\u202e", "RIGHT-TO-LEFT OVERRIDE, U+202E"),
        ("\u2066", "LEFT-TO-RIGHT ISOLATE, U+2066"),
        ("\u200e", "LEFT-TO-RIGHT MARK, U+200E"),
        ("\ufeff", "ZERO WIDTH NO-BREAK SPACE, U+FEFF"),
        ("\u2060", "WORD JOINER, U+2060"),
        ("\ufe0f", "VARIATION SELECTOR-16, U+FE0F"),
        ("\u3164", "HANGUL FILLER, U+3164"),
        ("\u2800", "BRAILLE PATTERN BLANK, U+2800"),
        ("\u034f", "COMBINING GRAPHEME JOINER, U+034F"),
        ("\x1d", "U+001D"),
        ("\x00", "U+0000"),
        ("\u2028", "LINE SEPARATOR, U+2028"),
        ("\ue000", "U+E000"),
    ],
)
def test_an_invisible_character_is_refused_by_name(character: str, name: str) -> None:
    for text in (f"AB{character}12", f"{character}AB12", f"AB12{character}"):
        with pytest.raises(InvalidInput, match=name.replace("+", r"\+")) as refusal:
            typed_identifier(text, "Type it.", field="lot_number")
        assert (refusal.value.code, refusal.value.field) == ("invisible_character", "lot_number")
        assert canonical(text) == "AB12"


@given(st.text(max_size=40))
def test_what_is_taken_is_visible_and_has_something_to_compare(text: str) -> None:
    try:
        typed = typed_identifier(text, "Type it.")
    except InvalidInput:
        return
    check_visible(typed)
    assert canonical(typed) != ""
    assert same(typed, text)


@pytest.mark.parametrize("text", ["", "   ", "-", "\N{EM DASH} -", "\t", "A" * 33])
def test_nothing_to_compare_or_too_much_is_refused_with_the_fields_own_sentence(text: str) -> None:
    with pytest.raises(InvalidInput, match="Type it as printed"):
        typed_identifier(text, "Type it as printed.")


def test_kit_codes_barcodes_and_numbers_are_read_from_any_keyboard() -> None:
    code = next(code for code in iter(new_kit_code, "") if set(code) & set("ABEHKMNPTXYZ"))
    for alphabet in (GREEK, CYRILLIC):
        typed = f"{code[:4]}\N{EN DASH}{code[4:]}".translate(alphabet).lower()
        assert parse_kit_code(typed) == code
        barcode = parse_barcode(f" {code}.IV.07.{code} ".translate(alphabet))
        assert (barcode.kit_code, barcode.route, barcode.number) == (code, "IV", 7)
    with pytest.raises(InvalidInput, match="ZERO WIDTH SPACE"):
        parse_kit_code(f"{code[:4]}\u200b{code[4:]}")
    with pytest.raises(InvalidInput, match="SOFT HYPHEN"):
        parse_barcode(f"{code[:4]}\u00ad{code[4:]}.IV.07.{code}")


@pytest.mark.parametrize(
    "typed", ["GR01-001", "gr01 001", "GR01001", "GR01\N{EN DASH}001", "ｇｒ０１－００１", " gr01-001"]
)
def test_a_participant_number_is_read_as_meant(typed: str) -> None:
    assert as_participant_number(typed) == "GR01-001"


def test_what_is_no_participant_number_finds_nobody_and_breaks_nothing() -> None:
    assert as_participant_number("ΙΤ03-012") == "IT03-012"
    assert as_participant_number("Ρο01-1000") == "PO01-1000"
    assert as_participant_number("GR01-1") == "GR011"
    assert as_participant_number("") == ""
    assert as_site_code(" it\N{HYPHEN}02 ") == as_site_code("ΙΤ02") == "IT02"


@pytest.mark.parametrize(("route", "number", "name"), [("IV", 1, "IV 01"), ("SC", 9, "SC 09"), ("IV", 45, "IV 45")])
def test_a_dose_has_one_name(route: str, number: int, name: str) -> None:
    code = new_kit_code()
    assert dose_name(route, number) == f"{route} {dose_number(number)}" == name
    assert str(Barcode(code, route, number, code)) == f"{code}.{route}.{dose_number(number)}.{code}"
    assert str(Dose(route=route, number=number)) == str(DecidedFrom(route=route, number=number)) == name
    preparation = Preparation(kit_code=code, route=route, number=number)
    assert str(preparation) == f"{show_code(code)} {name}"


@pytest.mark.parametrize(("site_code", "order"), [("GR01", 1), ("DE10", 999), ("GR01", 1000)])
def test_the_site_of_a_number_is_the_one_that_gave_it(site_code: str, order: int) -> None:
    assert site_of_number(participant_number(site_code, order)) == site_code


def test_names_of_doses_and_sites_of_numbers_are_made_in_one_module() -> None:
    """No other module puts route and number together, or cuts the site off a number."""
    elsewhere = re.compile(r"number\S*:02d|number\[:|route\} \{\w|stringformat:.02d")
    found = [
        f"{path.relative_to(ROOT)}:{line_number}"
        for package in ("randomization", "pharmacy", "immunosep_site")
        for suffix in ("*.py", "*.html")
        for path in sorted((ROOT / package).rglob(suffix))
        if path != ROOT / "randomization/shared/ids.py"
        for line_number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if elsewhere.search(line)
    ]
    assert found == []
