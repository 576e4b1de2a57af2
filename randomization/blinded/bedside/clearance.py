"""A creatinine clearance as it is handed on, and what is wrong with it. Reads no database."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any, Final

from randomization.blinded.bedside.renal import cockcroft_gault, to_mg_dl
from randomization.shared import clock
from randomization.shared.errors import InvalidInput
from randomization.shared.exact import check_fits
from randomization.shared.sentences import sentence as _

UNIT: Final = "mL/min"
MOST_ML_MIN: Final = Decimal(400)
METHODS: Final = ("measured", "cockcroft_gault", "renal_replacement")


@dataclass(frozen=True, slots=True)
class ComputedFrom:
    """What a clearance is computed from by Cockcroft-Gault: creatinine in its unit, weight in kg, age in years."""

    creatinine: Decimal
    unit: str
    weight_kg: Decimal
    age_years: int
    female: bool

    @property
    def value_ml_min(self) -> Decimal:
        """The clearance, cut off after three decimals; raises InvalidInput where it cannot be computed."""
        check_fits(self.creatinine, field="creatinine")
        check_fits(self.weight_kg, field="weight_kg")
        try:
            return cockcroft_gault(
                age_years=self.age_years,
                weight_kg=self.weight_kg,
                female=self.female,
                creatinine_mg_dl=to_mg_dl(self.creatinine, self.unit),
            )
        except ValueError as error:
            raise InvalidInput(_("It cannot be computed: %(error)s.", error=str(error)), field="creatinine") from error

    def as_data(self) -> dict[str, Any]:
        """For the trail and the signature: decimals as strings, as typed."""
        return {
            "creatinine": str(self.creatinine),
            "unit": self.unit,
            "weight_kg": str(self.weight_kg),
            "age_years": self.age_years,
        }


@dataclass(frozen=True, slots=True)
class ClearanceInput:
    """A clearance as typed: the value in mL/min (None on renal replacement), method, time of sampling.

    computed_from: what the value was computed from, where it was.
    """

    value_ml_min: Decimal | None
    method: str
    sampled_at: datetime
    unit: str = UNIT
    computed_from: ComputedFrom | None = None

    @property
    def shown(self) -> str:
        """The value as text, as it was typed or computed; empty on renal replacement."""
        return "" if self.value_ml_min is None else f"{self.value_ml_min:f}"

    def as_data(self) -> dict[str, Any]:
        """For the trail and the signature: decimals as strings, as typed."""
        return {
            "value_ml_min": self.shown or None,
            "method": self.method,
            "sampled_at": clock.stamp(self.sampled_at),
            "computed_from": self.computed_from.as_data() if self.computed_from else None,
        }


class NotShownYet(InvalidInput):
    """A computed clearance that nobody has seen yet: it is shown first, and signed then."""

    code = "computed"

    def __init__(self, value: str) -> None:
        self.value = value
        super().__init__(
            _("Computed by Cockcroft-Gault: %(value)s mL/min. Read the value, and sign if it is right.", value=value),
            field="value_ml_min",
        )


def check_clearance(given: ClearanceInput) -> None:
    """Raise InvalidInput for another unit, a value that cannot be, or one that does not fit the method."""
    if given.unit != UNIT:
        raise InvalidInput(_("Give the clearance in mL/min, not in mL/min/1.73 m2."), field="unit", code="wrong_unit")
    if given.method not in METHODS:
        raise InvalidInput(_("Choose measured, Cockcroft-Gault or renal replacement."), field="method")
    if (given.method == "renal_replacement") != (given.value_ml_min is None):
        raise InvalidInput(_("Give a value, or renal replacement without a value."), field="value_ml_min")
    if given.value_ml_min is not None:
        _check_value(given.value_ml_min, given)
    if given.sampled_at > clock.now():
        raise InvalidInput(_("The sample lies in the future: check day and hour."), field="sampled_at")


def _check_value(value: Decimal, given: ClearanceInput) -> None:
    if not (value.is_finite() and Decimal(0) < value <= MOST_ML_MIN):
        raise InvalidInput(
            _("A clearance lies above 0 and up to %(most)s mL/min.", most=MOST_ML_MIN), field="value_ml_min"
        )
    check_fits(value, field="value_ml_min")
    if given.computed_from is not None and value != given.computed_from.value_ml_min:
        raise InvalidInput(_("The value is not the one that creatinine and weight give."), field="value_ml_min")
