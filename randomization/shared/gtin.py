"""GTINs, the article numbers on packs: 8, 12, 13 or 14 digits, kept as 14.

Source: GS1 General Specifications 4.2 (GTIN rules), 7.9 (check digit).

Pure: no Django.
"""

from __future__ import annotations

import re

from stdnum import ean


def check_digit_is_right(gtin: str) -> bool:
    """Whether the last digit is the check digit of the others."""
    return bool(ean.is_valid(gtin))


def as_gtin(text: str) -> str:
    """An article number as 14 digits, without blanks and hyphens; empty where it is none, or wrongly read."""
    digits = re.sub(r"[\s-]", "", text)
    if not re.fullmatch(r"[0-9]{8}|[0-9]{12,14}", digits) or not int(digits):
        return ""
    padded = digits.zfill(14)
    return padded if check_digit_is_right(padded) else ""
