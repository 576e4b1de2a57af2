"""What a decision on a class asks of the preparations, some floors above: answered by the room that registers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, Protocol

from randomization.shared.foreseen import ExpectedVoid
from randomization.unblinded.laboratory.models import ClassDecision


class Preparations(Protocol):
    """The answers of the room above."""

    def voided_by_decision(
        self, participant_number: str, immune_class: str, starts: Mapping[str, int]
    ) -> list[ExpectedVoid]:
        """The live syringes of a participant that were prepared by another class, from the named doses on."""


_rooms: Final[list[Preparations]] = []


def register(room: Preparations) -> None:
    """Say at start-up who answers."""
    _rooms[:] = [room]


def voided_by(decision: ClassDecision) -> list[ExpectedVoid]:
    """The live syringes that become void when a decision is signed a second time; none where nobody prepares."""
    starts = {start.route: start.number for start in decision.starts.all()}
    asked = decision.case.participant_number, decision.immune_class, starts
    return [void for room in _rooms for void in room.voided_by_decision(*asked)]
