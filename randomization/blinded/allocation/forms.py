"""The form that randomises."""

from __future__ import annotations

from django import forms

from randomization.accounts.forms import LocalTimeField, NumberField, SigningForm
from randomization.blinded.bedside.forms import METHODS


class RandomiseForm(SigningForm):
    """First creatinine clearance, planned first dose, and the signature."""

    method = forms.ChoiceField(label="How was creatinine clearance found?", choices=METHODS, widget=forms.RadioSelect)
    value_ml_min = NumberField(
        label="Creatinine clearance, mL/min", required=False, help_text="Leave empty on renal replacement therapy"
    )
    sampled_at = LocalTimeField(label="When was it sampled?")
    first_dose_at = LocalTimeField(label="Planned first dose, if not in one hour", required=False)
