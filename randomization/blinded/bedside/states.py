"""The states of a dose and the one table of transitions; docs/states.md is drawn from it."""

from __future__ import annotations

from enum import StrEnum
from typing import Final

from randomization.shared.errors import Refused


class DoseState(StrEnum):
    """What the ward knows of a dose."""

    PLANNED = "planned"
    READY = "ready"
    GIVEN = "given"
    PART_GIVEN = "part_given"
    MISSED = "missed"


class Wish(StrEnum):
    """What the ward may tell the pharmacy about a dose: fixed words, so that nothing else crosses."""

    EARLIER = "needed earlier"
    REPLACE = "line failed, replace"


TRANSITIONS: Final[dict[DoseState, frozenset[DoseState]]] = {
    DoseState.PLANNED: frozenset({DoseState.READY, DoseState.MISSED}),
    DoseState.READY: frozenset({DoseState.PLANNED, DoseState.GIVEN, DoseState.PART_GIVEN, DoseState.MISSED}),
    DoseState.GIVEN: frozenset(),
    DoseState.PART_GIVEN: frozenset(),
    DoseState.MISSED: frozenset(),
}


def check_transition(old: DoseState, new: DoseState) -> None:
    """Raise Refused where the table has no way from `old` to `new`."""
    if new not in TRANSITIONS[old]:
        raise Refused(f"This dose is {old.value.replace('_', ' ')}: it cannot become {new.value}.", code="dose_state")
