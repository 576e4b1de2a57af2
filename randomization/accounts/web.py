"""Log-in, log-out, change of role."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django import forms
from django.contrib.auth import update_session_auth_hash, views
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import gettext_noop
from django.views.decorators.http import require_POST

from randomization.accounts.factor import PENDING
from randomization.accounts.forms import SiteForm
from randomization.accounts.locking import LOCKED, is_locked, note_failure
from randomization.accounts.middleware import SESSION_KEY, TABLET_KEY, actor_in
from randomization.accounts.owning import counting_failures
from randomization.accounts.pages import FormPage, page
from randomization.accounts.selectors import actor_for_name, has_factor
from randomization.accounts.services.change_password import change_password
from randomization.accounts.services.choose_language import choose_language
from randomization.accounts.services.log_in import record_log_in
from randomization.shared import clock
from randomization.shared.errors import NotPermitted


class LogIn(views.LoginView):
    """User name and password; five failures lock the name for a quarter of an hour, and each is recorded."""

    template_name = "log_in.html"
    redirect_authenticated_user = True

    def _name(self) -> str:
        return str(self.request.POST.get("username", ""))

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if is_locked(self._name()):
            form = self.get_form()
            form.full_clean()
            form.errors.clear()
            form.add_error(None, LOCKED)
            return self.render_to_response(self.get_context_data(form=form), status=429)
        return super().post(request, *args, **kwargs)

    def form_valid(self, form: Any) -> HttpResponse:
        person = form.get_user()
        if has_factor(person):
            self.request.session[PENDING] = [str(person.pk), clock.stamp(clock.now()), person.get_session_auth_hash()]
            wanted = urlencode({"next": self.get_redirect_url()})
            return HttpResponseRedirect(f"{reverse('second_step')}?{wanted}")
        answer = super().form_valid(form)
        actor = actor_for_name(form.get_user().user_name)
        if actor is not None:
            record_log_in(actor=actor, action="log_in")
        return answer

    def form_invalid(self, form: Any) -> HttpResponse:
        note_failure(self._name(), action="log_in.failed")
        return self.render_to_response(self.get_context_data(form=form), status=422)


class LogOut(views.LogoutView):
    """Ends the session."""

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        actor = getattr(request, "actor", None)
        if actor is not None:
            record_log_in(actor=actor, action="log_out")
        if TABLET_KEY in request.session:
            self.next_page = "tablet"  # for whoever takes the tablet next
        return super().post(request, *args, **kwargs)


class PasswordForm(SiteForm):
    """Old and new."""

    old = forms.CharField(
        label=_("Old password"), strip=False, widget=forms.PasswordInput(attrs={"autocomplete": "current-password"})
    )
    new = forms.CharField(
        label=_("New password"), strip=False, widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        help_text=_("At least 12 characters"),
    )  # fmt: skip


class Password(FormPage):
    """Set a password of one's own."""

    form_class = PasswordForm
    heading = _("Change your password")
    button = _("Change")
    explain = _("The first password was given to you by somebody else: set your own before you sign anything.")
    said = _("Your password is changed.")

    def act(self, form: SiteForm) -> str:
        with counting_failures(self.actor.user_name, "password.failed"):
            person = change_password(actor=self.actor, **form.cleaned_data)
        update_session_auth_hash(self.request, person)
        return "/"


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
