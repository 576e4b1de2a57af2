"""Exact decimals: rules compare what was typed, and nothing rounds it on the way to them.

Pure: no Django.
"""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from typing import Final

from randomization.shared.errors import InvalidInput
from randomization.shared.sentences import sentence as _

PLACES: Final = 6
"""Decimals that are kept of a measured value; a value with more is refused, never rounded."""
DIGITS: Final = 12
"""Digits that are kept in all: SQLite keeps 15 exactly."""


def plain(value: Decimal) -> Decimal:
    """The same value without zeros at its end: 29.950000 as 29.95, 30.0 as 30."""
    return Decimal(f"{value.normalize():f}")


def fits(value: Decimal, *, digits: int = DIGITS, places: int = PLACES) -> bool:
    """Whether a finite value can be kept as it is with `places` decimals and `digits` digits in all."""
    shown = f"{abs(plain(value)):f}"
    whole, _point, part = shown.partition(".")
    return len(part) <= places and len(whole) <= digits - places


def check_fits(value: Decimal, *, field: str, digits: int = DIGITS, places: int = PLACES) -> None:
    """Raise InvalidInput, code `too_exact`, for a value that could only be kept rounded."""
    if not value.is_finite() or not fits(value, digits=digits, places=places):
        raise InvalidInput(
            _("Write a number with at most %(places)s decimals: nothing is rounded.", places=places),
            field=field,
            code="too_exact",
        )


def cut_off(value: Fraction, places: int) -> Decimal:
    """A positive value cut off after `places` decimals, never rounded up.

    It lies on the same side of every bound that has at most as many decimals: below it exactly where `value` is.
    """
    scaled = value * 10**places
    return plain(Decimal(scaled.numerator // scaled.denominator).scaleb(-places))
