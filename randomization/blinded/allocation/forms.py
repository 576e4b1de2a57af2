"""The form that randomises."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from randomization.blinded.allocation.selectors import kinds_of_misallocation
from randomization.blinded.bedside.forms import ClearanceForm
from randomization.delivery.forms import LocalTimeField, SigningForm
from randomization.delivery.sentences import shown


class EnvelopeForm(ClearanceForm, SigningForm):
    """Which envelope was opened in an outage, when, and what was known then."""

    kit_code = forms.CharField(
        label=_("Kit code on the envelope"), help_text=_("Eight characters, with or without the dash")
    )
    opened_at = LocalTimeField(label=_("When was it opened?"))
    first_dose_at = LocalTimeField(label=_("First dose, given or planned"))
    out_of_order_reason = forms.CharField(
        label=_("Why was an earlier envelope left closed, if one was?"), required=False
    )
    departure_reason = forms.CharField(
        label=_("Why was it opened against the protocol, if it was?"),
        required=False,
        help_text=_("What was against it is said when you sign, and recorded as a deviation"),
    )
    without_verdict = forms.BooleanField(
        label=_("There is no eligible verdict, and none will come: enter it all the same"),
        required=False,
        help_text=_("Treatment ends with it. If a verdict can still come, wait for it"),
    )

    def __init__(self, *args: Any, has_verdict: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if has_verdict:
            del self.fields["without_verdict"]


class MisallocationForm(SigningForm):
    """What was wrong, and what is true instead."""

    kind = forms.ChoiceField(label=_("What was wrong?"), widget=forms.RadioSelect)
    truth = forms.CharField(label=_("What is true instead?"), widget=forms.Textarea(attrs={"rows": 3}))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        kind: Any = self.fields["kind"]
        kind.choices = [(value, shown(words)) for value, words in kinds_of_misallocation()]


class RandomiseForm(ClearanceForm, SigningForm):
    """First creatinine clearance, planned first dose, and the signature."""

    first_dose_at = LocalTimeField(label=_("Planned first dose, if not in one hour"), required=False)
    caution_reason = forms.CharField(
        label=_("Why do you randomise all the same?"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("It is recorded; nothing is forbidden"),
    )

    def __init__(self, *args: Any, ask_reason: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not ask_reason and not self.data.get("caution_reason"):
            self.fields["caution_reason"].widget = forms.HiddenInput()
