"""Log-in, log-out, change of role."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django import forms
from django.contrib.auth import update_session_auth_hash, views
from django.contrib.auth.forms import AuthenticationForm
from django.core.exceptions import NON_FIELD_ERRORS
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import gettext_noop
from django.views.decorators.http import require_POST

from randomization.accounts.lock_out import Door, LogInAction
from randomization.accounts.locked_names import lock_at
from randomization.accounts.selectors import actor_of, current_memberships, has_factor
from randomization.accounts.services.change_password import change_password
from randomization.accounts.services.choose_language import choose_language
from randomization.accounts.services.log_in import record_log_in
from randomization.accounts.wrong_secrets import counting_failures, note_failure
from randomization.delivery.forms import SiteForm
from randomization.delivery.known_devices import is_known, make_known
from randomization.delivery.middleware import SESSION_KEY, TABLET_KEY, actor_in
from randomization.delivery.pages import FormPage, page
from randomization.delivery.web.second_factor import NO_ROLE_NOW, PENDING, check_with_factor
from randomization.shared import clock
from randomization.shared.errors import NotPermitted


def _door(request: HttpRequest | None, name: str) -> Door:
    """On a device where this person logged in before, guesses made elsewhere do not count."""
    return Door.KNOWN_DEVICE if request is not None and is_known(request, name) else Door.STRANGE_DEVICE


class LogInForm(AuthenticationForm):
    """A locked name is refused before anything slow is computed; a person without a role now is told so."""

    def clean(self) -> dict[str, Any]:
        name = self.cleaned_data.get("username", "")
        if lock := lock_at(_door(self.request, name), name):
            raise forms.ValidationError(lock, code="locked")
        return super().clean()

    def confirm_login_allowed(self, user: Any) -> None:
        super().confirm_login_allowed(user)
        if not current_memberships(user):
            raise forms.ValidationError(NO_ROLE_NOW, code="no_role")


class LogIn(views.LoginView):
    """User name and password; five failures lock the name for a quarter of an hour, and each is recorded."""

    template_name = "log_in.html"
    form_class = LogInForm
    redirect_authenticated_user = True

    def form_valid(self, form: Any) -> HttpResponse:
        person = form.get_user()
        if has_factor(person):
            self.request.session[PENDING] = [str(person.pk), clock.stamp(clock.now()), person.get_session_auth_hash()]
            wanted = urlencode({"next": self.get_redirect_url()})
            return HttpResponseRedirect(f"{reverse('second_step')}?{wanted}")
        answer = super().form_valid(form)
        record_log_in(actor=actor_of(current_memberships(person)[0]), action=LogInAction.LOG_IN)
        make_known(self.request, answer, person.user_name)
        return answer

    def form_invalid(self, form: Any) -> HttpResponse:
        if form.has_error(NON_FIELD_ERRORS, "locked"):
            return self.render_to_response(self.get_context_data(form=form), status=429)
        if not form.has_error(NON_FIELD_ERRORS, "no_role"):
            name = str(self.request.POST.get("username", ""))
            known = _door(self.request, name) is Door.KNOWN_DEVICE
            note_failure(name, LogInAction.WRONG_ON_KNOWN_DEVICE if known else LogInAction.WRONG_AT_LOG_IN)
        return self.render_to_response(self.get_context_data(form=form), status=422)


class LogOut(views.LogoutView):
    """Ends the session."""

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        actor = getattr(request, "actor", None)
        if actor is not None:
            record_log_in(actor=actor, action=LogInAction.LOG_OUT)
        if TABLET_KEY in request.session:
            self.next_page = "tablet"  # for the person who takes the tablet next
        return super().post(request, *args, **kwargs)


class PasswordForm(SiteForm):
    """Old and new."""

    old = forms.CharField(
        label=_("Old password"), strip=False, widget=forms.PasswordInput(attrs={"autocomplete": "current-password"})
    )
    new = forms.CharField(
        label=_("New password"),
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        help_text=_("At least 12 characters"),
    )


class Password(FormPage):
    """Set a password of one's own."""

    form_class = PasswordForm
    heading = _("Change your password")
    button = _("Change")
    explain = _(
        "The first password was given to you by somebody else: set your own before you sign anything. A PIN and badge "
        "for tablets end with the old password."
    )
    success_message = _("Your password is changed.")
    success_url = "/"

    def form_valid(self, form: SiteForm) -> HttpResponse:
        check_with_factor(self.request)
        with counting_failures(self.actor.user_name, LogInAction.WRONG_FOR_ACCOUNT):
            account = change_password(actor=self.actor, **form.cleaned_data)
        update_session_auth_hash(self.request, account)
        return super().form_valid(form)


@require_POST
@page()
def set_language(request: HttpRequest) -> HttpResponse:
    """Read pages and e-mails in another language."""
    choose_language(actor=actor_in(request), language=request.POST.get("language", ""))
    return HttpResponseRedirect("/")


@require_POST
@page()
def choose_role(request: HttpRequest) -> HttpResponse:
    """Act in another of one's own memberships."""
    if TABLET_KEY in request.session:
        raise NotPermitted(gettext_noop("On a tablet you give doses: for another role log in with your password."))
    request.session[SESSION_KEY] = request.POST.get("membership", "")
    return HttpResponseRedirect("/")
