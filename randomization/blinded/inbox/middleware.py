"""Embedded run without workers: deliver and apply what is due before each request."""

from __future__ import annotations

from collections.abc import Callable

import structlog
from django.http import HttpRequest, HttpResponse

from randomization.blinded.inbox.hatch import carry_down
from randomization.blinded.inbox.services.apply_next import apply_inbox
from randomization.shared.service import Side, process_side

log = structlog.get_logger(__name__)


class SweepFirst:
    """Carry down on the unblinded side, apply on the blinded one, then answer; the other side may be down meanwhile."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        work = apply_inbox if process_side() is Side.BLINDED else carry_down
        try:
            work()
        except Exception as error:  # noqa: BLE001 (a page, a code break above all, never waits for the hatch)
            log.warning("hatch.failed", error=type(error).__name__)
        return self.get_response(request)
