"""Background work of the hatch: sweeps that make a lost wake-up a delay and nothing worse."""

from __future__ import annotations

import structlog
from celery import shared_task
from django.conf import settings

from randomization.blinded.inbox.hatch import carry_down
from randomization.blinded.inbox.services.apply_next import apply_inbox
from randomization.shared.service import Side, process_side

log = structlog.get_logger(__name__)


@shared_task(name="inbox.carry_down", ignore_result=True)
def carry_down_task() -> None:
    """Unblinded workers: after a commit, and on a schedule."""
    carry_down()


@shared_task(name="inbox.apply", ignore_result=True)
def apply_task() -> None:
    """Blinded workers: on a schedule."""
    apply_inbox()


def wake_hatch() -> None:
    """Ask for delivery now; a broker that is down costs a second and loses nothing, the sweep follows."""
    if not settings.REDIS_URL:
        carry_down()
        return
    try:
        carry_down_task.apply_async(retry=False)
    except OSError as error:
        log.warning("hatch.wake_failed", error=type(error).__name__)


class ApplyInboxFirst:
    """Embedded run without workers: deliver and apply what is due before each request."""

    def __init__(self, get_response):  # type: ignore[no-untyped-def]
        self.get_response = get_response

    def __call__(self, request):  # type: ignore[no-untyped-def]
        if process_side() is Side.BLINDED:
            apply_inbox()
        else:
            carry_down()
        return self.get_response(request)
