"""Why a lot is in quarantine, and what becomes of it.

Pure: no Django.
"""

from __future__ import annotations

from enum import StrEnum


class HoldCause(StrEnum):
    """Why a lot may not be used for now."""

    DELIVERY = "delivery"
    EXCURSION = "excursion"
    RECALL = "recall"
    PHARMACY = "pharmacy"


class Outcome(StrEnum):
    """How a hold ends."""

    RELEASED = "released"
    DESTROYED = "destroyed"
