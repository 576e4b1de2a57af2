"""Forms of the trial manager."""

from __future__ import annotations

from django import forms

from randomization.accounts.forms import SiteForm
from randomization.accounts.roles import BLINDED_ROLES


class AppointForm(SiteForm):
    """Who gets which role, where, on which delegation and training."""

    user_name = forms.CharField(label="User name", help_text="A role and place, like nurse.gr01; never given again")
    email = forms.EmailField(label="E-mail")
    role = forms.ChoiceField(
        label="Role", choices=[(role.value, role.value.replace("_", " ")) for role in BLINDED_ROLES]
    )
    reach = forms.CharField(label="Site", required=False, help_text="GR01; empty for manager and auditor")
    delegated_by = forms.CharField(label="Delegated by", required=False)
    trained_for = forms.CharField(label="Trained for protocol version", required=False)
    password = forms.CharField(
        label="First password", widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}), strip=False,
        help_text="At least 12 characters; the person changes it at the first log-in",
    )  # fmt: skip


class EndForm(SiteForm):
    """Why a membership ends."""

    reason = forms.CharField(label="Why does it end?")


class SiteStateForm(SiteForm):
    """Open or closed."""

    state = forms.ChoiceField(
        label="The site is", choices=[("open", "Open for screening and randomisation"), ("closed", "Closed")],
        widget=forms.RadioSelect,
    )  # fmt: skip
    reason = forms.CharField(label="Why?")
