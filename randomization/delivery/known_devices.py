"""Devices on which somebody has logged in before: guesses from elsewhere never bar the log-in there.

A signed cookie names them, as keyed hashes: it tells nobody who works at a device, and opens nothing.
"""

from __future__ import annotations

from typing import Final

from django.conf import settings
from django.core.signing import BadSignature, dumps, loads
from django.http import HttpRequest, HttpResponse
from django.utils.crypto import salted_hmac

from randomization.accounts.selectors import normal_name
from randomization.shared.service import process_side

SALT: Final = "randomization.delivery.known_devices"
MOST: Final = 20
YEAR_SECONDS: Final = 365 * 24 * 3600


def cookie_name() -> str:
    """Each side has its own: both may be served under one host name."""
    return f"{process_side()}_device"


def _mark(user_name: str) -> str:
    return salted_hmac(SALT, normal_name(user_name), algorithm="sha256").hexdigest()[:16]


def _marks(request: HttpRequest) -> list[str]:
    try:
        return [str(mark) for mark in loads(request.COOKIES.get(cookie_name(), ""), salt=SALT, max_age=YEAR_SECONDS)]
    except BadSignature:
        return []


def is_known(request: HttpRequest, user_name: str) -> bool:
    """Whether this person logged in on this device before."""
    return _mark(user_name) in _marks(request)


def make_known(request: HttpRequest, answer: HttpResponse, user_name: str) -> None:
    """Remember that this person logged in here, last of the `MOST` whom a device remembers."""
    mark = _mark(user_name)
    kept = [known for known in _marks(request) if known != mark][-MOST + 1 :]
    answer.set_cookie(
        cookie_name(),
        dumps([*kept, mark], salt=SALT),
        max_age=YEAR_SECONDS,
        httponly=True,
        samesite="Strict",
        secure=bool(settings.SESSION_COOKIE_SECURE),
    )
