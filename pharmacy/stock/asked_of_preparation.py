"""What the stock asks of the preparations, which are a floor above: answered by the room that registers at start-up."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Protocol
from uuid import UUID

from randomization.shared.errors import ProgrammingError
from randomization.shared.foreseen import ExpectedVoid


@dataclass(frozen=True, slots=True)
class StrikeFacts:
    """A strike, before or after it was written: see `Strike`."""

    site_code: str
    product: str
    at: datetime
    opened_from: datetime | None = None


class Preparations(Protocol):
    """The answers of the room above."""

    def doses_prepared(self, site_code: str) -> set[UUID]:
        """The doses of a site for which a preparation is live: what its route may need is reserved already."""

    def not_opened(self) -> dict[str, dict[str, int]]:
        """By site, the units by product that doses may need which could be opened now and are not."""

    def is_pack_code(self, code: str) -> bool:
        """Whether a syringe or an envelope has this code."""

    def opened_from(self, site_code: str, starts_at: datetime) -> datetime:
        """Since when openings count as drawn from what lay there at `starts_at` or later (UTC)."""

    def not_void(self, uids: Collection[UUID]) -> list[str]:
        """Of these preparations, the ones that are not void, as people name them: kit, route and number."""

    def struck_by(self, strikes: Sequence[StrikeFacts]) -> list[ExpectedVoid]:
        """The live syringes that these strikes would void, by planned time."""


_rooms: Final[list[Preparations]] = []


def register(room: Preparations) -> None:
    """Say at start-up who answers."""
    _rooms[:] = [room]


def preparations() -> Preparations:
    """Who answers. Raises ProgrammingError before start-up."""
    if not _rooms:
        raise ProgrammingError("Nobody registered to answer for the preparations.")
    return _rooms[0]
