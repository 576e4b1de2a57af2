"""Forms of the trial manager."""

from __future__ import annotations

from django import forms

from randomization.accounts.forms import AppointForm, SiteForm
from randomization.accounts.roles import BLINDED_ROLES


class AppointBlindedForm(AppointForm):
    """A blinded person."""

    roles = BLINDED_ROLES


class SiteStateForm(SiteForm):
    """Open or closed."""

    state = forms.ChoiceField(
        label="The site is", choices=[("open", "Open for screening and randomisation"), ("closed", "Closed")],
        widget=forms.RadioSelect,
    )  # fmt: skip
    reason = forms.CharField(label="Why?")
