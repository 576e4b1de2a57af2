"""Forms of the trial manager, and the self-check of a site."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from randomization.accounts.roles import BLINDED_ROLES
from randomization.delivery.forms import AppointForm, LocalTimeField, SigningForm, SiteForm

YES_NO = (("yes", _("Yes")), ("no", _("No")))


class AppointBlindedForm(AppointForm):
    """A blinded person."""

    roles = BLINDED_ROLES


class SiteStateForm(SiteForm):
    """Open or closed."""

    state = forms.ChoiceField(
        label=_("The site is"),
        choices=[("open", _("Open for screening and randomisation")), ("closed", _("Closed"))],
        widget=forms.RadioSelect,
    )
    reason = forms.CharField(label=_("Why?"))


class AlertForm(SiteForm):
    """Somebody deals with it."""

    note = forms.CharField(label=_("What is done about it"), required=False)


class SelfCheckForm(SigningForm):
    """What was tried at the site."""

    printer = forms.ChoiceField(
        label=_("A card was printed, and its barcode is sharp"), choices=YES_NO, widget=forms.RadioSelect
    )
    scanner = forms.ChoiceField(
        label=_("The scanner reads the card into a field and ends with Enter"), choices=YES_NO, widget=forms.RadioSelect
    )
    telephone_answered_by = forms.CharField(
        max_length=64,
        label=_("Who answered the telephone that stands on the label?"),
        help_text=_("User name, or function"),
    )
    telephone_called_at = LocalTimeField(label=_("When was it called?"))
    people_trained = forms.ChoiceField(
        label=_("Everybody of the duty table is trained for the version in force"),
        choices=YES_NO,
        widget=forms.RadioSelect,
    )


class PeopleFileForm(SiteForm):
    """Many people at once."""

    file = forms.FileField(label=_("File"), help_text=_("CSV, UTF-8, up to 500 lines"))
    dry_run = forms.BooleanField(label=_("Only try: appoint nobody"), required=False, initial=True)


class ReviewForm(SigningForm):
    """The review is signed."""

    shown = forms.CharField(widget=forms.HiddenInput)
    note = forms.CharField(label=_("What follows from it"), required=False)
