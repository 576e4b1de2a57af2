"""The arithmetic of stock: balances, first expiring first, and that orders do not ask who got what."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pharmacy.stock.ledger import (
    Change,
    Holding,
    Kind,
    NotEnough,
    after,
    change_of,
    first_expiring,
    resupply,
    usable,
)
from randomization.unblinded.lists.plan import Level, Source, load_plan
from tests.simulator import FIXTURES

pytestmark = pytest.mark.once
TODAY = date(2026, 3, 2)


def lot(number: str, *, days: int = 100, balance: int = 10, as_if: int | None = None, held: bool = False) -> Holding:
    as_if = balance if as_if is None else as_if
    return Holding(ord(number[0]), "A", number, TODAY + timedelta(days=days), held, balance, as_if)


@pytest.mark.parametrize(
    ("kind", "units", "expected"),
    [
        (Kind.RECEIPT, 5, (15, 9)), (Kind.PROVISIONAL, 5, (15, 9)), (Kind.HOSPITAL, 5, (15, 4)),
        (Kind.RESERVATION, 4, (10, 0)), (Kind.USE, 10, (0, 4)), (Kind.WASTE, 3, (7, 4)),
        (Kind.RETURN, 3, (7, 1)), (Kind.RETURN, 9, (1, 0)), (Kind.DESTRUCTION, 10, (0, 0)),
        (Kind.COUNT, -2, (8, 2)), (Kind.COUNT, 2, (12, 6)), (Kind.COUNT, -10, (0, 0)), (Kind.COUNT, 0, (10, 4)),
    ],
)  # fmt: skip
def test_what_each_movement_does_to_both_balances(kind: Kind, units: int, expected: tuple[int, int]) -> None:
    assert after(10, 4, change_of(kind, units, balance=10, as_if=4)) == expected


@pytest.mark.parametrize(
    ("kind", "units"), [(Kind.USE, 11), (Kind.WASTE, 11), (Kind.RESERVATION, 5), (Kind.RETURN, 11)]
)
def test_no_balance_falls_below_zero(kind: Kind, units: int) -> None:
    with pytest.raises(NotEnough):
        after(10, 4, change_of(kind, units, balance=10, as_if=4))


@given(st.lists(st.tuples(st.sampled_from(list(Kind)), st.integers(1, 9)), max_size=40))
def test_balances_are_the_sum_of_what_was_booked_and_never_negative(acts: list[tuple[Kind, int]]) -> None:
    balance, as_if, booked = 0, 0, []
    for kind, units in acts:
        change = change_of(kind, units, balance=balance, as_if=as_if)
        try:
            balance, as_if = after(balance, as_if, change)
        except NotEnough:
            continue
        booked.append(change)
    assert (balance, as_if) == (sum(c.quantity for c in booked), sum(c.as_if for c in booked))
    assert min(balance, as_if) >= 0
    if balance == 0 and acts and acts[-1][0] is Kind.DESTRUCTION and booked:
        assert as_if == 0 or booked[-1] == Change(0, 0)


def test_first_expiring_first_over_several_lots_and_never_a_bad_one() -> None:
    lots = [lot("C", days=50, balance=3), lot("A", days=5, balance=9), lot("B", days=40, balance=2),
            lot("D", days=60, balance=9, held=True), lot("E", days=70, balance=9)]  # fmt: skip
    until = TODAY + timedelta(days=20)
    assert first_expiring(lots, 6, until) == [(ord("B"), 2), (ord("C"), 3), (ord("E"), 1)]
    with pytest.raises(NotEnough):
        first_expiring(lots, 15, until)
    assert "expires" in lots[1].reason_against(until)
    assert lots[3].reason_against(until) == "is in quarantine"
    assert lot("A", days=20).reason_against(until) == ""


def test_what_counts_as_there_does_not_ask_what_was_used() -> None:
    until = TODAY + timedelta(days=1)
    none_used, all_used = lot("A", balance=10, as_if=4), lot("A", balance=4, as_if=4)
    assert usable([none_used], "A", until) == usable([all_used], "A", until) == 4
    asked = {"IV": 12}, {"IV": {"A": 2}}, {"A": 4}, until
    lines = [resupply([held], *asked) for held in (none_used, all_used)]
    assert lines[0] == lines[1]
    assert (lines[0][0].needed, lines[0][0].held, lines[0][0].order) == (28, 4, 24)
    assert resupply([lot("A", balance=90)], *asked)[0].order == 0


def test_the_plan_says_what_a_syringe_may_take_whatever_the_arm() -> None:
    plan = load_plan(FIXTURES / "plan.toml")
    assert plan.may_need("IV", Level.FULL) == {"ANAKINRA": 2, "SALINE": 1}
    assert plan.may_need("IV", Level.REDUCED) == {"ANAKINRA": 1, "SALINE": 1}
    assert plan.may_need("SC", Level.FULL) == {"INTERFERON": 1, "SALINE": 1}
    assert plan.routes_of("ANAKINRA") == {"IV"}
    assert plan.routes_of("SALINE") == {"IV", "SC"}
    active = plan.content(arm="PRECISION", immune_class="MALS", route="IV", level=Level.FULL)
    assert plan.needs(active) == {"ANAKINRA": 2, "SALINE": 1}
    dummy = plan.content(arm="CONTROL", immune_class="MALS", route="IV", level=Level.FULL)
    assert plan.needs(dummy) == {"SALINE": 1}
    assert plan.products["SALINE"].source is Source.HOSPITAL
    limits = plan.products["ANAKINRA"].limits
    assert limits is not None
    assert [int(limit) for limit in limits] == [2, 8]
