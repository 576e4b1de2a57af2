"""Organs and days of SOFA, and what ends the daily scores."""

from __future__ import annotations

from enum import StrEnum
from typing import Final

ORGANS: Final = ("respiration", "coagulation", "liver", "cardiovascular", "nervous", "renal")
"""The six organ systems of SOFA, each 0 to 4."""


LAST_DAY: Final = 15


class MilestoneKind(StrEnum):
    """What ends or interrupts the daily scores."""

    DISCHARGE = "discharge"
    DEATH = "death"
    LOST = "lost to follow-up"
