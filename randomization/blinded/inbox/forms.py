"""What is typed about the hatch."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from randomization.delivery.forms import SigningForm


class ReleaseForm(SigningForm):
    """What was found out about the foreign messages, signed."""

    shown = forms.CharField(widget=forms.HiddenInput)
    reason = forms.CharField(
        label=_("What was found, and who was told"),
        help_text=_("Like: test entry of the host's administrator, sponsor told by telephone"),
    )
