"""Forms of screening."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from randomization.delivery.forms import LocalTimeField, SigningForm, SiteForm
from randomization.shared.protocol import Criterion

YES_NO = (("yes", _("Yes")), ("no", _("No")))


class RegisterForm(SiteForm):
    """Before consent: time of sepsis, nothing more."""

    sepsis_at = LocalTimeField(label=_("When was sepsis identified?"))
    earlier = forms.CharField(
        label=_("Number given at an earlier screening, if any"), required=False, help_text=_("Like GR01-001")
    )


class SepsisForm(SiteForm):
    """The time of sepsis, and why it changes."""

    sepsis_at = LocalTimeField(label=_("When was sepsis identified?"))
    reason = forms.CharField(label=_("Reason for the correction"))


class ConsentForm(SiteForm):
    """Who consented, by which form, when."""

    given_by = forms.ChoiceField(
        label=_("Who consented?"),
        choices=[("patient", _("The patient")), ("next_of_kin", _("Next of kin"))],
        widget=forms.RadioSelect,
    )
    relation = forms.CharField(label=_("Relation of the next of kin"), required=False, help_text=_("No name"))
    form_version = forms.ChoiceField(label=_("Version of the consent form"))
    given_at = LocalTimeField(label=_("When was consent given?"))
    reason = forms.CharField(label=_("Reason, if this corrects an earlier entry"), required=False)

    def __init__(self, *args: Any, versions: tuple[str, ...], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["form_version"].choices = [(item, item) for item in versions]  # type: ignore[attr-defined]


class LaterConsentForm(SiteForm):
    """What the patient says, when able to."""

    answer = forms.ChoiceField(
        label=_("What does the patient say?"),
        widget=forms.RadioSelect,
        choices=[("given", _("Consents")), ("refused", _("Refuses")), ("not possible", _("Cannot be asked"))],
    )
    form_version = forms.ChoiceField(label=_("Version of the consent form"))
    answered_at = LocalTimeField(label=_("When?"))
    note = forms.CharField(label=_("Why the patient cannot be asked"), required=False)

    def __init__(self, *args: Any, versions: tuple[str, ...], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["form_version"].choices = [(item, item) for item in versions]  # type: ignore[attr-defined]


class EligibilityForm(SiteForm):
    """The protocol's questions, one field each."""

    sex = forms.ChoiceField(
        label=_("Sex"), choices=[("female", _("Female")), ("male", _("Male"))], widget=forms.RadioSelect
    )
    year_of_birth = forms.IntegerField(label=_("Year of birth"), help_text=_("Four digits; no date of birth is kept"))
    neutrophils_per_mm3 = forms.IntegerField(label=_("Neutrophils per mm3"), help_text=_("4.5 x 10^9/L is 4500"))
    reason = forms.CharField(label=_("Reason, if this corrects an earlier entry"), required=False)

    def __init__(self, *args: Any, criteria: tuple[Criterion, ...], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.criteria = criteria
        for criterion in criteria:
            self.fields[criterion.key] = forms.ChoiceField(
                label=f"{criterion.text}?",
                choices=YES_NO,
                widget=forms.RadioSelect,
                required=False,
                help_text=format_lazy(
                    _("The answer no bars entry: {reason}")
                    if criterion.met(True)
                    else _("The answer yes bars entry: {reason}"),
                    reason=criterion.reason,
                ),
            )
        self.order_fields(["sex", "year_of_birth", *(item.key for item in criteria), "neutrophils_per_mm3", "reason"])

    def answers(self) -> dict[str, bool]:
        """The questions answered."""
        choices = {item.key: self.cleaned_data.get(item.key) for item in self.criteria}
        return {key: value == "yes" for key, value in choices.items() if value}


class IdentityForm(SiteForm):
    """One question for each look-alike, one for the other sites."""

    elsewhere = forms.ChoiceField(
        label=_("Was this person randomised at another site of the trial?"),
        choices=YES_NO,
        widget=forms.RadioSelect,
        help_text=_("Ask the patient or next of kin, and read the letters that came with the patient"),
    )
    reason = forms.CharField(label=_("Reason, if this corrects an earlier entry"), required=False)

    def __init__(self, *args: Any, numbers: Sequence[str] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.numbers = numbers
        for number in numbers:
            self.fields[f"same_{number}"] = forms.ChoiceField(
                label=format_lazy(_("Is it the same person as {number}?"), number=number),
                choices=YES_NO,
                widget=forms.RadioSelect,
            )
        self.order_fields([*(f"same_{number}" for number in numbers), "elsewhere", "reason"])

    def same(self) -> dict[str, bool]:
        """The answers by number."""
        return {number: self.cleaned_data[f"same_{number}"] == "yes" for number in self.numbers}


class SampleForm(SiteForm):
    """A sample drawn."""

    drawn_at = LocalTimeField(label=_("When was the sample drawn?"))
    covid19 = forms.ChoiceField(label=_("Does the patient have COVID-19?"), choices=YES_NO, widget=forms.RadioSelect)


class FurtherSampleForm(SampleForm):
    """One more sample, and why."""

    reason = forms.CharField(
        label=_("Why is another sample drawn?"), help_text=_("Like: haemolysed, not enough blood, drawn before consent")
    )


class DiscardForm(SiteForm):
    """Why the last sample cannot be judged."""

    reason = forms.CharField(label=_("Why can it not be used?"), help_text=_("Like: haemolysed, lost on the way"))


class Covid19Form(SigningForm):
    """The right answer, and why the one before was wrong."""

    covid19 = forms.ChoiceField(label=_("Does the patient have COVID-19?"), choices=YES_NO, widget=forms.RadioSelect)
    reason = forms.CharField(label=_("Reason for the correction"))


class ShipForm(SiteForm):
    """A sample handed to the courier."""

    shipped_at = LocalTimeField(label=_("When was the sample shipped?"))


class SampleCorrectionForm(SampleForm):
    """All that was recorded of the sample, and why it changes."""

    shipped_at = LocalTimeField(label=_("When was the sample shipped?"), required=False)
    reason = forms.CharField(label=_("Reason for the correction"))


class ConfirmForm(SigningForm):
    """The physician's signature, nothing else."""
