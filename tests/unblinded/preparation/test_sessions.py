"""An excursion strikes working sessions as a whole, however long each syringe took."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pharmacy.preparation.sessions import PAUSE, Opening, opened_from

pytestmark = pytest.mark.once
STARTS = datetime(2026, 3, 2, 20, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


def at(minutes_before: int, taking: int | None = 10) -> Opening:
    opened = STARTS - minutes_before * MINUTE
    return Opening(opened, None if taking is None else opened + taking * MINUTE)


def struck(openings: list[Opening]) -> list[int]:
    since = opened_from(openings, STARTS)
    return sorted(int((STARTS - opening.opened_at) / MINUTE) for opening in openings if opening.opened_at >= since)


@pytest.mark.parametrize(
    ("openings", "expected"),
    [
        ([], []),
        ([at(120)], []),
        ([at(59)], [59]),
        ([at(60)], [60]),
        ([at(61)], []),
        ([at(-5, None)], [-5]),
        ([at(120), at(110), at(100)], []),
        ([at(120), at(20)], [20]),
        ([at(170), at(115), at(58)], [58, 115, 170]),
        ([at(300), at(115), at(58)], [58, 115]),
        ([at(120, None)], [120]),
        ([at(130), at(120, 125)], [120, 130]),
        ([at(400), at(130), at(120, 125)], [120, 130]),
    ],
)
def test_a_session_is_struck_as_a_whole_or_spared(openings: list[Opening], expected: list[int]) -> None:
    assert struck(openings) == expected


durations = st.lists(st.integers(5, 25), min_size=1, max_size=8)


@given(durations, st.data())
def test_how_long_a_syringe_takes_decides_nothing(quick: list[int], data: st.DataObject) -> None:
    """Two people work through the same evening, one slower than the other; both begin at the same two moments."""
    slow = data.draw(st.lists(st.integers(5, 25), min_size=len(quick), max_size=len(quick)))
    begin = data.draw(st.integers(60 + 8 * 25 + 25 + 1, 900))
    late = data.draw(st.integers(0, 30))

    def evening(taking: list[int]) -> list[Opening]:
        minutes, opened = begin, []
        for length in taking:
            opened.append(at(minutes, length))
            minutes -= length
        return [*opened, at(late, 5)]

    def hit(openings: list[Opening]) -> list[bool]:
        since = opened_from(openings, STARTS)
        return [opening.opened_at >= since for opening in openings]

    assert hit(evening(quick)) == hit(evening(slow))


@given(st.lists(st.tuples(st.integers(-60, 900), st.none() | st.integers(0, 300)), max_size=20))
def test_everything_near_or_unmade_is_struck(times: list[tuple[int, int | None]]) -> None:
    openings = [at(*opening) for opening in times]
    since = opened_from(openings, STARTS)
    assert since <= STARTS - PAUSE
    for opening in openings:
        if opening.made_at is None or opening.made_at > STARTS:
            assert opening.opened_at >= since
