"""Pages of the second factor: asked at log-in, set up and ended by the person."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, Final

from django import forms
from django.conf import settings
from django.contrib.auth import login
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext_lazy as _
from django.utils.translation import gettext_noop

from randomization.accounts.lock_out import Door, LogInAction
from randomization.accounts.locked_names import check_not_locked
from randomization.accounts.roles import Role
from randomization.accounts.selectors import actor_of, current_memberships, factor_of, person_by_key
from randomization.accounts.services.log_in import record_log_in
from randomization.accounts.wrong_secrets import counting_failures
from randomization.delivery.forms import OwnPasswordForm, SiteForm
from randomization.delivery.known_devices import make_known
from randomization.delivery.pages import FormPage
from randomization.delivery.services.second_factor import begin_factor, end_factor, go_without, use_factor
from randomization.delivery.totp import address_of
from randomization.documents.barcode import qr_svg
from randomization.shared import clock
from randomization.shared.actor import Actor
from randomization.shared.errors import NotPermitted
from randomization.shared.service import process_side

PENDING: Final = "pending_factor"
WITHOUT_FACTOR: Final = "without_factor"
WAITS: Final = timedelta(minutes=5)
NO_ROLE_NOW: Final = gettext_noop("No role of yours holds now: ask the person who appointed you.")


def check_with_factor(request: HttpRequest) -> None:
    """Who got in without the second factor breaks codes, and changes nothing of the account: raises NotPermitted."""
    if request.session.get(WITHOUT_FACTOR):
        raise NotPermitted(
            gettext_noop("You got in without the second step: log in with its code before you change your account.")
        )


class FactorForm(SiteForm):
    """The code; or why it cannot be given, for who breaks codes."""

    code = forms.CharField(
        label=_("Code of your authenticator app"),
        required=False,
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "one-time-code"}),
    )
    reason = forms.CharField(
        label=_("You cannot give it, and must break a code? Say why"),
        required=False,
        help_text=_("It lets you in and is recorded"),
        widget=forms.Textarea(attrs={"rows": 2}),
    )

    def __init__(self, *args: Any, breaks_codes: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not breaks_codes:
            del self.fields["reason"]


class SecondStep(FormPage):
    """After the password: the code."""

    anonymous = True
    form_class = FactorForm
    heading = _("Log in: second step")
    button = _("Log in")

    def dispatch(self, request: Any, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Without a right password just before, one starts there."""
        key, stamp, password = request.session.get(PENDING, ("", "", ""))
        account = person_by_key(key) if key and clock.now() - clock.parse_stamp(stamp) < WAITS else None
        if account is None or account.get_session_auth_hash() != password:
            return HttpResponseRedirect("/log-in/")
        self.actors = [actor_of(item) for item in current_memberships(account)]
        self.logging_in = account
        return super().dispatch(request, *args, **kwargs)

    def _breaker(self) -> Actor | None:
        return next((actor for actor in self.actors if actor.role == Role.CODE_BREAKER), None)

    def get_form_kwargs(self) -> dict[str, Any]:
        return {**super().get_form_kwargs(), "breaks_codes": self._breaker() is not None}

    def form_valid(self, form: SiteForm) -> HttpResponse:
        values, breaker = form.cleaned_data, self._breaker()
        if not self.actors:
            raise NotPermitted(NO_ROLE_NOW)
        name = self.logging_in.user_name
        check_not_locked(Door.SESSION, name)
        if values["code"] or breaker is None:
            with counting_failures(name, LogInAction.WRONG_SECOND_FACTOR):
                use_factor(actor=self.actors[0], code=values["code"])
        else:
            go_without(actor=breaker, reason=values["reason"])
        del self.request.session[PENDING]
        login(self.request, self.logging_in, backend=settings.AUTHENTICATION_BACKENDS[0])
        record_log_in(actor=breaker or self.actors[0], action=LogInAction.LOG_IN)
        self.request.session[WITHOUT_FACTOR] = not values["code"]
        wanted = self.request.GET.get("next", "")
        inside = url_has_allowed_host_and_scheme(wanted, {self.request.get_host()})
        answer = HttpResponseRedirect(wanted if inside else "/")
        make_known(self.request, answer, name)
        return answer


class Factor(FormPage):
    """Set up or end one's own second factor."""

    form_class = OwnPasswordForm
    heading = _("Second step at log-in")

    def is_on(self) -> bool:
        """Whether log-in asks for it now."""
        second_factor = factor_of(self.actor)
        return second_factor is not None and second_factor.confirmed_at is not None

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        if self.is_on():
            explain = _("Log-in asks for a code of your authenticator app. End it before you change the telephone.")
            return {**super().get_context_data(**kwargs), "button": _("End it"), "explain": explain}
        explain = _(
            "With it, a password that somebody saw is not enough to log in as you. You need an authenticator app."
        )
        return {**super().get_context_data(**kwargs), "button": _("Set it up"), "explain": explain}

    def form_valid(self, form: SiteForm) -> HttpResponse:
        check_with_factor(self.request)
        password, name = form.cleaned_data["password"], self.actor.user_name
        with counting_failures(name, LogInAction.WRONG_FOR_ACCOUNT):
            if self.is_on():
                end_factor(actor=self.actor, password=password)
                return redirect("/")
            sealed = begin_factor(actor=self.actor, password=password)
        address = address_of(sealed, name, process_side())
        return render(self.request, "factor.html", {"qr": qr_svg(address), "address": address})


class ConfirmForm(SiteForm):
    """The first code."""

    code = forms.CharField(
        label=_("Code that the app shows now"),
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"}),
    )


class ConfirmFactor(FormPage):
    """The first code: from now on it is asked."""

    form_class = ConfirmForm
    heading = _("Confirm the second step")
    button = _("Confirm")
    success_message = _("From now on log-in asks for a code of your app.")
    success_url = "/"

    def form_valid(self, form: SiteForm) -> HttpResponse:
        check_with_factor(self.request)
        use_factor(actor=self.actor, code=form.cleaned_data["code"])
        return super().form_valid(form)
