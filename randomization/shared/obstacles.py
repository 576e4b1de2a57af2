"""What a rule says no with: which gate is closed, and the sentence for the person at the screen.

Pure: no Django.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from randomization.shared.errors import Refused


@dataclass(frozen=True, slots=True)
class Obstacle:
    """One closed gate; its value is the code of the refusal."""

    gate: StrEnum
    sentence: str

    @property
    def code(self) -> str:
        """The stable code that an API client reads."""
        return self.gate.value


def refuse(obstacles: Iterable[Obstacle]) -> None:
    """Raise Refused with the first of them; do nothing where there is none."""
    for obstacle in obstacles:
        raise Refused(obstacle.sentence, code=obstacle.code)
