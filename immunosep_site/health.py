"""Whether this side works, part by part, without waiting: for monitoring, and for what stands in front of the web.

Above the line and below alike, the other side's being down is not this side's illness.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import redis
import structlog
from django.conf import settings
from django.db import Error, connections
from django.http import HttpRequest, JsonResponse

from randomization.notices.selectors import trouble_between_sides
from randomization.shared.service import process_side

OK: Final = "ok"
log = structlog.get_logger(__name__)


def database() -> str:
    """This side's own database answers."""
    try:
        with connections["default"].cursor() as cursor:
            cursor.execute("SELECT 1")
    except Error as error:
        log.warning("health.database", error=type(error).__name__)
        return "not reached"
    return OK


def broker() -> str:
    """Redis answers within `BROKER_SECONDS`; the embedded run has none and needs none."""
    if not settings.REDIS_URL:
        return OK
    seconds = settings.BROKER_SECONDS
    try:
        with redis.Redis.from_url(
            settings.REDIS_URL, socket_connect_timeout=seconds, socket_timeout=seconds, retry=None
        ) as client:
            client.ping()
    except redis.RedisError as error:
        log.warning("health.broker", error=type(error).__name__)
        return "not reached"
    return OK


def hatch() -> str:
    """Messages between the two sides go on, and the two agree."""
    try:
        trouble = trouble_between_sides()
    except Error as error:
        log.warning("health.hatch", error=type(error).__name__)
        return "not reached"
    return f"stopped: {', '.join(trouble)}" if trouble else OK


PARTS: Final[dict[str, Callable[[], str]]] = {"database": database, "broker": broker, "hatch": hatch}
"""By name; a part answers `ok`, or in few words what is wrong: no site, number, arm or class."""


def _answer(names: list[str]) -> JsonResponse:
    parts = {name: PARTS[name]() for name in names}
    works = all(words == OK for words in parts.values())
    body = {"status": OK if works else "impaired", "side": process_side(), "parts": parts}
    return JsonResponse(body, status=200 if works else 503)


def health(_request: HttpRequest) -> JsonResponse:
    """For monitoring: 200 where every part works, else 503 and which does not."""
    return _answer(list(PARTS))


def web_health(_request: HttpRequest) -> JsonResponse:
    """For what distributes requests: 200 as long as pages can be answered.

    A side without its broker goes on answering, a code break above all, and must not be taken out for it.
    """
    return _answer(["database"])
