"""Figures as plain geometry: a line of what is against a line of what was planned. A table stands beside each.

Pure: no Django.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

WIDTH: Final = 720
HEIGHT: Final = 260
LEFT: Final = 44
BOTTOM: Final = 28
TOP: Final = 12
ROUND: Final = (1, 2, 5)


@dataclass(frozen=True, slots=True)
class Tick:
    """A line of the grid: where it lies, what it says."""

    at: int
    words: str


@dataclass(frozen=True, slots=True)
class Chart:
    """Points of both lines as SVG takes them, with the grid."""

    width: int
    height: int
    actual: str
    planned: str
    across: tuple[Tick, ...]
    up: tuple[Tick, ...]


def step_of(highest: int, lines: int = 5) -> int:
    """A round distance between lines of the grid, so that about `lines` of them reach `highest`."""
    size = 1
    while True:
        for factor in ROUND:
            if factor * size * lines >= highest:
                return factor * size
        size *= 10


def cumulative_chart(months: Sequence[str], actual: Sequence[int], planned: Sequence[float]) -> Chart:
    """Both sums at the end of each month; `actual` may end before `planned` does."""
    highest = max([1, *actual, *(round(value) for value in planned)])
    step = step_of(highest)
    top = -(-highest // step) * step
    wide = (WIDTH - LEFT - 8) / max(len(months) - 1, 1)
    high = HEIGHT - TOP - BOTTOM

    def line(values: Sequence[float]) -> str:
        return " ".join(
            f"{LEFT + at * wide:.1f},{TOP + high - value / top * high:.1f}" for at, value in enumerate(values)
        )

    every = max(1, len(months) // 8)
    across = tuple(Tick(round(LEFT + at * wide), months[at]) for at in range(0, len(months), every))
    up = tuple(Tick(round(TOP + high - value / top * high), str(value)) for value in range(0, top + 1, step))
    return Chart(WIDTH, HEIGHT, line(actual), line(planned), across, up)
