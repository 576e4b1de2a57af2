"""The timetable as a picture: a row a route, a column a day, a mark a dose. The page has the table beside it.

Pure: no Django.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from randomization.shared.ids import dose_name

DAY: Final = 56
"""Width of a day, in units of the picture."""
LEFT: Final = 36
TOP: Final = 22
ROW: Final = 34


@dataclass(frozen=True, slots=True)
class Shown:
    """One dose as the picture takes it; `kind`: a state, or `due` and `late` for one that waits."""

    route: str
    number: int
    at: datetime
    kind: str


@dataclass(frozen=True, slots=True)
class Mark:
    """Where a dose stands, and how it looks: the shape tells the kind without colour."""

    x: int
    y: int
    shape: str
    kind: str
    name: str


@dataclass(frozen=True, slots=True)
class Picture:
    """All marks, the columns' days, the rows' routes, and the moment now."""

    width: int
    height: int
    marks: tuple[Mark, ...]
    days: tuple[tuple[int, int], ...]
    rows: tuple[tuple[int, str], ...]
    now_x: int | None


SHAPES: Final = {
    "given": "full",
    "part_given": "half",
    "missed": "cross",
    "held": "bar",
    "dropped": "dot",
    "ready": "ring",
    "late": "square",
    "due": "ring",
    "planned": "empty",
}


def _x(at: datetime, start: datetime) -> int:
    return LEFT + round((at - start) / timedelta(days=1) * DAY)


def draw(doses: Sequence[Shown], start: datetime, now: datetime, days: int) -> Picture:
    """The picture of a course that began at `start` and lasts `days` days; moments are aware."""
    routes = sorted({dose.route for dose in doses})
    rows = tuple((TOP + ROW * order + ROW // 2, route) for order, route in enumerate(routes))
    height_of = {route: y for y, route in rows}
    marks = tuple(
        Mark(
            _x(dose.at, start),
            height_of[dose.route],
            SHAPES[dose.kind],
            dose.kind,
            dose_name(dose.route, dose.number),
        )
        for dose in doses
    )
    columns = tuple((LEFT + day * DAY, day + 1) for day in range(days))
    last = timedelta(days=days)
    return Picture(
        LEFT + days * DAY + 12,
        TOP + ROW * len(routes) + 8,
        marks,
        columns,
        rows,
        _x(now, start) if start <= now <= start + last else None,
    )
