"""Whether a dose may be given from a syringe at a moment: every gate alone, pairs, and the exact moments."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import combinations
from typing import Any, Final

import pytest

from randomization.blinded.bedside.giving import Giving, GivingGate, against_course, against_giving, is_too_soon
from randomization.blinded.bedside.giving_checks import KINDS

pytestmark = pytest.mark.once
AT: Final = datetime(2026, 3, 2, 20, 0, tzinfo=UTC)
HOUR: Final = timedelta(hours=1)
MOMENT: Final = timedelta(microseconds=1)
RIGHT: Final = Giving(
    at=AT,
    voided_at=None,
    use_before=AT + 20 * HOUR,
    earliest=AT - HOUR,
    latest=AT + 2 * HOUR,
    given_before=AT - 8 * HOUR,
    least_interval=4 * HOUR,
    zone="Europe/Athens",
)
CLOSING: Final[list[tuple[GivingGate, dict[str, Any]]]] = [
    (GivingGate.VOID, {"voided_at": AT}),
    (GivingGate.EXPIRED, {"use_before": AT}),
    (GivingGate.OUTSIDE_WINDOW, {"latest": AT - MOMENT}),
    (GivingGate.TOO_SOON, {"given_before": AT - 4 * HOUR + MOMENT}),
]


def gates(**changed: Any) -> list[object]:
    return [obstacle.gate for obstacle in against_giving(replace(RIGHT, **changed))]


def test_every_gate_but_those_of_the_course_becomes_a_deviation() -> None:
    assert [gate for gate, _changed in CLOSING] == list(KINDS)
    assert set(GivingGate) - set(KINDS) == {GivingGate.ON_HOLD, GivingGate.STOPPED}
    assert gates() == []


@pytest.mark.requirement("R08")
@pytest.mark.parametrize(("gate", "changed"), CLOSING, ids=[gate for gate, _changed in CLOSING])
def test_each_gate_alone(gate: GivingGate, changed: dict[str, Any]) -> None:
    assert gates(**changed) == [gate]


@pytest.mark.requirement("R08")
@pytest.mark.parametrize(("first", "second"), list(combinations(CLOSING, 2)))
def test_two_gates_in_their_order(first: Any, second: Any) -> None:
    assert gates(**first[1], **second[1]) == [first[0], second[0]]


@pytest.mark.parametrize(
    ("changed", "closed"),
    [
        ({"voided_at": AT + MOMENT}, []),
        ({"use_before": AT + MOMENT}, []),
        ({"earliest": AT}, []),
        ({"earliest": AT + MOMENT}, [GivingGate.OUTSIDE_WINDOW]),
        ({"latest": AT}, []),
        ({"given_before": AT - 4 * HOUR}, []),
        ({"given_before": None}, []),
    ],
)
def test_the_exact_moments(changed: dict[str, Any], closed: list[GivingGate]) -> None:
    assert gates(**changed) == closed


def test_the_sentences_name_the_wards_time_and_the_interval() -> None:
    outside, soon = against_giving(replace(RIGHT, latest=AT - HOUR, given_before=AT - HOUR))
    assert "02 Mar 21:00 +0200 to 02 Mar 21:00 +0200" in outside.sentence
    assert soon.sentence.startswith("Less than 4 hours")
    assert is_too_soon(AT, AT - HOUR, 4 * HOUR)


@pytest.mark.parametrize(
    ("held", "stopped", "transcribed", "closed"),
    [
        (None, None, False, []),
        (AT, None, False, [GivingGate.ON_HOLD]),
        (AT, None, True, [GivingGate.ON_HOLD]),
        (AT + MOMENT, None, False, [GivingGate.ON_HOLD]),
        (AT + MOMENT, None, True, []),
        (None, AT, True, [GivingGate.STOPPED]),
        (None, AT + MOMENT, True, []),
        (None, AT + MOMENT, False, [GivingGate.STOPPED]),
        (AT, AT, True, [GivingGate.ON_HOLD, GivingGate.STOPPED]),
    ],
)
def test_on_hold_or_stopped_nothing_is_given(
    held: datetime | None, stopped: datetime | None, transcribed: bool, closed: list[GivingGate]
) -> None:
    obstacles = against_course(AT, held_at=held, stopped_at=stopped, transcribed=transcribed)
    assert [obstacle.gate for obstacle in obstacles] == closed
