"""Forms of the laboratory."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from django import forms
from django.utils.translation import gettext, gettext_noop
from django.utils.translation import gettext_lazy as _

from randomization.delivery.forms import LocalTimeField, SiteForm

ANALYTES: Final = (("ferritin", _("Ferritin")), ("hla_dr", _("HLA-DR")))
OTHER_UNIT: Final = "another unit"
SHOWN_WORDS: Final = (gettext_noop("molecules per monocyte"),)
"""A unit of the protocol file that is words."""


class ReceiptForm(SiteForm):
    """A sample arrived."""

    received_at = LocalTimeField(label=_("When did the sample arrive?"))


class ResultForm(SiteForm):
    """One value as reported. `units`: by measurement, from the protocol."""

    analyte = forms.ChoiceField(label=_("What was measured?"), widget=forms.RadioSelect)
    value = forms.CharField(label=_("Value"), help_text=_("As reported: 1200, or >40000 beyond the range"))
    unit = forms.ChoiceField(
        label=_("Unit on the report"),
        required=False,
        help_text=_("Needed from the second person who enters an implausible value"),
    )
    reason = forms.CharField(label=_("Reason, if this corrects an earlier value"), required=False)

    def __init__(self, *args: Any, units: Mapping[str, str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        analyte: Any = self.fields["analyte"]
        analyte.choices = [(key, f"{word}, {gettext(units[key])}") for key, word in ANALYTES]
        unit: Any = self.fields["unit"]
        named = [(name, gettext(name)) for name in units.values()]
        unit.choices = [("", _("Choose")), *named, (OTHER_UNIT, _("another unit"))]


class WithdrawForm(SiteForm):
    """A value that waits was none."""

    analyte = forms.ChoiceField(label=_("Which value?"), widget=forms.RadioSelect, choices=ANALYTES)
    reason = forms.CharField(label=_("Why is the value withdrawn?"))


class CloseForm(SiteForm):
    """A value will not come."""

    reason = forms.CharField(label=_("Why is the sample closed?"))
    ward_knows = forms.BooleanField(
        label=_("The ward knows which value is missing"),
        required=False,
        help_text=_("It is recorded here. Never tell a ward which value is missing: ask for a new sample, no more"),
    )
