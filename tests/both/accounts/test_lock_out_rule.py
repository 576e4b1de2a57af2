"""When wrong secrets lock a name: every door, every wrong secret, what forgets them, and the exact moments."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import product
from typing import Final

import pytest

from randomization.accounts.lock_out import (
    ACCOUNT_RECOVERED,
    BREAKER_LOCK,
    COUNTED,
    FAILURES_BEFORE_LOCK,
    LOCK,
    LOCKED,
    LOCKED_SHORTLY,
    LOG_INS,
    Door,
    LogInAction,
    sentence_while_locked,
)

pytestmark = pytest.mark.once
NOW: Final = datetime(2026, 3, 2, 20, 0, tzinfo=UTC)
MOMENT: Final = timedelta(microseconds=1)
MINUTE: Final = timedelta(minutes=1)
OUTSIDE: Final = {Door.STRANGE_DEVICE, Door.API_TOKEN}
LOG_IN_PAGES: Final = {*OUTSIDE, Door.KNOWN_DEVICE}
BY_PASSWORD: Final = set(Door) - {Door.TABLET}
BARS: Final[dict[LogInAction, set[Door]]] = {
    LogInAction.WRONG_AT_LOG_IN: OUTSIDE,
    LogInAction.WRONG_ON_KNOWN_DEVICE: LOG_IN_PAGES,
    LogInAction.WRONG_TO_SIGN: BY_PASSWORD,
    LogInAction.WRONG_FOR_ACCOUNT: BY_PASSWORD,
    LogInAction.WRONG_SECOND_FACTOR: BY_PASSWORD,
    LogInAction.WRONG_PIN: {Door.TABLET},
}
"""Which doors a wrong secret bars; every other action bars none (docs/decisions/0020)."""


def said(door: Door, *events: tuple[str, timedelta], breaks_codes: bool = False) -> str:
    """What is said at a door after events that lie so long ago, oldest first."""
    return sentence_while_locked(
        door, [(action, NOW - ago) for action, ago in events], breaks_codes=breaks_codes, now=NOW
    )


def wrong(action: str, count: int = FAILURES_BEFORE_LOCK, ago: timedelta = MINUTE) -> list[tuple[str, timedelta]]:
    return [(action, ago)] * count


@pytest.mark.requirement("R33")
@pytest.mark.parametrize(("door", "action"), list(product(Door, LogInAction)))
def test_which_wrong_secret_bars_which_door(door: Door, action: LogInAction) -> None:
    assert bool(said(door, *wrong(action))) == (door in BARS.get(action, set()))
    assert said(door, *wrong(action, FAILURES_BEFORE_LOCK - 1)) == ""
    assert (action in COUNTED[door]) == (door in BARS.get(action, set()))


@pytest.mark.requirement("R33")
@pytest.mark.parametrize(("first", "second"), list(product(BARS, BARS)))
@pytest.mark.parametrize("door", Door)
def test_wrong_secrets_of_two_kinds_are_counted_together(door: Door, first: LogInAction, second: LogInAction) -> None:
    together = said(door, *wrong(first, 2), *wrong(second, 3))
    assert bool(together) == (door in BARS[first] & BARS[second])


@pytest.mark.parametrize(("door", "action"), list(product(Door, [*LogInAction, ACCOUNT_RECOVERED])))
def test_what_starts_the_count_anew(door: Door, action: str) -> None:
    counted = min(COUNTED[door])
    events = [*wrong(counted, 4, 3 * MINUTE), (action, 2 * MINUTE), *wrong(counted, 1)]
    forgets = action == LogInAction.PIN if door is Door.TABLET else action in {LogInAction.LOG_IN, ACCOUNT_RECOVERED}
    assert (said(door, *events) == "") == forgets
    assert set(LOG_INS) == {LogInAction.LOG_IN, LogInAction.PIN, LogInAction.BADGE}


@pytest.mark.requirement("R33")
@pytest.mark.parametrize(("ago", "sentence"), [(LOCK - MOMENT, LOCKED), (LOCK, LOCKED), (LOCK + MOMENT, "")])
def test_a_wrong_secret_counts_for_a_quarter_of_an_hour(ago: timedelta, sentence: str) -> None:
    assert said(Door.SESSION, *wrong(LogInAction.WRONG_TO_SIGN, ago=ago)) == sentence


@pytest.mark.requirement("R17", "R33")
@pytest.mark.parametrize("door", Door)
@pytest.mark.parametrize(("ago", "locked"), [(BREAKER_LOCK - MOMENT, True), (BREAKER_LOCK, False)])
def test_who_breaks_codes_waits_seconds(door: Door, ago: timedelta, locked: bool) -> None:
    events = [*wrong(min(COUNTED[door]), 5, MINUTE), *wrong(min(COUNTED[door]), 1, ago)]
    expected = LOCKED if door is Door.TABLET else LOCKED_SHORTLY if locked else ""
    assert said(door, *events, breaks_codes=True) == expected
    assert said(door, *events) == LOCKED
