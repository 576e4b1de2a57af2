"""Creatinine clearance by Cockcroft and Gault (Nephron 1976;16:31-41).

Pure: no Django.
"""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from typing import Final

from randomization.shared.exact import cut_off

UMOL_PER_MG_DL: Final = Decimal("88.4")
"""Micromol/L of creatinine in one mg/dL."""
PLACES: Final = 3
"""Decimals of a computed clearance, and the most that a bound in a protocol may have."""


def cockcroft_gault(
    *, age_years: int, weight_kg: Decimal, creatinine_mg_dl: Decimal | Fraction, female: bool
) -> Decimal:
    """Clearance in mL/min: (140 - age) x weight / (72 x creatinine), x 0.85 for women.

    Computed as a fraction and cut off after three decimals, never rounded up: compared with a bound of at most three
    decimals it lies on the side on which the exact value lies.
    age_years: whole years. weight_kg: actual body weight. creatinine_mg_dl: serum creatinine, mg/dL. Raises ValueError
    for an age outside 18 to 120, a weight outside 20 to 400 kg, a creatinine outside 0.1 to 30 mg/dL.
    """
    if not 18 <= age_years <= 120:
        raise ValueError("the formula holds from 18 to 120 years")
    if not Decimal(20) <= weight_kg <= Decimal(400):
        raise ValueError("a weight lies between 20 and 400 kg")
    creatinine = Fraction(creatinine_mg_dl)
    if not Fraction(1, 10) <= creatinine <= 30:
        raise ValueError("a creatinine lies between 0.1 and 30 mg/dL (9 and 2652 micromol/L)")
    exact = Fraction(140 - age_years) * Fraction(weight_kg) / (72 * creatinine) * (Fraction(85, 100) if female else 1)
    return cut_off(exact, PLACES)


def to_mg_dl(value: Decimal, unit: str) -> Fraction:
    """Creatinine in mg/dL, exact, from `mg/dL` or `umol/L`. Raises ValueError for another unit."""
    match unit:
        case "mg/dL":
            return Fraction(value)
        case "umol/L":
            return Fraction(value) / Fraction(UMOL_PER_MG_DL)
    raise ValueError("creatinine is given in mg/dL or umol/L")
