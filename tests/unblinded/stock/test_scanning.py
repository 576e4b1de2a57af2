"""Codes of manufacturers: read by known lengths, asked about where they can be read in two ways, never merged."""

from __future__ import annotations

import string
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pharmacy.stock import gs1
from pharmacy.stock.scanned_lot import ScannedLot, read_lot
from randomization.shared.errors import InvalidInput
from randomization.shared.gtin import as_gtin

pytestmark = pytest.mark.once
ITEM = "04012345678901"
GS = "\x1d"
LAST = date(2027, 12, 31)


def read(text: str, printed_lot: str = "") -> ScannedLot:
    return read_lot(text, printed_lot=printed_lot, this_year=2026)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("AB12C", ScannedLot("AB12C")),
        (" ab-1 ", ScannedLot("ab-1")),
        ("10AB", ScannedLot("10AB")),
        ("2112345", ScannedLot("2112345")),
        ("17271231", ScannedLot("17271231")),
        (f"]d201{ITEM}1727123110AB7C", ScannedLot("AB7C", LAST, ITEM)),
        (f"01{ITEM}1727123110AB7C", ScannedLot("AB7C", LAST, ITEM)),
        (f"01{ITEM}10AB7C{GS}17271200", ScannedLot("AB7C", LAST, ITEM)),
        (f"01{ITEM}1727123110AB7C{GS}21XY9", ScannedLot("AB7C", LAST, ITEM, "XY9")),
        (f"]C1{GS}01{ITEM}21XY9{GS}1727123110AB7C{GS}71012345678", ScannedLot("AB7C", LAST, ITEM, "XY9")),
        (f"01{ITEM}21XY9<GS>10AB7C<GS>17271231", ScannedLot("AB7C", LAST, ITEM, "XY9")),
        (f"01{ITEM}21XY9{{FNC1}}10AB7C\N{SYMBOL FOR GROUP SEPARATOR}17271231", ScannedLot("AB7C", LAST, ITEM, "XY9")),
        (f"01{ITEM}10AB7C{GS}11250101172712313710", ScannedLot("AB7C", LAST, ITEM)),
        (f"01{ITEM}10AB7C{GS}240REF/1{GS}3012{GS}17271231", ScannedLot("AB7C", LAST, ITEM)),
        (f"01{ITEM}10AB7C{GS}91internal{GS}3103000500{GS}17271231", ScannedLot("AB7C", LAST, ITEM)),
        (f"(01){ITEM}(17)271231(10)AB-12", ScannedLot("AB-12", LAST, ITEM)),
        (f"(01) {ITEM} (17) 271231 (10) AB-12 ", ScannedLot("AB-12", LAST, ITEM)),
        ("(10)1727123110ABC", ScannedLot("1727123110ABC")),
        (f"０１{ITEM}1727123110AB7C", ScannedLot("AB7C", LAST, ITEM)),
        # A serial of twenty characters leaves one way only to read the rest.
        (f"01{ITEM}21SER{'Z' * 17}1727123110AB7C", ScannedLot("AB7C", LAST, ITEM, "SER" + "Z" * 17)),
    ],
)
def test_a_pack_is_scanned_or_typed(text: str, expected: ScannedLot) -> None:
    assert read(text) == expected


@pytest.mark.parametrize(
    ("text", "lots"),
    [
        (f"01{ITEM}1727123110ABC21XYZ", "ABC, ABC21XYZ"),
        (f"]d201{ITEM}1727123110ABC21XYZ", "ABC, ABC21XYZ"),
        (f"01{ITEM}10ABC21XYZ17271231", "ABC"),
        (f"01{ITEM}21A17271231", None),
        (f"01{ITEM}21AB10CD17271231", "CD"),
        (f"01{ITEM}17271231104083021", "408, 4083021"),
        (f"01{ITEM}1727123110L3012", "L, L3012"),
        (f"01{ITEM}1727123110L71012", "L, L71012"),
        (f"01{ITEM}1727123110L240R", "L, L240R"),
    ],
)
def test_what_can_be_read_in_two_ways_is_asked_about(text: str, lots: str | None) -> None:
    with pytest.raises(InvalidInput) as refusal:
        read(text)
    if lots is None:
        assert refusal.value.code == "no_lot"
    else:
        assert refusal.value.code == "ambiguous_scan"
        assert f"its lot may be {lots}" in refusal.value.sentence
        assert "type the lot as printed beside it" in refusal.value.sentence


@pytest.mark.parametrize(
    ("text", "printed", "expected"),
    [
        (f"01{ITEM}1727123110ABC21XYZ", "abc", ScannedLot("ABC", LAST, ITEM, "XYZ")),
        (f"01{ITEM}1727123110ABC21XYZ", "ABC-21XYZ", ScannedLot("ABC21XYZ", LAST, ITEM)),
        (f"01{ITEM}17271231104083021", "4083021", ScannedLot("4083021", LAST, ITEM)),
        # The serial may be A1727123: the expiry is not certain, and is typed.
        (f"01{ITEM}21A1727123110AB7C", "ΑΒ7C", ScannedLot("AB7C", None, ITEM)),
        (f"01{ITEM}", "AB7C", ScannedLot("AB7C", None, ITEM)),
        (ITEM[1:], "AB7C", ScannedLot("AB7C", None, ITEM)),
        (f"01{ITEM}17271231", "AB7C", ScannedLot("AB7C", LAST, ITEM)),
        (f"01{ITEM}1727123110AB7C", "ab 7c", ScannedLot("AB7C", LAST, ITEM)),
    ],
)
def test_the_lot_printed_beside_the_code_decides(text: str, printed: str, expected: ScannedLot) -> None:
    assert read(text, printed) == expected


@pytest.mark.parametrize(
    ("text", "printed", "code"),
    [
        (f"01{ITEM[:-1]}21727123110AB", "", "check_digit"),
        (f"(01){ITEM[:-1]}2(10)AB", "", "check_digit"),
        (f"]d201{ITEM[:-1]}210AB{GS}17271231", "", "check_digit"),
        (f"01{ITEM}1727133110AB", "", "unreadable_scan"),
        (f"01{ITEM}1727023010AB{GS}21X", "", "unreadable_scan"),
        (f"01{ITEM}10AB{GS}10CD", "", "unreadable_scan"),
        (f"01{ITEM}10{'A' * 21}{GS}17271231", "", "unreadable_scan"),
        (f"]d2{ITEM}", "", "unreadable_scan"),
        (f"01{ITEM}10ΑΒ7{GS}17271231", "", "unreadable_scan"),
        (f"01{ITEM}1727123110{'9' * 90}", "", "unreadable_scan"),
        (f"(01){ITEM}(17)271231(10)AB-12(21)X(9", "", "unreadable_scan"),
        (f"01{ITEM}", "", "no_lot"),
        (ITEM, "", "no_lot"),
        (ITEM[1:], "", "no_lot"),
        (f"(01){ITEM}", "", "no_lot"),
        (f"01{ITEM}1727123110AB7C", "AB8C", "other_lot"),
        (f"01{ITEM}1727123110ABC21XYZ", "21XYZ", "other_lot"),
        ("1727123110ABC", "", "ambiguous_scan"),
        ("10ABC17271231", "", "ambiguous_scan"),
        (f"1727123101{ITEM}10A", "", "ambiguous_scan"),
        (f"10ABC01{ITEM}", "", "ambiguous_scan"),
        ("AB\x1e12", "", "invisible_character"),
        (f"01{ITEM}1727123110AB\u200b", "", "invisible_character"),
    ],
)
def test_what_is_wrong_with_a_code_is_told_and_nothing_is_taken(text: str, printed: str, code: str) -> None:
    with pytest.raises(InvalidInput) as refusal:
        read(text, printed)
    assert refusal.value.code == code
    assert refusal.value.field == "lots"


@pytest.mark.parametrize(
    ("digits", "day"),
    [
        ("270200", date(2027, 2, 28)),
        ("280200", date(2028, 2, 29)),
        ("271200", LAST),
        ("270430", date(2027, 4, 30)),
        ("270431", None),
        ("271301", None),
        ("270001", None),
        ("760101", date(2076, 1, 1)),
        ("770101", date(1977, 1, 1)),
    ],
)
def test_day_00_is_the_last_of_its_month_and_the_century_is_the_near_one(digits: str, day: date | None) -> None:
    assert gs1.as_date(digits, 2026) == day


@pytest.mark.parametrize(
    ("text", "gtin"),
    [
        ("4012345678901", ITEM),
        ("4012345-678901", ITEM),
        (ITEM, ITEM),
        ("96385074", "00000096385074"),
        ("036000291452", "00036000291452"),
        ("4012345678902", ""),
        ("12345", ""),
        ("", ""),
        ("0" * 14, ""),
        ("401234567890X", ""),
        ("٤012345678901", ""),
    ],
)
def test_an_article_number_has_its_check_digit(text: str, gtin: str) -> None:
    assert as_gtin(text) == gtin


CSET = string.ascii_letters + string.digits + "!%&'*+,-./:;<=>?_\""


@given(
    lot=st.text(CSET, min_size=1, max_size=20), serial=st.text(CSET, min_size=1, max_size=20), is_lot_last=st.booleans()
)
def test_with_separators_every_lot_comes_back_and_without_them_no_serial_ends_up_in_one(
    lot: str, serial: str, is_lot_last: bool
) -> None:
    head = f"01{ITEM}17271231"
    parts = [f"21{serial}", f"10{lot}"] if is_lot_last else [f"10{lot}", f"21{serial}"]
    assert read(head + GS.join(parts)) == ScannedLot(lot, LAST, ITEM, serial)
    dropped = head + "".join(parts)
    try:
        scanned = read(dropped)
    except InvalidInput:
        assert read(dropped, lot).number == lot
    else:
        assert (scanned.number, scanned.gtin) == (lot, ITEM)
