"""Forms of the code break."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from randomization.delivery.forms import LocalTimeField, ScanField, SigningForm, SiteForm
from randomization.unblinded.codebreak.categories import Category, Necessity


class WhyForm(SigningForm):
    """One participant, why, and the signature; categories of the person's own function alone."""

    number = ScanField(label=_("Participant number or kit code"))
    category = forms.ChoiceField(label=_("Why"), widget=forms.RadioSelect)
    reason = forms.CharField(label=_("Reason, in a few words"), widget=forms.Textarea(attrs={"rows": 2}))

    def __init__(self, *args: Any, safety: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        left_out = {Category.DRILL} if safety else {Category.DRILL, Category.SAFETY_REPORT}
        choices = [(item.value, item.label) for item in Category if item not in left_out]
        self.fields["category"].choices = choices  # type: ignore[attr-defined]


class BreakForm(WhyForm):
    """Shown to the person who signs."""

    request_uid = forms.UUIDField(widget=forms.HiddenInput)


class OfflineForm(WhyForm):
    """What stands on paper of a code broken from a pack."""

    broken_at = LocalTimeField(label=_("When was it read from the pack?"))
    seen_by = forms.CharField(
        max_length=300, label=_("Who has seen the treatment?"), help_text=_("User name, or name and function")
    )


class ThirdPartyForm(SiteForm):
    """Who reads the treatment, by a code."""

    code = ScanField(label=_("Code"), help_text=_("Eight characters, with or without the dash"))
    name = forms.CharField(label=_("Your name"), max_length=80)
    function = forms.CharField(label=_("Your function"), max_length=80, help_text=_("Like: physician on duty"))
    telephone = forms.CharField(label=_("Your telephone"), max_length=40, widget=forms.TextInput(attrs={"type": "tel"}))


class DrillForm(SigningForm):
    """The rehearsal."""

    reason = forms.CharField(label=_("Occasion"), initial="rehearsal before the first patient")


class ImpactForm(SigningForm):
    """What an unblinding means for the trial."""

    necessity = forms.ChoiceField(label=_("Was it needed?"), widget=forms.RadioSelect, choices=Necessity.choices)
    spread = forms.CharField(label=_("Who else knows"), widget=forms.Textarea(attrs={"rows": 2}))
    effect = forms.CharField(
        label=_("Effect on the patient's data and on the trial"), widget=forms.Textarea(attrs={"rows": 3})
    )
    measures = forms.CharField(label=_("Measures"), widget=forms.Textarea(attrs={"rows": 3}))
