"""The form that randomises."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from randomization.accounts.forms import LocalTimeField, NumberField, SigningForm
from randomization.accounts.sentences import shown
from randomization.blinded.allocation.selectors import kinds_of_misallocation
from randomization.blinded.bedside.forms import METHODS


class EnvelopeForm(SigningForm):
    """Which envelope was opened in an outage, when, and what was known then."""

    kit_code = forms.CharField(
        label=_("Kit code on the envelope"), help_text=_("Eight characters, with or without the dash")
    )
    opened_at = LocalTimeField(label=_("When was it opened?"))
    first_dose_at = LocalTimeField(label=_("First dose, given or planned"))
    method = forms.ChoiceField(
        label=_("How was creatinine clearance found?"), choices=METHODS, widget=forms.RadioSelect
    )
    value_ml_min = NumberField(
        label=_("Creatinine clearance, mL/min"), required=False, help_text=_("Leave empty on renal replacement therapy")
    )
    sampled_at = LocalTimeField(label=_("When was it sampled?"))
    out_of_order_reason = forms.CharField(
        label=_("Why was an earlier envelope left closed, if one was?"), required=False
    )


class MisallocationForm(SigningForm):
    """What was wrong, and what is true instead."""

    kind = forms.ChoiceField(label=_("What was wrong?"), widget=forms.RadioSelect)
    truth = forms.CharField(label=_("What is true instead?"), widget=forms.Textarea(attrs={"rows": 3}))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        kind: Any = self.fields["kind"]
        kind.choices = [(value, shown(words)) for value, words in kinds_of_misallocation()]


class RandomiseForm(SigningForm):
    """First creatinine clearance, planned first dose, and the signature."""

    method = forms.ChoiceField(
        label=_("How was creatinine clearance found?"), choices=METHODS, widget=forms.RadioSelect
    )
    value_ml_min = NumberField(
        label=_("Creatinine clearance, mL/min"), required=False, help_text=_("Leave empty on renal replacement therapy")
    )
    sampled_at = LocalTimeField(label=_("When was it sampled?"))
    first_dose_at = LocalTimeField(label=_("Planned first dose, if not in one hour"), required=False)
    caution_reason = forms.CharField(
        label=_("Why do you randomise all the same?"), required=False, widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("It is recorded; nothing is forbidden"),
    )  # fmt: skip

    def __init__(self, *args: Any, ask_reason: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not ask_reason and not self.data.get("caution_reason"):
            self.fields["caution_reason"].widget = forms.HiddenInput()
