"""The states of a preparation and the one table of transitions; docs/states.md is drawn from it."""

from __future__ import annotations

from enum import StrEnum
from typing import Final

from randomization.shared.errors import Refused
from randomization.shared.sentences import sentence as _
from randomization.shared.sentences import word


class PreparationState(StrEnum):
    """Where a preparation stands: times fixed and arm opened, made and signed, checked by the second person, out."""

    OPENED = "opened"
    MADE = "made"
    CHECKED = "checked"
    RELEASED = "released"
    VOIDED = "voided"


class VoidCause(StrEnum):
    """Why a preparation is void: a person's reason (in the trail), a changed level, a quarantine, a decided class, a
    dose that moved too far, one that is not to be given any more (held, stopped, missed, recorded otherwise), or a
    use-before time that passed while the dose may still be given.
    """

    PERSON = "person"
    LEVEL = "level"
    STOCK = "stock"
    CLASS = "class"
    TIME = "time"
    COURSE = "course"
    EXPIRED = "expired"


class CheckMode(StrEnum):
    """How the second check was done: by a person of the site, from a covering site, or waived by the sponsor."""

    LOCAL = "local"
    REMOTE = "remote"
    WAIVED = "waived"


class Arrangement(StrEnum):
    """How a site may check without a second person of its own."""

    COVER = "cover"
    WAIVER = "waiver"


class Risk(StrEnum):
    """What could tell the ward when the pharmacy worked: done by a person on purpose, or released too late."""

    HANDED_OVER = "handed over now"
    SHORT_ROUTE = "prepared while a product was missing"
    READY_LATE = "shown later than fixed"
    VOIDED = "voided by a person"


TRANSITIONS: Final[dict[PreparationState, frozenset[PreparationState]]] = {
    PreparationState.OPENED: frozenset({PreparationState.MADE, PreparationState.VOIDED}),
    PreparationState.MADE: frozenset({PreparationState.CHECKED, PreparationState.VOIDED}),
    PreparationState.CHECKED: frozenset({PreparationState.RELEASED, PreparationState.VOIDED}),
    PreparationState.RELEASED: frozenset({PreparationState.VOIDED}),
    PreparationState.VOIDED: frozenset(),
}


def check_transition(old: PreparationState, new: PreparationState) -> None:
    """Raise Refused where the table has no way from `old` to `new`."""
    if new not in TRANSITIONS[old]:
        raise Refused(
            _("This preparation is %(old)s: it cannot become %(new)s.", old=word(old.value), new=word(new.value)),
            code="preparation_state",
        )
