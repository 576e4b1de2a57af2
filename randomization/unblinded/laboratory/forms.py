"""Forms of the laboratory."""

from __future__ import annotations

from django import forms

from randomization.accounts.forms import LocalTimeField, SiteForm


class ReceiptForm(SiteForm):
    """A sample arrived."""

    received_at = LocalTimeField(label="When did the sample arrive?")


class ResultForm(SiteForm):
    """One value as reported."""

    analyte = forms.ChoiceField(
        label="What was measured?", widget=forms.RadioSelect,
        choices=[("ferritin", "Ferritin, ng/mL"), ("hla_dr", "HLA-DR, molecules per monocyte")],
    )  # fmt: skip
    value = forms.CharField(label="Value", help_text="As reported: 1200, or >40000 beyond the range")
    reason = forms.CharField(label="Reason, if this corrects an earlier value", required=False)


class CloseForm(SiteForm):
    """A value will not come."""

    reason = forms.CharField(label="Why is the sample closed?")
