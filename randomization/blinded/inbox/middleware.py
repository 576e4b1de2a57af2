"""Embedded run without workers, blinded side: apply what has arrived before each request."""

from __future__ import annotations

from collections.abc import Callable

import structlog
from django.http import HttpRequest, HttpResponse

from randomization.blinded.inbox.services.apply_next import apply_inbox

log = structlog.get_logger(__name__)


class ApplyFirst:
    """Apply messages, then answer; what is wrong with the hatch keeps nobody from a page."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        try:
            apply_inbox()
        except Exception as error:  # noqa: BLE001 (no page waits for the hatch)
            log.warning("hatch.failed", error=type(error).__name__)
        return self.get_response(request)
