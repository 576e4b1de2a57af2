"""Who acts in this request: the membership chosen in the session, else the first that holds now."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any, Final

from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponse
from django.utils import translation

from randomization.accounts.models import Account, Membership
from randomization.accounts.roles import Permission
from randomization.accounts.selectors import actor_of, current_memberships
from randomization.delivery.selectors import tablet_of
from randomization.shared import clock
from randomization.shared.actor import Actor
from randomization.shared.read_once import reads_kept

SESSION_KEY = "membership"


REFRESH_HEADER = "X-Refresh"
TABLET_KEY = "tablet"
TABLET_COOKIE = "tablet"
BEGAN_KEY = "began"
SESSION_AT_MOST: Final = timedelta(hours=12)
"""However much is done in it, a session ends: what was flagged at its log-in holds for all of it [choice]."""


def note_log_in(request: HttpRequest, **_signal: Any) -> None:
    """When the session began; received from Django's log-in, whichever page it was."""
    request.session[BEGAN_KEY] = clock.stamp(clock.now())


class ActivityMiddleware:
    """What a person does keeps the session alive; a page that refreshes itself does not (EMA CS A4).

    The time-out counts from the last request without the header `X-Refresh`, which a list sends that is left open.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if REFRESH_HEADER not in request.headers and not request.session.is_empty():
            request.session.modified = True
        return self.get_response(request)


class ReadOnceMiddleware:
    """A request that only asks reads a row once (`shared/read_once.py`); whatever may write reads each time."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.method not in {"GET", "HEAD"}:
            return self.get_response(request)
        with reads_kept():
            return self.get_response(request)


def choose(memberships: list[Membership], wanted: str | None) -> Membership | None:
    """The wanted membership where it holds, else the first."""
    return next((item for item in memberships if str(item.id) == wanted), memberships[0] if memberships else None)


class ActorMiddleware:
    """Sets `request.actor` and `request.membership`; None where nobody is logged in or no membership holds.

    `request.memberships`: every one of the person that holds now.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        membership: Membership | None = None
        memberships: list[Membership] = []
        if request.user.is_authenticated and self._is_over(request):
            logout(request)
        if isinstance(request.user, Account):
            memberships = current_memberships(request.user)
            membership = choose(memberships, request.session.get(SESSION_KEY))
            if TABLET_KEY in request.session:
                membership = self._on_tablet(request, memberships)
                if membership is None:
                    logout(request)
        request.memberships = memberships  # type: ignore[attr-defined]
        request.membership = membership  # type: ignore[attr-defined]
        request.actor = actor_of(membership) if membership else None  # type: ignore[attr-defined]
        return self.get_response(request)

    @staticmethod
    def _is_over(request: HttpRequest) -> bool:
        began = request.session.get(BEGAN_KEY)
        return began is None or clock.now() - clock.parse_stamp(began) >= SESSION_AT_MOST

    @staticmethod
    def _on_tablet(request: HttpRequest, memberships: list[Membership]) -> Membership | None:
        """On a tablet nobody is more than who logged in there, and nobody once the tablet has ended."""
        tablet = tablet_of(request.COOKIES.get(TABLET_COOKIE, ""))
        if tablet is None or str(tablet.id) != request.session[TABLET_KEY]:
            return None
        wanted = request.session.get(SESSION_KEY)
        held = [item for item in memberships if str(item.id) == wanted and item.reach == tablet.site_code]
        return next((item for item in held if item.allows(Permission.TABLET_USE)), None)


class LanguageMiddleware:
    """The page in the language the person chose; without one, in the first the browser asks for that is offered.

    Programs are answered in English.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        user = request.user
        chosen = user.language if isinstance(user, Account) else translation.get_language_from_request(request)
        if request.path.startswith("/api/"):
            chosen = "en"
        with translation.override(chosen):
            response = self.get_response(request)
        response.headers.setdefault("Content-Language", chosen)
        return response


def actor_in(request: HttpRequest) -> Actor:
    """The acting person of a page; pages are reached through `page` or a DRF view, which make sure of it."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    return actor


def memberships_in(request: HttpRequest) -> list[Membership]:
    """Every membership of the acting person that holds now."""
    memberships: list[Membership] = request.memberships  # type: ignore[attr-defined]
    return memberships
