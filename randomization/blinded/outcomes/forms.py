"""Forms of outcomes, withdrawal, transfer and handover."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.text import format_lazy
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from randomization.blinded.bedside.forms import ReasonForm
from randomization.blinded.outcomes.states import LAST_DAY, ORGANS, MilestoneKind
from randomization.delivery.forms import LocalTimeField, SigningForm, SiteForm


class WithdrawForm(SigningForm):
    """From what consent is withdrawn."""

    scope = forms.ChoiceField(
        label=_("From what?"),
        widget=forms.RadioSelect,
        choices=[("treatment", _("Treatment")), ("follow-up", _("Follow-up")), ("data", _("Any further use of data"))],
    )
    at = LocalTimeField(label=_("When was it said?"))
    reason = forms.CharField(label=_("In a few words; no names"))


class SofaForm(SiteForm):
    """One day by organ."""

    day = forms.TypedChoiceField(
        label=_("Day"),
        coerce=int,
        choices=[(day, format_lazy("{} {}", _("Day"), day)) for day in range(1, LAST_DAY + 1)],
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for organ in ORGANS:
            self.fields[organ] = forms.TypedChoiceField(
                label=gettext(organ.capitalize()),
                coerce=int,
                choices=[(score, str(score)) for score in range(5)],
                widget=forms.RadioSelect,
            )
        self.fields["reason"] = forms.CharField(label=_("Reason, if this corrects an earlier entry"), required=False)

    def scores(self) -> dict[str, int]:
        """By organ."""
        return {organ: self.cleaned_data[organ] for organ in ORGANS}


class SofaFileForm(ReasonForm):
    """A file of scores."""

    file = forms.FileField(label=_("CSV file"), help_text=_("One line a participant and day"))
    dry_run = forms.BooleanField(label=_("Only check it, record nothing"), required=False, initial=True)
    field_order = ("file", "dry_run", "reason")


class MilestoneForm(SiteForm):
    """Discharge, death, loss to follow-up."""

    kind = forms.ChoiceField(
        label=_("What happened?"),
        widget=forms.RadioSelect,
        choices=[
            (MilestoneKind.DISCHARGE.value, _("Discharge")),
            (MilestoneKind.DEATH.value, _("Death")),
            (MilestoneKind.LOST.value, _("Lost to follow-up")),
        ],
    )
    at = LocalTimeField(label=_("When?"))
    reason = forms.CharField(label=_("Reason, if this corrects an earlier entry"), required=False)


class HandoverForm(SigningForm):
    """Who takes over."""

    to = forms.CharField(label=_("Who takes over?"), help_text=_("User name, like nurse.gr01"))
    note = forms.CharField(label=_("Anything else; no names"), required=False)
