"""The people of a side as programs and browsers reach it; the proxy in front ends TLS and says so.

Only the standard library, and nothing of the product: what is seen here, any program on the network sees.
"""

from __future__ import annotations

import json
import re
import sys
import time
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from http.cookiejar import CookieJar, DefaultCookiePolicy
from typing import Any, Final
from urllib.error import HTTPError
from urllib.parse import urlencode
from urllib.request import HTTPCookieProcessor, OpenerDirector, Request, build_opener
from uuid import uuid4

PATIENCE_SECONDS: Final = 90
BEGAN: Final = time.monotonic()


class Refused(Exception):
    """An answer that was not wanted."""


def say(what: str) -> None:
    """One line of progress."""
    sys.stdout.write(f"  {time.monotonic() - BEGAN:5.1f} s  {what}\n")
    sys.stdout.flush()


def now() -> datetime:
    """The clock of the person who asks: this program is none of the product's."""
    return datetime.now(UTC)  # noqa: TID251


def ago(*, hours: float) -> str:
    """A moment before now, as the API takes it."""
    return (now() - timedelta(hours=hours)).isoformat(timespec="seconds")


def in_days(days: int) -> date:
    """A day to come."""
    return (now() + timedelta(days=days)).date()


def until(what: str, happened: Callable[[], Any]) -> Any:
    """Wait for what workers do; raises Refused where it does not happen in time."""
    ends_at = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < ends_at:
        try:
            answer = happened()
        except (Refused, OSError):
            answer = None
        if answer:
            say(what)
            return answer
        time.sleep(0.5)
    raise Refused(f"waited {PATIENCE_SECONDS} s in vain: {what}")


class Side:
    """One side as its people reach it: the proxy in front ends TLS and says so."""

    def __init__(self, address: str, host: str) -> None:
        self.address, self.host = address, host
        self.headers = {"Host": host, "X-Forwarded-Proto": "https"}

    def call(self, method: str, path: str, body: Any = None, *, token: str = "") -> Any:
        """The answer of one request, read; raises Refused for a status that is no success."""
        headers = {**self.headers, "Content-Type": "application/json"}
        if method == "POST":
            headers["Idempotency-Key"] = str(uuid4())
        if token:
            headers["Authorization"] = f"Token {token}"
        data = None if body is None else json.dumps(body).encode()
        content, kind = self._ask(build_opener(), method, f"/api/v1/{path}", data, headers)
        return json.loads(content) if "json" in kind and content else content

    def _ask(
        self, opener: OpenerDirector, method: str, path: str, data: bytes | None, headers: dict[str, str]
    ) -> tuple[bytes, str]:
        request = Request(self.address + path, data, headers, method=method)  # noqa: S310 (http, on loopback)
        try:
            with opener.open(request, timeout=30) as answer:
                return answer.read(), answer.headers.get("Content-Type", "")
        except HTTPError as error:
            raise Refused(f"{method} {path}: {error.code} {error.read().decode()[:600]}") from error

    def is_well(self) -> bool:
        """Every part of the side works, its broker among them."""
        return bool(self.call("GET", "health/")["status"] == "ok")

    def log_in(self, name: str, password: str, role: str = "") -> Account:
        """Somebody with a token."""
        given = {"user_name": name, "password": password, **({"role": role} if role else {})}
        return Account(self, name, password, self.call("POST", "tokens/", given)["token"])

    def set_password(self, name: str, first: str, own: str) -> None:
        """Log in on the page with the first password, and set one's own there, as a browser does."""
        opener = build_opener(HTTPCookieProcessor(CookieJar(DefaultCookiePolicy(secure_protocols=("http", "https")))))
        for path, fields in (
            ("/log-in/", {"username": name, "password": first}),
            ("/password/", {"old": first, "new": own}),
        ):
            page, _content_type = self._ask(opener, "GET", path, None, self.headers)
            token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page.decode())
            if token is None:
                raise Refused(f"no form on {path}")
            headers = {**self.headers, "Origin": f"https://{self.host}"}
            opener.addheaders = []
            self._ask(opener, "POST", path, urlencode({**fields, "csrfmiddlewaretoken": token[1]}).encode(), headers)


class Account:
    """Somebody who is logged in, and signs."""

    def __init__(self, side: Side, name: str, password: str, token: str) -> None:
        self.side, self.name, self.password, self.token = side, name, password, token

    def get(self, path: str) -> Any:
        """Read."""
        return self.side.call("GET", path, token=self.token)

    def post(self, path: str, body: Any = None) -> Any:
        """Write."""
        return self.side.call("POST", path, body or {}, token=self.token)

    def patch(self, path: str, body: Any) -> Any:
        """Change."""
        return self.side.call("PATCH", path, body, token=self.token)

    @property
    def signature(self) -> dict[str, str]:
        """Name and secret again."""
        return {"user_name": self.name, "secret": self.password}
