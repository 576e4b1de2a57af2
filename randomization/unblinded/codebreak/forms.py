"""Forms of the code break."""

from __future__ import annotations

from django import forms

from randomization.accounts.forms import ScanField, SigningForm
from randomization.unblinded.codebreak.categories import Category


class BreakForm(SigningForm):
    """One participant, why, and the signature."""

    request_uid = forms.UUIDField(widget=forms.HiddenInput)
    number = ScanField(label="Participant number or kit code")
    category = forms.ChoiceField(
        label="Why", widget=forms.RadioSelect,
        choices=[(item.value, item.label) for item in Category if item is not Category.DRILL],
    )  # fmt: skip
    reason = forms.CharField(label="Reason, in a few words", widget=forms.Textarea(attrs={"rows": 2}))


class DrillForm(SigningForm):
    """The rehearsal."""

    reason = forms.CharField(label="Occasion", initial="rehearsal before the first patient")
