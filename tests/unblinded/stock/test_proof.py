"""A scan proves product and lot: what is another product, unknown, or says two days is refused, without override."""

from __future__ import annotations

from datetime import date

import pytest

from immunosep_site.demonstration.fixtures import FIXTURES
from pharmacy.stock.proof import check_is_no_lot_of, check_product, expiry_of
from randomization.shared.errors import ConfigurationError, InvalidInput, Refused
from randomization.unblinded.lists.plan import load_plan, parse_plan
from tests.articles import ANAKINRA, INTERFERON, OTHER_PACK, SALINE

pytestmark = [pytest.mark.once, pytest.mark.requirement("R46")]
PLAN = FIXTURES / "plan.toml"
HASH = "1eb228238c23611df0c63a531d178616c116689014095d76ebbab36dc4e702e8"
ARTICLES = {ANAKINRA: "ANAKINRA", INTERFERON: "INTERFERON", SALINE: "SALINE"}
FIRST, SECOND = date(2027, 1, 31), date(2027, 2, 28)


@pytest.mark.parametrize(
    ("gtin", "wanted", "code"),
    [
        (SALINE, "SALINE", None),
        (ANAKINRA, "ANAKINRA", None),
        (ANAKINRA, "SALINE", "other_product"),
        (INTERFERON, "ANAKINRA", "other_product"),
        (SALINE, "INTERFERON", "other_product"),
        (OTHER_PACK, "SALINE", "unknown_article"),
        (OTHER_PACK, "ANAKINRA", "unknown_article"),
        ("", "SALINE", "unknown_article"),
    ],
)
def test_an_article_proves_its_product_alone(gtin: str, wanted: str, code: str | None) -> None:
    if code is None:
        check_product(gtin, wanted, ARTICLES)
        return
    with pytest.raises(Refused) as refusal:
        check_product(gtin, wanted, ARTICLES)
    assert refusal.value.code == code


@pytest.mark.parametrize(
    ("number", "wanted", "is_hospital", "code"),
    [
        ("ANAK-A", "ANAKINRA", False, None),
        ("H-1", "SALINE", True, None),
        ("X", "ANAKINRA", False, None),
        ("ANAK-A", "SALINE", True, "sponsor_lot"),
        ("anak a", "SALINE", True, "sponsor_lot"),
        ("ΑΝΑΚΑ", "SALINE", True, "sponsor_lot"),
        ("ANAK-A", "INTERFERON", False, "other_product"),
    ],
)
def test_a_sponsors_lot_is_no_other_product(number: str, wanted: str, is_hospital: bool, code: str | None) -> None:
    lots = {"ANAKA": "ANAKINRA"}
    if code is None:
        check_is_no_lot_of(number, wanted, lots, is_hospital=is_hospital)
        return
    with pytest.raises(Refused) as refusal:
        check_is_no_lot_of(number, wanted, lots, is_hospital=is_hospital)
    assert refusal.value.code == code


@pytest.mark.parametrize(
    ("scanned", "typed", "known", "expected"),
    [
        (FIRST, None, None, FIRST),
        (None, FIRST, None, FIRST),
        (None, None, FIRST, FIRST),
        (FIRST, FIRST, FIRST, FIRST),
        (FIRST, SECOND, None, InvalidInput),
        (FIRST, SECOND, FIRST, InvalidInput),
        (None, None, None, InvalidInput),
        (SECOND, None, FIRST, Refused),
        (None, SECOND, FIRST, Refused),
    ],
)
def test_all_that_say_the_expiry_agree(
    scanned: date | None, typed: date | None, known: date | None, expected: date | type[Exception]
) -> None:
    if isinstance(expected, date):
        assert expiry_of(scanned=scanned, typed=typed, known=known, number="L") == expected
        return
    with pytest.raises(expected):
        expiry_of(scanned=scanned, typed=typed, known=known, number="L")


def test_article_numbers_of_a_plan_change_nothing_that_was_sealed_under_it() -> None:
    text = PLAN.read_text(encoding="utf-8")
    bare = "\n".join(line for line in text.splitlines() if not line.startswith("gtins"))
    assert load_plan(PLAN).plan_hash == parse_plan(bare).plan_hash == HASH
    assert load_plan(PLAN).products["SALINE"].gtins[0] == SALINE
    assert parse_plan(bare).products["SALINE"].gtins == ()


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        (SALINE, SALINE[:-1] + "4", "check digit is wrong"),
        (SALINE, "12345", "no article number"),
        (SALINE, ANAKINRA[1:], "an article is one product"),
        (f'"{INTERFERON}"', "4012345000214", "list of texts"),
    ],
)
def test_a_plan_with_a_wrong_article_number_is_refused_by_name(old: str, new: str, words: str) -> None:
    with pytest.raises(ConfigurationError, match=words) as refusal:
        parse_plan(PLAN.read_text(encoding="utf-8").replace(old, new, 1))
    assert "gtins" in refusal.value.sentence
