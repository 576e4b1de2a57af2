"""Pages whose act is done once, however often the form is sent: with the one-time key of the form."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from http import HTTPStatus
from typing import Any, ClassVar

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.translation import gettext as _

from randomization.delivery.forms import SiteForm
from randomization.delivery.middleware import actor_in
from randomization.delivery.one_time_keys import Answer, sent_by_form
from randomization.delivery.pages import FormPage
from randomization.delivery.selectors import answer_to
from randomization.delivery.services.act_once import act_once

View = Callable[..., HttpResponse]


def _again(request: HttpRequest, kept: Answer) -> HttpResponse:
    """The first answer, to a form that was sent again: the page it went on to."""
    messages.info(request, _("This was recorded when it was sent first. Nothing was recorded twice."))
    return HttpResponseRedirect(kept.body or request.get_full_path())


def _kept(request: HttpRequest) -> Answer | None:
    actor = actor_in(request)
    sent = sent_by_form(actor, request)
    return answer_to(actor, sent) if sent else None


def _once(request: HttpRequest, act: Callable[[], HttpResponse]) -> HttpResponse:
    """What `act` gives, or what it gave before. Where to go is kept as the answer; a page to show is not."""
    actor = actor_in(request)
    sent = sent_by_form(actor, request)
    if sent is None:
        return act()
    first: list[HttpResponse] = []

    def carried_out() -> Answer | None:
        shown = act()
        first.append(shown)
        return Answer(HTTPStatus.FOUND, shown.url) if isinstance(shown, HttpResponseRedirect) else None

    kept = act_once(actor=actor, sent=sent, act=carried_out)
    if first:
        return first[0]
    return _again(request, kept or Answer(HTTPStatus.FOUND, ""))


class OncePage(FormPage):
    """A form page whose act is done once.

    `form_valid` runs in one transaction with the key. One that asks for a signature says `signs`: it takes the
    signature first, so that a wrong password counts and holds no lock, and calls its service by `self.once`.
    """

    signs: ClassVar[bool] = False
    takes_one_time_key: ClassVar[bool] = True

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """What was answered before, else as any form."""
        kept = _kept(request)
        return _again(request, kept) if kept else super().post(request, *args, **kwargs)

    def carried_out(self, form: SiteForm) -> HttpResponse:
        return self.form_valid(form) if self.signs else _once(self.request, lambda: self.form_valid(form))

    def once(self, form: SiteForm, service: Callable[[], object]) -> HttpResponse:
        """Call `service` in one transaction with the key of the form, and go on as any form."""
        go_on = super().form_valid

        def act() -> HttpResponse:
            service()
            return go_on(form)

        return _once(self.request, act)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return {**super().get_context_data(**kwargs), "takes_one_time_key": True}


def once_page(view: View) -> View:
    """A view without a form of its own, whose act is done once: what it does lies in one transaction with the key."""

    @wraps(view)
    def run(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        kept = _kept(request)
        if kept:
            return _again(request, kept)
        return _once(request, lambda: view(request, *args, **kwargs))

    run.takes_one_time_key = True  # type: ignore[attr-defined]
    return run
