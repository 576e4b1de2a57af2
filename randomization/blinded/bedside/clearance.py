"""A creatinine clearance as it is handed on, and what is wrong with it. Reads no database."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from fractions import Fraction
from typing import Any, Final

from randomization.blinded.bedside.renal import UMOL_PER_MG_DL, cockcroft_gault, to_mg_dl
from randomization.shared import clock
from randomization.shared.errors import InvalidInput
from randomization.shared.exact import check_fits
from randomization.shared.plausible import ask, check_not_before, check_recent
from randomization.shared.protocol import Moments, Protocol
from randomization.shared.sentences import joined
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

    def is_plausible(self, protocol: Protocol) -> bool:
        """Whether creatinine and weight lie in the plausible ranges of the protocol."""
        creatinine, weight = protocol.analytes["creatinine"], protocol.analytes["weight"]
        exact = to_mg_dl(self.creatinine, self.unit) * Fraction(UMOL_PER_MG_DL)
        low, high = Fraction(creatinine.plausible_from), Fraction(creatinine.plausible_to)
        return low <= exact <= high and weight.is_plausible(self.weight_kg)

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

    computed_from: what the value was computed from, where it was. confirmed: what was implausible and is meant all the
    same, as `randomization.shared.plausible.confirmation` writes it.
    """

    value_ml_min: Decimal | None
    method: str
    sampled_at: datetime
    unit: str = UNIT
    computed_from: ComputedFrom | None = None
    confirmed: tuple[str, ...] = ()

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
            "confirmed": list(self.confirmed),
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


def check_clearance(
    clearance_input: ClearanceInput,
    *,
    protocol: Protocol,
    sepsis_at: datetime | None = None,
    used_at: datetime | None = None,
) -> None:
    """Raise InvalidInput for another unit, a value or time that cannot be, or one that does not fit the method.

    sepsis_at: when sepsis was identified, for the clearance that is randomised on: one from before is asked about, and
    from long before refused. used_at: when it was used (UTC), where it is recorded afterwards: its age counts then.
    Raises Implausible for what is outside the plausible ranges of the protocol and not confirmed.
    """
    if clearance_input.unit != UNIT:
        raise InvalidInput(_("Give the clearance in mL/min, not in mL/min/1.73 m2."), field="unit", code="wrong_unit")
    if clearance_input.method not in METHODS:
        raise InvalidInput(_("Choose measured, Cockcroft-Gault or renal replacement."), field="method")
    if (clearance_input.method == "renal_replacement") != (clearance_input.value_ml_min is None):
        raise InvalidInput(_("Give a value, or renal replacement without a value."), field="value_ml_min")
    if clearance_input.value_ml_min is not None:
        _check_value(clearance_input.value_ml_min, clearance_input)
    check_recent(clearance_input.sampled_at, protocol.moments.clearance, field="sampled_at", since=used_at)
    if sepsis_at is not None:
        _check_since_sepsis(clearance_input, protocol.moments, sepsis_at)
    if clearance_input.value_ml_min is not None:
        _ask_value(clearance_input.value_ml_min, clearance_input, protocol)


def _check_value(value: Decimal, clearance_input: ClearanceInput) -> None:
    if not (value.is_finite() and Decimal(0) < value <= MOST_ML_MIN):
        raise InvalidInput(
            _("A clearance lies above 0 and up to %(most)s mL/min.", most=MOST_ML_MIN), field="value_ml_min"
        )
    check_fits(value, field="value_ml_min")
    if clearance_input.computed_from is not None and value != clearance_input.computed_from.value_ml_min:
        raise InvalidInput(_("The value is not the one that creatinine and weight give."), field="value_ml_min")


def _check_since_sepsis(clearance_input: ClearanceInput, moments: Moments, sepsis_at: datetime) -> None:
    check_not_before(
        clearance_input.sampled_at,
        sepsis_at - moments.before_sepsis,
        field="sampled_at",
        sentence=_("The sample lies long before sepsis was identified: give a newer clearance."),
    )
    if clearance_input.sampled_at < sepsis_at:
        ask(
            clearance_input.confirmed,
            "sampled_at",
            clearance_input.sampled_at,
            _("This was sampled before sepsis was identified: check the time, and confirm it if it is right."),
        )


def _ask_value(value: Decimal, clearance_input: ClearanceInput, protocol: Protocol) -> None:
    """One question for a value and what it was computed from."""
    odd, source = [], clearance_input.computed_from
    if source is not None and not source.is_plausible(protocol):
        odd.append(_("creatinine %(value)s %(unit)s", value=source.creatinine, unit=source.unit))
        odd.append(_("weight %(value)s kg", value=source.weight_kg))
    if odd or not protocol.analytes["clearance"].is_plausible(value):
        odd.append(_("clearance %(value)s mL/min", value=value))
        ask(
            clearance_input.confirmed,
            "value_ml_min",
            value,
            _(
                "This is implausible: %(odd)s. Read values and units again, and confirm it if it is right.",
                odd=joined(odd, ", "),
            ),
        )
