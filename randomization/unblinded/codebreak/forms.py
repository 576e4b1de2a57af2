"""Forms of the code break."""

from __future__ import annotations

from typing import Any

from django import forms

from randomization.accounts.forms import LocalTimeField, ScanField, SigningForm, SiteForm
from randomization.unblinded.codebreak.categories import Category, Necessity


class WhyForm(SigningForm):
    """One participant, why, and the signature; categories of the person's own function alone."""

    number = ScanField(label="Participant number or kit code")
    category = forms.ChoiceField(label="Why", widget=forms.RadioSelect)
    reason = forms.CharField(label="Reason, in a few words", widget=forms.Textarea(attrs={"rows": 2}))

    def __init__(self, *args: Any, safety: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        left_out = {Category.DRILL} if safety else {Category.DRILL, Category.SAFETY_REPORT}
        choices = [(item.value, item.label) for item in Category if item not in left_out]
        self.fields["category"].choices = choices  # type: ignore[attr-defined]


class BreakForm(WhyForm):
    """Shown to whoever signs."""

    request_uid = forms.UUIDField(widget=forms.HiddenInput)


class OfflineForm(WhyForm):
    """What stands on paper of a code broken from a pack."""

    broken_at = LocalTimeField(label="When was it read from the pack?")
    seen_by = forms.CharField(label="Who has seen the treatment?", help_text="User name, or name and function")


class ThirdPartyForm(SiteForm):
    """Who reads the treatment, by a code."""

    code = ScanField(label="Code", help_text="Eight characters, with or without the dash")
    name = forms.CharField(label="Your name", max_length=80)
    function = forms.CharField(label="Your function", max_length=80, help_text="Like: physician on duty")
    telephone = forms.CharField(label="Your telephone", max_length=40, widget=forms.TextInput(attrs={"type": "tel"}))


class DrillForm(SigningForm):
    """The rehearsal."""

    reason = forms.CharField(label="Occasion", initial="rehearsal before the first patient")


class ImpactForm(SigningForm):
    """What an unblinding means for the trial."""

    necessity = forms.ChoiceField(label="Was it needed?", widget=forms.RadioSelect, choices=Necessity.choices)
    spread = forms.CharField(label="Who else knows", widget=forms.Textarea(attrs={"rows": 2}))
    effect = forms.CharField(
        label="Effect on the patient's data and on the trial", widget=forms.Textarea(attrs={"rows": 3})
    )
    measures = forms.CharField(label="Measures", widget=forms.Textarea(attrs={"rows": 3}))
