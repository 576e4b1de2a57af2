"""The arithmetic of stock: balances, first expiring first, and that orders do not ask who got what."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from immunosep_site.demonstration.fixtures import FIXTURES
from pharmacy.stock.ledger import (
    Holding,
    Kind,
    NotEnough,
    after,
    change_of,
    counted_by_receipt,
    first_expiring,
    note_change,
    part_change,
    resupply,
    usable,
    whole_lot_change,
)
from randomization.unblinded.formulary.contents import Level, Source
from randomization.unblinded.lists.plan import load_plan

pytestmark = pytest.mark.once
TODAY = date(2026, 3, 2)


def lot(
    number: str, *, days: int = 100, balance: int = 10, arm_neutral: int | None = None, held: bool = False
) -> Holding:
    arm_neutral = balance if arm_neutral is None else arm_neutral
    return Holding(ord(number[0]), "A", number, TODAY + timedelta(days=days), held, balance, arm_neutral)


@pytest.mark.parametrize(
    ("kind", "units", "expected"),
    [
        (Kind.RECEIPT, 5, (15, 9)),
        (Kind.PROVISIONAL, 5, (15, 4)),
        (Kind.HOSPITAL, 5, (15, 4)),
        (Kind.RESERVATION, 4, (10, 0)),
        (Kind.USE, 10, (0, 4)),
        (Kind.WASTE, 3, (7, 4)),
        (Kind.RETURN, 3, (7, 4)),
        (Kind.RETURN, 10, (0, 4)),
        (Kind.DESTRUCTION, 10, (0, 4)),
        (Kind.COUNT, -2, (8, 4)),
        (Kind.COUNT, 2, (12, 4)),
        (Kind.COUNT, -10, (0, 4)),
        (Kind.COUNT, 0, (10, 4)),
    ],
)
def test_what_each_movement_does_to_both_balances(kind: Kind, units: int, expected: tuple[int, int]) -> None:
    assert after(10, 4, change_of(kind, units)) == expected


@pytest.mark.parametrize(
    ("units", "known", "expected"),
    [
        (10, {}, (10, 10)),
        (10, {"matched": 4}, (6, 10)),
        (10, {"owed": 3}, (10, 7)),
        (2, {"owed": 3}, (2, 0)),
        (10, {"matched": 10, "owed": 3}, (0, 7)),
        (10, {"matched": 4, "counted": 4}, (6, 6)),
        (3, {"counted": 2, "owed": 3}, (3, 0)),
    ],
)
def test_a_note_counts_in_full_less_what_is_owed(units: int, known: dict[str, int], expected: tuple[int, int]) -> None:
    change = note_change(units, **known)
    assert (change.quantity, change.arm_neutral) == expected


def test_a_whole_lot_leaves_nothing_and_a_consignment_what_counted_of_it() -> None:
    assert after(10, 4, whole_lot_change(10, 4)) == (0, 0)
    assert after(0, 4, whole_lot_change(0, 4)) == (0, 0)
    assert after(10, 4, part_change(7, 3)) == (3, 1)


@pytest.mark.parametrize(
    ("arm_neutral", "brought", "expected"),
    [(15, [10, 10], [5, 10]), (8, [10, 10], [0, 8]), (20, [10, 10], [10, 10]), (0, [10], [0]), (3, [], [])],
)
def test_what_was_taken_first_came_first(arm_neutral: int, brought: list[int], expected: list[int]) -> None:
    assert counted_by_receipt(arm_neutral, brought) == expected


@pytest.mark.parametrize(
    ("kind", "units"), [(Kind.USE, 11), (Kind.WASTE, 11), (Kind.RESERVATION, 5), (Kind.RETURN, 11)]
)
def test_no_balance_falls_below_zero(kind: Kind, units: int) -> None:
    with pytest.raises(NotEnough):
        after(10, 4, change_of(kind, units))


BY_CONTENT = [
    Kind.USE,
    Kind.WASTE,
    Kind.RETURN,
    Kind.DESTRUCTION,
    Kind.COUNT,
    Kind.PROVISIONAL,
    Kind.HOSPITAL,
]
"""What people book because of what was in a syringe, or of what is left after it."""


def played(acts: list[tuple[Kind, int]], *, with_content: bool) -> list[int]:
    """The as-if balance after each act that every arm has; a note pays what short openings owe."""
    balance, arm_neutral, owed, matched, seen = 0, 0, 0, 0, []
    for kind, units in acts:
        if kind in BY_CONTENT:
            if with_content:
                with suppress(NotEnough):
                    balance, arm_neutral = after(balance, arm_neutral, change_of(kind, units))
                    matched += units if kind is Kind.PROVISIONAL else 0
            continue
        if kind is Kind.RESERVATION and arm_neutral < units:
            owed += units
        elif kind is Kind.RECEIPT:
            known = min(matched, units)
            balance, arm_neutral = after(balance, arm_neutral, note_change(units, matched=known, owed=owed))
            owed, matched = owed - min(owed, units), matched - known
        else:
            balance, arm_neutral = after(balance, arm_neutral, change_of(kind, units))
        seen.append(arm_neutral)
    return seen


@pytest.mark.requirement("R13")
@given(st.lists(st.tuples(st.sampled_from(list(Kind)), st.integers(1, 9)), max_size=60))
def test_what_counts_as_there_never_depends_on_true_use(acts: list[tuple[Kind, int]]) -> None:
    assert played(acts, with_content=True) == played(acts, with_content=False)


@given(st.lists(st.tuples(st.sampled_from(list(Kind)), st.integers(1, 9)), max_size=40))
def test_balances_are_the_sum_of_what_was_booked_and_never_negative(acts: list[tuple[Kind, int]]) -> None:
    balance, arm_neutral, booked = 0, 0, []
    for kind, units in acts:
        change = change_of(kind, units)
        try:
            balance, arm_neutral = after(balance, arm_neutral, change)
        except NotEnough:
            continue
        booked.append(change)
    assert (balance, arm_neutral) == (sum(c.quantity for c in booked), sum(c.arm_neutral for c in booked))
    assert min(balance, arm_neutral) >= 0


@given(st.integers(0, 40), st.lists(st.integers(1, 9), max_size=6))
def test_what_counts_is_shared_out_among_receipts_and_never_twice(arm_neutral: int, brought: list[int]) -> None:
    counted = counted_by_receipt(arm_neutral, brought)
    assert sum(counted) == min(arm_neutral, sum(brought))
    assert all(0 <= part <= units for part, units in zip(counted, brought, strict=True))


def test_a_consignment_on_hold_counts_in_neither_balance() -> None:
    until = TODAY + timedelta(days=1)
    part = replace(lot("A", balance=10, arm_neutral=8), held=4, held_arm_neutral=3)
    assert (part.free(arm_neutral=False), part.free(arm_neutral=True), usable([part], "A", until)) == (6, 5, 5)
    assert part.reason_against_taking(until) == ""
    full = replace(part, held=10)
    assert full.reason_against_taking(until) == "is in quarantine"
    assert full.reason_against(until) == "", "what is really left never decides what counts as there"
    with pytest.raises(NotEnough):
        first_expiring([part], 7, until)
    with pytest.raises(NotEnough):
        first_expiring([part], 6, until, arm_neutral=True)


def test_first_expiring_first_over_several_lots_and_never_a_bad_one() -> None:
    lots = [
        lot("C", days=50, balance=3),
        lot("A", days=5, balance=9),
        lot("B", days=40, balance=2),
        lot("D", days=60, balance=9, held=True),
        lot("E", days=70, balance=9),
    ]
    until = TODAY + timedelta(days=20)
    assert first_expiring(lots, 6, until) == [(ord("B"), 2), (ord("C"), 3), (ord("E"), 1)]
    with pytest.raises(NotEnough):
        first_expiring(lots, 15, until)
    assert "expires" in lots[1].reason_against(until)
    assert lots[3].reason_against(until) == "is in quarantine"
    assert lot("A", days=20).reason_against(until) == ""


def test_what_counts_as_there_does_not_ask_what_was_used() -> None:
    until = TODAY + timedelta(days=1)
    none_used, all_used = lot("A", balance=10, arm_neutral=4), lot("A", balance=4, arm_neutral=4)
    assert usable([none_used], "A", until) == usable([all_used], "A", until) == 4
    asked = {"IV": 12}, {"IV": {"A": 2}}, {"A": 4}, until
    lines = [resupply([held], *asked, {}) for held in (none_used, all_used)]
    assert lines[0] == lines[1]
    assert (lines[0][0].needed, lines[0][0].held, lines[0][0].order) == (28, 4, 24)
    assert resupply([lot("A", balance=90)], *asked, {})[0].order == 0
    assert resupply([none_used], *asked, {"A": 5})[0].order == 29, "what is owed is ordered, too"


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
