"""The verdict over a sample: all that a blinded role learns of the immune class, in stored words.

Pure: no Django.
"""

from __future__ import annotations

from enum import StrEnum


class Verdict(StrEnum):
    """What the laboratory's side tells the ward."""

    PENDING = "pending"
    ELIGIBLE = "eligible"
    NOT_ELIGIBLE = "not eligible"
