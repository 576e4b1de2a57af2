"""Forms at the bedside."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final

from django import forms

from randomization.accounts.forms import LocalTimeField, NumberField, ScanField, SigningForm, SiteForm
from randomization.blinded.bedside.states import LAST_DAY, ORGANS, MilestoneKind, StopCause, Wish
from randomization.shared import clock

METHODS: Final = (
    ("measured", "Measured"), ("cockcroft_gault", "Cockcroft-Gault"),
    ("renal_replacement", "Renal replacement therapy"),
)  # fmt: skip


class ClearanceForm(SiteForm):
    """A creatinine clearance, by value or computed from creatinine and weight."""

    method = forms.ChoiceField(label="How was it found?", choices=METHODS, widget=forms.RadioSelect)
    value_ml_min = NumberField(label="Creatinine clearance, mL/min", required=False,
                               help_text="Not per 1.73 m2; leave empty on renal replacement therapy")  # fmt: skip
    creatinine = NumberField(
        label="Or serum creatinine, to compute it", required=False,
        help_text="By Cockcroft-Gault, with sex and year of birth as recorded",
    )  # fmt: skip
    unit = forms.ChoiceField(
        label="Unit of creatinine", choices=[("mg/dL", "mg/dL"), ("umol/L", "micromol/L")], required=False
    )
    weight_kg = NumberField(label="Weight, kg, to compute it", required=False)
    sampled_at = LocalTimeField(label="When was it sampled?")


class AdministerForm(SiteForm):
    """Card first, then syringe."""

    participant_number = ScanField(label="1. Scan the patient's card", help_text="Or type the number, like GR01-001")
    barcode = ScanField(label="2. Scan the syringe", help_text="The square code on its label")
    at = LocalTimeField(label="Given at", required=False, help_text="Leave empty for now")
    volume_ml = NumberField(label="Volume given, mL, if only a part", required=False)
    reason = forms.CharField(label="Reason, if it was more than 15 minutes ago", required=False)


class TranscribeForm(SiteForm):
    """What the chart says: who gave it, when; and why it is recorded only now."""

    participant_number = ScanField(label="Participant number", help_text="Like GR01-001")
    barcode = ScanField(
        label="Code of the syringe", help_text="As printed on its label, under the square code or typed"
    )
    given_by = forms.CharField(label="Who gave it?", help_text="User name, like nurse.gr01")
    at = LocalTimeField(label="When was it given, by the chart?")
    volume_ml = NumberField(label="Volume given, mL, if only a part", required=False)
    reason = forms.CharField(label="Why is it recorded only now?")


class ReasonForm(SiteForm):
    """Why."""

    reason = forms.CharField(label="Why?")


class ChartForm(SiteForm):
    """A day of charted times, pasted."""

    participant_number = ScanField(label="Participant number", help_text="Like GR01-001")
    day = forms.DateField(label="Day", widget=forms.DateInput(attrs={"type": "date"}))
    text = forms.CharField(
        label="The chart of that day", widget=forms.Textarea(attrs={"rows": 6}),
        help_text="One dose a line: route, number, local time, like IV 07 14:05",
    )  # fmt: skip


class PlanForm(ReasonForm):
    """When the first dose shall be given."""

    at = LocalTimeField(label="Planned first dose")
    field_order = ("at", "reason")


class StopForm(SigningForm):
    """Why and when treatment ended."""

    cause = forms.ChoiceField(
        label="Why does treatment end?", widget=forms.RadioSelect,
        choices=[(cause.value, cause.value.capitalize()) for cause in StopCause if cause is not StopCause.WITHDRAWAL],
    )  # fmt: skip
    at = LocalTimeField(label="When did it end?")
    reason = forms.CharField(label="In a few words")


class ShiftForm(ReasonForm):
    """To which of the ward's hours dose 2 moves."""

    to = forms.ChoiceField(label="Dose 2 moves to", widget=forms.RadioSelect)
    field_order = ("to", "reason")

    def __init__(self, *args: Any, choices: list[datetime], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        words = [(clock.stamp(at), f"{clock.site_moment(at, self.zone):%d %b %H:%M (UTC%z)}") for at in choices]
        self.fields["to"].choices = words  # type: ignore[attr-defined]


class WithdrawForm(SigningForm):
    """From what consent is withdrawn."""

    scope = forms.ChoiceField(
        label="From what?", widget=forms.RadioSelect,
        choices=[("treatment", "Treatment"), ("follow-up", "Follow-up"), ("data", "Any further use of data")],
    )  # fmt: skip
    at = LocalTimeField(label="When was it said?")
    reason = forms.CharField(label="In a few words; no names")


class SofaForm(SiteForm):
    """One day by organ."""

    day = forms.TypedChoiceField(
        label="Day", coerce=int, choices=[(day, f"Day {day}") for day in range(1, LAST_DAY + 1)]
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for organ in ORGANS:
            self.fields[organ] = forms.TypedChoiceField(
                label=organ.capitalize(), coerce=int, choices=[(score, str(score)) for score in range(5)],
                widget=forms.RadioSelect,
            )  # fmt: skip
        self.fields["reason"] = forms.CharField(label="Reason, if this corrects an earlier entry", required=False)

    def scores(self) -> dict[str, int]:
        """By organ."""
        return {organ: self.cleaned_data[organ] for organ in ORGANS}


class SofaFileForm(ReasonForm):
    """A file of scores."""

    file = forms.FileField(label="CSV file", help_text="One line a participant and day")
    dry_run = forms.BooleanField(label="Only check it, record nothing", required=False, initial=True)
    field_order = ("file", "dry_run", "reason")


class MilestoneForm(SiteForm):
    """Discharge, death, loss to follow-up."""

    kind = forms.ChoiceField(
        label="What happened?",
        widget=forms.RadioSelect,
        choices=[(kind.value, kind.value.capitalize()) for kind in MilestoneKind],
    )
    at = LocalTimeField(label="When?")
    reason = forms.CharField(label="Reason, if this corrects an earlier entry", required=False)


class HandoverForm(SigningForm):
    """Who takes over."""

    to = forms.CharField(label="Who takes over?", help_text="User name, like nurse.gr01")
    note = forms.CharField(label="Anything else; no names", required=False)


class RequestForm(SiteForm):
    """One of the fixed things."""

    wish = forms.ChoiceField(
        label="What should the pharmacy know?", widget=forms.RadioSelect,
        choices=[(Wish.EARLIER, "The dose is needed earlier"), (Wish.REPLACE, "The line failed: replace the syringe")],
    )  # fmt: skip


class ExplainForm(SiteForm):
    """Why a deviation happened, and what was done."""

    explanation = forms.CharField(
        label="Why did it happen, and what was done?", widget=forms.Textarea(attrs={"rows": 3})
    )
