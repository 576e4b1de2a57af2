"""Forms at the bedside."""

from __future__ import annotations

from typing import Final

from django import forms

from randomization.accounts.forms import LocalTimeField, NumberField, ScanField, SiteForm
from randomization.blinded.bedside.states import Wish

METHODS: Final = (
    ("measured", "Measured"), ("cockcroft_gault", "Cockcroft-Gault"),
    ("renal_replacement", "Renal replacement therapy"),
)  # fmt: skip


class ClearanceForm(SiteForm):
    """A creatinine clearance."""

    method = forms.ChoiceField(label="How was it found?", choices=METHODS, widget=forms.RadioSelect)
    value_ml_min = NumberField(label="Creatinine clearance, mL/min", required=False,
                               help_text="Not per 1.73 m2; leave empty on renal replacement therapy")  # fmt: skip
    sampled_at = LocalTimeField(label="When was it sampled?")


class AdministerForm(SiteForm):
    """Card first, then syringe."""

    participant_number = ScanField(label="1. Scan the patient's card", help_text="Or type the number, like GR01-001")
    barcode = ScanField(label="2. Scan the syringe", help_text="The square code on its label")
    at = LocalTimeField(label="Given at", required=False, help_text="Leave empty for now")
    volume_ml = NumberField(label="Volume given, mL, if only a part", required=False)


class RequestForm(SiteForm):
    """One of the fixed things."""

    wish = forms.ChoiceField(
        label="What should the pharmacy know?", widget=forms.RadioSelect,
        choices=[(Wish.EARLIER, "The dose is needed earlier"), (Wish.REPLACE, "The line failed: replace the syringe")],
    )  # fmt: skip
