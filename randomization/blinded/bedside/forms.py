"""Forms at the bedside."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final

from django import forms
from django.utils.dateformat import format as as_date
from django.utils.translation import gettext_lazy as _

from randomization.blinded.bedside.states import NOT_RECORDED, StopCause, WardRequestKind
from randomization.delivery.forms import LocalTimeField, NumberField, ScanField, SigningForm, SiteForm
from randomization.shared import clock

METHODS: Final = (
    ("measured", _("Measured")),
    ("cockcroft_gault", _("Cockcroft-Gault")),
    ("renal_replacement", _("Renal replacement therapy")),
)


def _hour(at: datetime, zone: str) -> str:
    local = clock.site_moment(at, zone)
    return f"{as_date(local, 'd M H:i')} (UTC{local:%z})"


class ClearanceForm(SiteForm):
    """A creatinine clearance, by value or computed from creatinine and weight."""

    method = forms.ChoiceField(
        label=_("How was creatinine clearance found?"), choices=METHODS, widget=forms.RadioSelect
    )
    value_ml_min = NumberField(
        label=_("Creatinine clearance, mL/min"),
        required=False,
        help_text=_("Not per 1.73 m2; leave empty on renal replacement therapy"),
    )
    creatinine = NumberField(
        label=_("Or serum creatinine, to compute it"),
        required=False,
        help_text=_("By Cockcroft-Gault, with sex and year of birth as recorded"),
    )
    unit = forms.ChoiceField(
        label=_("Unit of creatinine"),
        required=False,
        choices=[("", _("Choose")), ("mg/dL", "mg/dL"), ("umol/L", _("micromol/L"))],
    )
    weight_kg = NumberField(label=_("Weight, kg, to compute it"), required=False)
    sampled_at = LocalTimeField(label=_("When was it sampled?"))


class AdministerForm(SiteForm):
    """Card first, then syringe."""

    participant_number = ScanField(
        label=_("1. Scan the patient's card"), help_text=_("Or type the number, like GR01-001")
    )
    barcode = ScanField(
        label=_("2. Scan the syringe"), help_text=_("The square code on its label, or type its packaging code")
    )
    at = LocalTimeField(label=_("Given at"), required=False, help_text=_("Leave empty for now"))
    volume_ml = NumberField(label=_("Volume given, mL, if only a part"), required=False)
    reason = forms.CharField(label=_("Reason, if it was more than 15 minutes ago"), required=False)


class TranscribeForm(SiteForm):
    """What the chart says: who gave it, when; and why it is recorded only now."""

    participant_number = ScanField(label=_("Participant number"), help_text=_("Like GR01-001"))
    barcode = ScanField(
        label=_("Code of the syringe"), help_text=_("As printed on its label, under the square code or typed")
    )
    given_by = forms.CharField(label=_("Who gave it?"), help_text=_("User name, like nurse.gr01"))
    at = LocalTimeField(label=_("When was it given, by the chart?"))
    volume_ml = NumberField(label=_("Volume given, mL, if only a part"), required=False)
    reason = forms.CharField(label=_("Why is it recorded only now?"))


class ReasonForm(SiteForm):
    """Why."""

    reason = forms.CharField(label=_("Why?"))


class CorrectForm(SiteForm):
    """What is true of a dose, and why it was recorded otherwise."""

    outcome = forms.ChoiceField(
        label=_("What is true?"),
        widget=forms.RadioSelect,
        choices=[
            ("given", _("It was given")),
            ("missed", _("It was not given")),
            (NOT_RECORDED, _("It was not missed: it is still to be given, and is planned again")),
        ],
    )
    at = LocalTimeField(label=_("When was it given?"), required=False)
    volume_ml = NumberField(label=_("Volume given, mL"), required=False, help_text=_("Empty: as it was recorded"))
    given_by = forms.CharField(
        label=_("Who gave it?"), required=False, help_text=_("User name; empty: as it was recorded")
    )
    barcode = ScanField(
        label=_("Code of the syringe"),
        required=False,
        help_text=_("Needed where it was recorded as missed; else empty, unless it was another syringe"),
    )
    reason = forms.CharField(label=_("Why was it recorded otherwise?"))
    seen = forms.CharField(widget=forms.HiddenInput, required=False)


class ChartForm(SiteForm):
    """A day of charted times, pasted."""

    participant_number = ScanField(label=_("Participant number"), help_text=_("Like GR01-001"))
    day = forms.DateField(label=_("Day"), widget=forms.DateInput(attrs={"type": "date"}))
    text = forms.CharField(
        label=_("The chart of that day"),
        widget=forms.Textarea(attrs={"rows": 6}),
        help_text=_("One dose a line: route, number, local time, like IV 07 14:05"),
    )


class PlanForm(ReasonForm):
    """When the first dose shall be given."""

    at = LocalTimeField(label=_("Planned first dose"))
    field_order = ("at", "reason")


class StopForm(SigningForm):
    """Why and when treatment ended."""

    cause = forms.ChoiceField(
        label=_("Why does treatment end?"),
        widget=forms.RadioSelect,
        choices=[
            (StopCause.DISCHARGE.value, _("Discharge")),
            (StopCause.DEATH.value, _("Death")),
            (StopCause.DECISION.value, _("Investigator's decision")),
        ],
    )
    at = LocalTimeField(label=_("When did it end?"))
    reason = forms.CharField(label=_("In a few words"))


class ShiftForm(ReasonForm):
    """To which of the ward's hours dose 2 moves."""

    to = forms.ChoiceField(label=_("Dose 2 moves to"), widget=forms.RadioSelect)
    field_order = ("to", "reason")

    def __init__(self, *args: Any, choices: list[datetime], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        words = [(clock.stamp(at), _hour(at, self.zone)) for at in choices]
        self.fields["to"].choices = words  # type: ignore[attr-defined]


class RequestForm(SiteForm):
    """One of the fixed things."""

    wish = forms.ChoiceField(
        label=_("What should the pharmacy know?"),
        widget=forms.RadioSelect,
        choices=[
            (WardRequestKind.EARLIER, _("The dose is needed earlier")),
            (WardRequestKind.REPLACE, _("The line failed: replace the syringe")),
        ],
    )


class ExplainForm(SiteForm):
    """Why a deviation happened, and what was done."""

    explanation = forms.CharField(
        label=_("Why did it happen, and what was done?"), widget=forms.Textarea(attrs={"rows": 3})
    )
