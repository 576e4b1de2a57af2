"""Forms of the laboratory."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from randomization.accounts.forms import LocalTimeField, SiteForm


class ReceiptForm(SiteForm):
    """A sample arrived."""

    received_at = LocalTimeField(label=_("When did the sample arrive?"))


class ResultForm(SiteForm):
    """One value as reported."""

    analyte = forms.ChoiceField(
        label=_("What was measured?"), widget=forms.RadioSelect,
        choices=[("ferritin", _("Ferritin, ng/mL")), ("hla_dr", _("HLA-DR, molecules per monocyte"))],
    )  # fmt: skip
    value = forms.CharField(label=_("Value"), help_text=_("As reported: 1200, or >40000 beyond the range"))
    reason = forms.CharField(label=_("Reason, if this corrects an earlier value"), required=False)


class CloseForm(SiteForm):
    """A value will not come."""

    reason = forms.CharField(label=_("Why is the sample closed?"))
