"""The states of a dose and the one table of transitions; docs/states.md is drawn from it."""

from __future__ import annotations

from enum import StrEnum
from typing import Final

from randomization.shared.errors import Refused
from randomization.shared.sentences import sentence as _
from randomization.shared.sentences import word


class DoseState(StrEnum):
    """What the ward knows of a dose. Held: its window passed while treatment was on hold, which is no deviation.

    Dropped: treatment ended before it, or it fell behind the last day.
    """

    PLANNED = "planned"
    READY = "ready"
    GIVEN = "given"
    PART_GIVEN = "part_given"
    MISSED = "missed"
    HELD = "held"
    DROPPED = "dropped"


class StopCause(StrEnum):
    """Why treatment ended early; the allocation stays as it was."""

    DISCHARGE = "discharge"
    DEATH = "death"
    WITHDRAWAL = "withdrawal"
    DECISION = "investigator's decision"
    NO_VERDICT = "no eligible verdict"


class WardRequestKind(StrEnum):
    """What the ward may tell the pharmacy about a dose: fixed words, so that nothing else crosses."""

    EARLIER = "needed earlier"
    REPLACE = "line failed, replace"


TRANSITIONS: Final[dict[DoseState, frozenset[DoseState]]] = {
    DoseState.PLANNED: frozenset(
        {
            DoseState.READY,
            DoseState.GIVEN,
            DoseState.PART_GIVEN,
            DoseState.MISSED,
            DoseState.HELD,
            DoseState.DROPPED,
        }
    ),
    DoseState.READY: frozenset({DoseState.PLANNED, DoseState.GIVEN, DoseState.PART_GIVEN, DoseState.MISSED}),
    DoseState.GIVEN: frozenset(),
    DoseState.PART_GIVEN: frozenset(),
    DoseState.MISSED: frozenset(),
    DoseState.HELD: frozenset(),
    DoseState.DROPPED: frozenset(),
}
WAITING: Final = (DoseState.PLANNED, DoseState.READY)
"""Neither given nor missed, held or dropped."""
GIVEN: Final = (DoseState.GIVEN, DoseState.PART_GIVEN)

FIRST_DOSE: Final = "first dose"
"""What the deviation of a first dose that came too late is about, in stored words."""

NOT_RECORDED: Final = "not_recorded"
"""The outcome of a record that takes back "missed": nothing was recorded of the dose, and it is planned again."""

CORRECTABLE: Final = frozenset({DoseState.GIVEN, DoseState.PART_GIVEN, DoseState.MISSED})
"""What was recorded as one of these may be corrected to another of them; missed also to not recorded."""


def check_transition(old: DoseState, new: DoseState) -> None:
    """Raise Refused where the table has no way from `old` to `new`."""
    if new not in TRANSITIONS[old]:
        raise Refused(
            _("This dose is %(old)s: it cannot become %(new)s.", old=word(old.value), new=word(new.value)),
            code="dose_state",
        )
