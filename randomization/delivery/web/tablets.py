"""Pages of tablets: enrol one, log in on one with a badge or a PIN, set one's own PIN, print a badge."""

from __future__ import annotations

from typing import Any, Final

from django import forms
from django.conf import settings
from django.contrib.auth import login
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse, reverse_lazy
from django.utils.translation import gettext_lazy as _
from django.utils.translation import gettext_noop

from randomization.accounts.lock_out import Door, LogInAction
from randomization.accounts.locked_names import check_not_locked
from randomization.accounts.roles import Permission
from randomization.accounts.selectors import actor_of, has_pin_at, nurse_at, person_by_badge, person_by_pin
from randomization.accounts.services.log_in import record_log_in
from randomization.accounts.wrong_secrets import counting_failures, note_failure
from randomization.delivery.forms import OwnPasswordForm, ScanField, SiteForm
from randomization.delivery.middleware import SESSION_KEY, TABLET_COOKIE, TABLET_KEY
from randomization.delivery.pages import FormPage
from randomization.delivery.selectors import tablet_of, tablets_for
from randomization.delivery.services.tablets import end_tablet, enrol_tablet, issue_badge, set_pin
from randomization.documents.barcode import datamatrix_svg
from randomization.shared.errors import NotPermitted, SignatureRefused

IDLE_SECONDS: Final = 5 * 60
YEAR_SECONDS: Final = 365 * 24 * 3600
USER_NAME_LONGEST: Final = 20


class EnrolForm(SiteForm):
    """A name for the device at hand."""

    name = forms.CharField(label=_("Name of this tablet"), help_text=_("Like: ward 3, first bay"))


class Tablets(FormPage):
    """Enrol the device at hand; those of the site."""

    permission = Permission.TABLET_ENROL
    form_class = EnrolForm
    template_name = "tablets.html"
    heading = _("Tablets of your site")
    button = _("Enrol this device")
    explain = _("On the tablet itself. A nurse then logs in on it with a badge or a PIN, for giving doses alone.")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return {**super().get_context_data(**kwargs), "tablets": tablets_for(self.actor)}

    def form_valid(self, form: SiteForm) -> HttpResponse:
        _tablet, secret = enrol_tablet(actor=self.actor, name=form.cleaned_data["name"])
        answer = HttpResponseRedirect(reverse("tablets"))
        answer.set_cookie(
            TABLET_COOKIE,
            secret,
            max_age=YEAR_SECONDS,
            httponly=True,
            samesite="Strict",
            secure=bool(settings.SESSION_COOKIE_SECURE),
        )
        return answer


class EndTabletForm(SiteForm):
    """Why it ends."""

    reason = forms.CharField(label=_("Why?"), help_text=_("Like: lost, replaced"))


class EndTablet(FormPage):
    """End a tablet."""

    permission = Permission.TABLET_ENROL
    form_class = EndTabletForm
    heading = _("End a tablet")
    button = _("End it now")
    explain = _("Nobody can log in on it any more, and a person who is logged in there is logged out.")
    success_url = reverse_lazy("tablets")

    def form_valid(self, form: SiteForm) -> HttpResponse:
        end_tablet(actor=self.actor, tablet_id=self.kwargs["tablet_id"], **form.cleaned_data)
        return super().form_valid(form)


class TabletLogInForm(SiteForm):
    """A badge, or a user name and the PIN."""

    who = ScanField(label=_("Scan your badge, or type your user name"))
    pin = forms.CharField(
        label=_("PIN, with a user name"),
        required=False,
        strip=False,
        widget=forms.PasswordInput(attrs={"inputmode": "numeric", "autocomplete": "off"}),
    )


class TabletLogIn(FormPage):
    """Log in on an enrolled tablet, for giving doses."""

    anonymous = True
    form_class = TabletLogInForm
    template_name = "tablet.html"
    heading = _("Give a dose")
    button = _("Log in")
    explain = _("Five minutes without a scan log you out.")
    success_url = "/bedside/"

    def form_valid(self, form: SiteForm) -> HttpResponse:
        tablet = tablet_of(self.request.COOKIES.get(TABLET_COOKIE, ""))
        if tablet is None:
            raise NotPermitted(
                gettext_noop("This device is not enrolled: log in with your password, or ask the coordinator.")
            )
        who, pin = form.cleaned_data["who"].strip(), form.cleaned_data["pin"]
        is_badge = not pin and len(who) > USER_NAME_LONGEST
        name = who.lower()
        if not is_badge:
            check_not_locked(Door.TABLET, name)
        account = person_by_badge(who) if is_badge else person_by_pin(name, pin)
        membership = nurse_at(account, tablet.site_code) if account else None
        if account is None or membership is None:
            if not is_badge and has_pin_at(name, tablet.site_code):
                note_failure(name, LogInAction.WRONG_PIN)
            raise SignatureRefused(
                gettext_noop("Badge, name or PIN is not right here: try again, or use your password."), field="who"
            )
        login(self.request, account, backend=settings.AUTHENTICATION_BACKENDS[0])
        self.request.session[SESSION_KEY] = str(membership.id)
        self.request.session[TABLET_KEY] = str(tablet.id)
        self.request.session.set_expiry(IDLE_SECONDS)
        record_log_in(actor=actor_of(membership), action=LogInAction.BADGE if is_badge else LogInAction.PIN)
        return super().form_valid(form)


class PinForm(OwnPasswordForm):
    """A PIN, and the password."""

    pin = forms.CharField(
        label=_("PIN of six digits"),
        strip=False,
        widget=forms.PasswordInput(attrs={"inputmode": "numeric", "autocomplete": "off"}),
    )
    field_order = ["pin", "password"]  # noqa: RUF012 (Django's form)


class Pin(FormPage):
    """Set one's own PIN."""

    permission = Permission.TABLET_USE
    form_class = PinForm
    heading = _("Set your PIN for tablets")
    button = _("Set the PIN")
    explain = _("It works on the tablets of your site alone, for giving doses. It signs nothing.")
    success_message = _("Your PIN is set.")
    success_url = "/"

    def form_valid(self, form: SiteForm) -> HttpResponse:
        with counting_failures(self.actor.user_name, LogInAction.WRONG_FOR_ACCOUNT):
            set_pin(actor=self.actor, **form.cleaned_data)
        return super().form_valid(form)


class Badge(FormPage):
    """Print a badge of one's own."""

    permission = Permission.TABLET_USE
    form_class = OwnPasswordForm
    heading = _("A new badge")
    button = _("Make the badge")
    explain = _("The badge you had stops working. Print the new one at once: it is shown once.")

    def form_valid(self, form: SiteForm) -> HttpResponse:
        with counting_failures(self.actor.user_name, LogInAction.WRONG_FOR_ACCOUNT):
            code = issue_badge(actor=self.actor, **form.cleaned_data)
        return render(self.request, "badge.html", {"barcode": datamatrix_svg(code)})
