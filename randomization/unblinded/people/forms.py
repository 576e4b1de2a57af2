"""Forms of appointment."""

from __future__ import annotations

from django import forms

from randomization.accounts.forms import AppointForm, SiteForm
from randomization.accounts.roles import UNBLINDED_ROLES


class ProposeForm(AppointForm):
    """An unblinded person."""

    roles = UNBLINDED_ROLES


class EndForm(SiteForm):
    """Why a membership ends."""

    reason = forms.CharField(label="Why does it end?")
