"""Creatinine clearance by Cockcroft and Gault (Nephron 1976;16:31-41). Pure."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal
from typing import Final

UMOL_PER_MG_DL: Final = Decimal("88.4")
"""Micromol/L of creatinine in one mg/dL."""


def cockcroft_gault(*, age_years: int, weight_kg: Decimal, creatinine_mg_dl: Decimal, female: bool) -> Decimal:
    """Clearance in mL/min, to one decimal: (140 - age) x weight / (72 x creatinine), x 0.85 for women.

    age_years: whole years. weight_kg: actual body weight. creatinine_mg_dl: serum creatinine, mg/dL. Raises ValueError
    for an age outside 18 to 120, a weight outside 20 to 400 kg, a creatinine outside 0.1 to 30 mg/dL.
    """
    if not 18 <= age_years <= 120:
        raise ValueError("the formula holds from 18 to 120 years")
    if not Decimal(20) <= weight_kg <= Decimal(400):
        raise ValueError("a weight lies between 20 and 400 kg")
    if not Decimal("0.1") <= creatinine_mg_dl <= Decimal(30):
        raise ValueError("a creatinine lies between 0.1 and 30 mg/dL (9 and 2652 micromol/L)")
    value = max(140 - age_years, 0) * weight_kg / (72 * creatinine_mg_dl) * (Decimal("0.85") if female else 1)
    return value.quantize(Decimal("0.1"), ROUND_HALF_UP)


def to_mg_dl(value: Decimal, unit: str) -> Decimal:
    """Creatinine in mg/dL from `mg/dL` or `umol/L`. Raises ValueError for another unit."""
    match unit:
        case "mg/dL":
            return value
        case "umol/L":
            return value / UMOL_PER_MG_DL
    raise ValueError("creatinine is given in mg/dL or umol/L")
