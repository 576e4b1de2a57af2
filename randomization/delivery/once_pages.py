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


def _once(request: HttpRequest, act: Callable[[], HttpResponse | str]) -> HttpResponse | str:
    """What `act` gives, or what it gave before. An address is kept as the answer; a page to show is not."""
    actor = actor_in(request)
    sent = sent_by_form(actor, request)
    if sent is None:
        return act()
    first: list[HttpResponse | str] = []

    def carried_out() -> Answer | None:
        shown = act()
        first.append(shown)
        if isinstance(shown, HttpResponseRedirect):
            return Answer(HTTPStatus.FOUND, shown.url)
        return Answer(HTTPStatus.FOUND, shown) if isinstance(shown, str) else None

    kept = act_once(actor=actor, sent=sent, act=carried_out)
    if first:
        return first[0]
    return _again(request, kept or Answer(HTTPStatus.FOUND, ""))


class OncePage(FormPage):
    """A form page whose act is done once.

    `act` runs in one transaction with the key. One that asks for a signature says `signs`: it takes the signature
    first, so that a wrong password counts and holds no lock, and calls its service by `self.once`.
    """

    signs: ClassVar[bool] = False
    takes_one_time_key: ClassVar[bool] = True

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """What was answered before, else as any form."""
        kept = _kept(request)
        return _again(request, kept) if kept else super().post(request, *args, **kwargs)

    def carried_out(self, form: SiteForm) -> HttpResponse | str:
        return self.act(form) if self.signs else _once(self.request, lambda: self.act(form))

    def once(self, act: Callable[[], HttpResponse | str]) -> HttpResponse | str:
        """Call `act` in one transaction with the key of the form."""
        return _once(self.request, act)

    def show(self, form: SiteForm, *, status: int = 200, further: dict[str, Any] | None = None) -> HttpResponse:
        return super().show(form, status=status, further={"takes_one_time_key": True, **(further or {})})


def once_page(view: View) -> View:
    """A view without a form of its own, whose act is done once: what it does lies in one transaction with the key."""

    @wraps(view)
    def run(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        kept = _kept(request)
        if kept:
            return _again(request, kept)
        answer = _once(request, lambda: view(request, *args, **kwargs))
        return HttpResponseRedirect(answer) if isinstance(answer, str) else answer

    run.takes_one_time_key = True  # type: ignore[attr-defined]
    return run
