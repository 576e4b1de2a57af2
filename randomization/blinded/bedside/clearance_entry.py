"""A clearance as typed: the value, or what it is computed from. Page and API read it here."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from randomization.blinded.bedside.clearance import ClearanceInput, ComputedFrom, NotShownYet
from randomization.blinded.screening.models import Participant
from randomization.shared import clock
from randomization.shared.errors import InvalidInput
from randomization.shared.sentences import sentence as _


def _is_computed(typed: Mapping[str, Any]) -> bool:
    return typed.get("creatinine") is not None or typed.get("weight_kg") is not None


def clearance_typed(participant: Participant, typed: Mapping[str, Any]) -> ClearanceInput:
    """The value typed, or computed by Cockcroft-Gault from `creatinine`, `unit` and `weight_kg` with the recorded sex
    and year of birth. A value beside a creatinine must be the one that it gives. Raises InvalidInput naming the field.
    """
    value, method, sampled_at = typed.get("value_ml_min"), typed["method"], typed["sampled_at"]
    if not _is_computed(typed):
        return ClearanceInput(value, method, sampled_at, confirmed=tuple(typed.get("confirmed") or ()))
    if method != "cockcroft_gault":
        raise InvalidInput(
            _("Give the value, or choose Cockcroft-Gault with creatinine and weight."), field="creatinine"
        )
    source = _source(participant, typed)
    computed = source.value_ml_min
    if value is not None and value != computed:
        raise InvalidInput(
            _(
                "Creatinine and weight give %(computed)s mL/min: clear this field to compute it again.",
                computed=computed,
            ),
            field="value_ml_min",
        )
    confirmed = tuple(typed.get("confirmed") or ())
    return ClearanceInput(computed, method, sampled_at, computed_from=source, confirmed=confirmed)


def _source(participant: Participant, typed: Mapping[str, Any]) -> ComputedFrom:
    """What it is computed from; age in whole years by the year of birth, in the year of sampling."""
    creatinine, unit, weight = (typed.get(key) for key in ("creatinine", "unit", "weight_kg"))
    if creatinine is None or weight is None or participant.assessment is None:
        raise InvalidInput(_("Creatinine and weight are both needed to compute the clearance."), field="weight_kg")
    if not unit:
        raise InvalidInput(_("Choose the unit of creatinine: mg/dL or micromol/L."), field="unit", code="unit_missing")
    year = clock.site_moment(typed["sampled_at"], participant.site.time_zone).year
    return ComputedFrom(
        creatinine=Decimal(creatinine),
        unit=unit,
        weight_kg=Decimal(weight),
        age_years=year - participant.assessment.year_of_birth,
        female=participant.assessment.sex == "female",
    )


def clearance_to_sign(participant: Participant, typed: Mapping[str, Any]) -> ClearanceInput:
    """As `clearance_typed`, for a clearance that is signed: nobody signs a number that was not shown.

    Raises NotShownYet, which holds the computed clearance, where the value did not come with the rest.
    """
    clearance = clearance_typed(participant, typed)
    if clearance.computed_from is not None and typed.get("value_ml_min") is None:
        raise NotShownYet(clearance.shown)
    return clearance
