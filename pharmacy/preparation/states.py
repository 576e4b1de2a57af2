"""The states of a preparation and the one table of transitions; docs/states.md is drawn from it."""

from __future__ import annotations

from enum import StrEnum
from typing import Final

from randomization.shared.errors import Refused


class PreparationState(StrEnum):
    """Where a preparation stands."""

    OPENED = "opened"
    RELEASED = "released"
    VOIDED = "voided"


class VoidCause(StrEnum):
    """Why a preparation is void: a person's reason stands in the trail, or the dose level changed."""

    PERSON = "person"
    LEVEL = "level"


TRANSITIONS: Final[dict[PreparationState, frozenset[PreparationState]]] = {
    PreparationState.OPENED: frozenset({PreparationState.RELEASED, PreparationState.VOIDED}),
    PreparationState.RELEASED: frozenset({PreparationState.VOIDED}),
    PreparationState.VOIDED: frozenset(),
}


def check_transition(old: PreparationState, new: PreparationState) -> None:
    """Raise Refused where the table has no way from `old` to `new`."""
    if new not in TRANSITIONS[old]:
        raise Refused(f"This preparation is {old.value}: it cannot become {new.value}.", code="preparation_state")
