"""Log-in, log-out, change of role."""

from __future__ import annotations

from typing import Any

from django.contrib.auth import views
from django.core.cache import cache
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.views.decorators.http import require_POST

from randomization.accounts.middleware import SESSION_KEY
from randomization.accounts.pages import page
from randomization.accounts.selectors import actor_for_name
from randomization.accounts.services.log_in import record_log_in

FAILURES_BEFORE_LOCK = 5
LOCK_SECONDS = 15 * 60


class LogIn(views.LoginView):
    """User name and password; five failures lock the name for a quarter of an hour, and each is recorded."""

    template_name = "log_in.html"
    redirect_authenticated_user = True

    def _name(self) -> str:
        return str(self.request.POST.get("username", "")).strip().lower()[:64]

    def _note(self, action: str) -> None:
        actor = actor_for_name(self._name())
        if actor is not None:
            record_log_in(actor=actor, action=action)

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if cache.get(f"log-in:{self._name()}", 0) >= FAILURES_BEFORE_LOCK:
            form = self.get_form()
            form.is_valid()
            form.errors.clear()
            form.add_error(None, "Too many wrong passwords: this name is locked for 15 minutes.")
            return self.render_to_response(self.get_context_data(form=form), status=429)
        return super().post(request, *args, **kwargs)

    def form_valid(self, form: Any) -> HttpResponse:
        cache.delete(f"log-in:{self._name()}")
        answer = super().form_valid(form)
        self._note("log_in")
        return answer

    def form_invalid(self, form: Any) -> HttpResponse:
        key = f"log-in:{self._name()}"
        failures = cache.get_or_set(key, 0, LOCK_SECONDS) or 0
        cache.set(key, failures + 1, LOCK_SECONDS)
        self._note("log_in.locked" if failures + 1 >= FAILURES_BEFORE_LOCK else "log_in.failed")
        return self.render_to_response(self.get_context_data(form=form), status=422)


class LogOut(views.LogoutView):
    """Ends the session."""

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        actor = getattr(request, "actor", None)
        if actor is not None:
            record_log_in(actor=actor, action="log_out")
        return super().post(request, *args, **kwargs)


@require_POST
@page()
def choose_role(request: HttpRequest) -> HttpResponse:
    """Act in another of one's own memberships."""
    request.session[SESSION_KEY] = request.POST.get("membership", "")
    return HttpResponseRedirect("/")
