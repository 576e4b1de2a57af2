"""The states of a participant and the one table of transitions; docs/states.md is drawn from it."""

from __future__ import annotations

from enum import StrEnum
from typing import Final

from randomization.shared.errors import Refused
from randomization.shared.sentences import sentence as _
from randomization.shared.sentences import word


class State(StrEnum):
    """Where a participant stands between screening and treatment."""

    SCREENING = "screening"
    NOT_ELIGIBLE = "not_eligible"
    ELIGIBLE = "eligible"
    ALLOCATED = "allocated"
    WITHDRAWN = "withdrawn"


TRANSITIONS: Final[dict[State, frozenset[State]]] = {
    State.SCREENING: frozenset({State.ELIGIBLE, State.NOT_ELIGIBLE, State.WITHDRAWN}),
    State.NOT_ELIGIBLE: frozenset({State.ELIGIBLE, State.SCREENING, State.WITHDRAWN}),
    State.ELIGIBLE: frozenset({State.SCREENING, State.NOT_ELIGIBLE, State.ALLOCATED, State.WITHDRAWN}),
    State.ALLOCATED: frozenset(),
    State.WITHDRAWN: frozenset({State.ALLOCATED}),
}
"""From withdrawn to allocated goes an envelope alone, that was opened all the same: treatment stops at once."""


def check_transition(old: State, new: State) -> None:
    """Raise Refused where the table has no way from `old` to `new`; staying is always allowed."""
    if old is not new and new not in TRANSITIONS[old]:
        raise Refused(
            _("A participant who is %(old)s cannot become %(new)s.", old=word(old.value), new=word(new.value)),
            code="state",
        )
