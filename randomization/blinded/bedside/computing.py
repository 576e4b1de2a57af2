"""A clearance as typed on a form: the value, or what it is computed from."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from randomization.blinded.bedside.renal import cockcroft_gault, to_mg_dl
from randomization.blinded.bedside.services.record_clearance import ClearanceInput
from randomization.blinded.screening.models import Participant
from randomization.shared import clock
from randomization.shared.errors import InvalidInput
from randomization.shared.sentences import sentence as _


def is_computed(typed: Mapping[str, Any]) -> bool:
    """Whether the value is to be computed from what was typed."""
    return typed.get("creatinine") is not None or typed.get("weight_kg") is not None


def clearance_typed(person: Participant, typed: Mapping[str, Any]) -> ClearanceInput:
    """The value typed, or computed by Cockcroft-Gault from `creatinine`, `unit` and `weight_kg` with the recorded sex
    and year of birth. Raises InvalidInput for a value beside a creatinine, or what cannot be computed.
    """
    value, creatinine, weight = (typed.get(key) for key in ("value_ml_min", "creatinine", "weight_kg"))
    if not is_computed(typed):
        return ClearanceInput(value, typed["method"], typed["sampled_at"])
    if value is not None or typed["method"] != "cockcroft_gault":
        raise InvalidInput(
            _("Give the value, or choose Cockcroft-Gault with creatinine and weight."), field="creatinine"
        )
    if creatinine is None or weight is None or person.assessment is None:
        raise InvalidInput(_("Creatinine and weight are both needed to compute the clearance."), field="weight_kg")
    age = clock.now().year - person.assessment.year_of_birth
    try:
        made = cockcroft_gault(
            age_years=age, weight_kg=weight, female=person.assessment.sex == "female",
            creatinine_mg_dl=to_mg_dl(creatinine, typed.get("unit") or "mg/dL"),
        )  # fmt: skip
    except ValueError as error:
        raise InvalidInput(_("It cannot be computed: %(error)s.", error=str(error)), field="creatinine") from error
    return ClearanceInput(made, typed["method"], typed["sampled_at"])
