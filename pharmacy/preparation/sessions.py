"""Which openings belong together in time: an excursion spares a working session as a whole, or strikes it.

The moment of one opening tells how long the syringe before it took, and that depends on its content. A session does
not: no single syringe takes an hour, so the pause between two sessions is the same however fast somebody worked.

Pure: no Django.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

PAUSE: Final = timedelta(hours=1)
"""An hour without an opening at a site ends a session [choice]."""


@dataclass(frozen=True, slots=True)
class Opening:
    """When a syringe was opened, and when it was made (UTC); None: not yet."""

    opened_at: datetime
    made_at: datetime | None


def opened_from(openings: Iterable[Opening], starts_at: datetime) -> datetime:
    """Since when what was opened may hold what lay there at `starts_at` or later (UTC).

    A session counts as a whole where its last opening is less than an hour before, or one of its syringes was not made
    by then.
    """
    since = starts_at
    for opening in sorted(openings, key=lambda opening: opening.opened_at, reverse=True):
        unmade = opening.made_at is None or opening.made_at > starts_at
        if unmade or since - opening.opened_at < PAUSE:
            since = min(since, opening.opened_at)
    return min(since, starts_at - PAUSE)
