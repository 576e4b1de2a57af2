"""Embedded run without workers, unblinded side: carry down what is due before each request."""

from __future__ import annotations

from collections.abc import Callable

import structlog
from django.http import HttpRequest, HttpResponse

from randomization.hatch.send import carry_down

log = structlog.get_logger(__name__)


class CarryDownFirst:
    """Carry messages down, then answer; the other side may be down meanwhile."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        try:
            carry_down()
        except Exception as error:  # noqa: BLE001 (a page, a code break above all, never waits for the hatch)
            log.warning("hatch.failed", error=type(error).__name__)
        return self.get_response(request)
