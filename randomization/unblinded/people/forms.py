"""Forms of appointment."""

from __future__ import annotations

from django import forms

from randomization.accounts.forms import SiteForm
from randomization.accounts.roles import UNBLINDED_ROLES


class ProposeForm(SiteForm):
    """Who gets which role, where."""

    user_name = forms.CharField(
        label="User name", help_text="A role and place, like pharmacist.gr01; never given again"
    )
    email = forms.EmailField(label="E-mail")
    role = forms.ChoiceField(
        label="Role", choices=[(role.value, role.value.replace("_", " ")) for role in UNBLINDED_ROLES]
    )
    reach = forms.CharField(label="Site or country", required=False, help_text="GR01, or GR for a laboratory")
    delegated_by = forms.CharField(label="Delegated by", required=False)
    trained_for = forms.CharField(label="Trained for protocol version", required=False)
    password = forms.CharField(
        label="First password", widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}), strip=False,
        help_text="At least 12 characters",
    )  # fmt: skip
