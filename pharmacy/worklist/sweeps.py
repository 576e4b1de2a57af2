"""What the worklist does by itself, each time before messages are carried down."""

from __future__ import annotations

import structlog

from pharmacy.worklist.services.call_duty import call_duty
from pharmacy.worklist.unanswered_kits import unanswered
from randomization.shared import clock
from randomization.shared.actor import SYSTEM

log = structlog.get_logger(__name__)


def call_who_is_on_duty() -> None:
    """Call for newly allocated kits that nobody took over.

    A failure to call stops no message: the next sweep tries again.
    """
    try:
        if any(waiting.to_call(clock.now()) for waiting in unanswered()):
            call_duty(actor=SYSTEM)
    except Exception as error:  # noqa: BLE001 (see above)
        log.warning("duty.call_failed", error=type(error).__name__)
