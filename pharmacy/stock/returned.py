"""What the stock asks of the returned syringes, which are a floor above: answered by the room that registers."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Final, Protocol

from randomization.shared.actor import Actor
from randomization.shared.errors import ProgrammingError


class Returned(Protocol):
    """The answers of the room above."""

    def not_destroyed(self, site_code: str) -> list[str]:
        """Packaging codes of the syringes that came back to a site and are not destroyed, oldest first."""

    def note_destroyed(self, actor: Actor, site_code: str, pack_codes: Sequence[str], at: datetime) -> None:
        """Inside the running service: these syringes were destroyed at a moment (UTC)."""


_rooms: Final[list[Returned]] = []


def register(room: Returned) -> None:
    """Say at start-up who answers."""
    _rooms[:] = [room]


def returned() -> Returned:
    """Who answers. Raises ProgrammingError before start-up."""
    if not _rooms:
        raise ProgrammingError("Nobody registered to answer for the returned syringes.")
    return _rooms[0]
