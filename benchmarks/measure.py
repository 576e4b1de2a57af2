"""What a measure is, and a clock for one."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Measure:
    """Milliseconds of ours and of the floor (0: none), and the bound of the ratio."""

    name: str
    ours: float
    floor: float
    bound: str


def milliseconds(action: Callable[[], object]) -> float:
    """How long an action takes."""
    started = time.perf_counter()
    action()
    return (time.perf_counter() - started) * 1000
