"""What the pharmacy does by itself, each time before messages are carried down."""

from __future__ import annotations

import structlog

from pharmacy.preparation.newkits import unanswered
from pharmacy.preparation.selectors import to_void
from pharmacy.preparation.services.call_duty import call_duty
from pharmacy.preparation.services.show import show_due
from pharmacy.preparation.services.void_outdated import void_outdated
from pharmacy.preparation.showing import to_show
from pharmacy.stock.selectors import supply_changes
from pharmacy.stock.services.state_supply import settle_supply
from randomization.shared import clock
from randomization.shared.actor import SYSTEM

log = structlog.get_logger(__name__)


def sweep() -> None:
    """Void what no longer holds, show the ward what is due, tell a changed supply, call who is on duty.

    Reads alone where nothing is to do. What became void is voided first, so that the ward is never shown it.

    A failure to void stops the carrying, so that nothing outdated goes down; a failure to call never does: the
    next sweep tries again.
    """
    if to_void():
        void_outdated(actor=SYSTEM)
    if to_show():
        show_due(actor=SYSTEM)
    if supply_changes():
        settle_supply(actor=SYSTEM)
    try:
        if any(waiting.to_call(clock.now()) for waiting in unanswered()):
            call_duty(actor=SYSTEM)
    except Exception as error:  # noqa: BLE001 (see above)
        log.warning("duty.call_failed", error=type(error).__name__)
