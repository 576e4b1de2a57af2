"""What labels are printed on.

Pure: no Django.
"""

from __future__ import annotations

from enum import StrEnum


class LabelKind(StrEnum):
    """The two labels of a packaging."""

    SYRINGE = "syringe"
    BAG = "bag"


class Medium(StrEnum):
    """Roll (one label a page) and A4 sheet as PDF, thermal printer as ZPL."""

    ROLL = "roll"
    THERMAL = "zpl"
    SHEET = "a4"
