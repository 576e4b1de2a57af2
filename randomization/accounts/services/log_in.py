"""Log-ins, log-outs and failures in the trail (E6 3.15.2(d)(i): detected as well as prevented)."""

from __future__ import annotations

from typing import Final

from randomization.audit.record import record
from randomization.shared.actor import Actor
from randomization.shared.service import service

LOG_IN_FAILED: Final = "log_in.failed"
KNOWN_FAILED: Final = "log_in.failed_on_known_device"
INSIDE_FAILED: Final = ("signature.failed", "password.failed", "factor.failed")
"""Wrong secrets of a session, or after a right password: nobody else can add to these."""
FAILED: Final = (LOG_IN_FAILED, KNOWN_FAILED, *INSIDE_FAILED)
PIN_FAILED: Final = "pin.failed"
PIN_RIGHT: Final = "log_in.pin"
BADGE: Final = "log_in.badge"
LOG_INS: Final = ("log_in", PIN_RIGHT, BADGE)
ACTIONS: Final = (*LOG_INS, "log_out", *FAILED, PIN_FAILED)


@service
def record_log_in(*, actor: Actor, action: str) -> None:
    """Record one of `ACTIONS` for a known user name; names that do not exist are not kept."""
    if action not in ACTIONS:
        raise ValueError(action)
    record(actor=actor, action=action, subject=actor.user_name)
