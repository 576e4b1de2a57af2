"""Log-ins, log-outs and failures in the trail (E6 3.15.2(d)(i): detected as well as prevented)."""

from __future__ import annotations

from typing import Final

from randomization.audit.record import record
from randomization.shared.actor import Actor
from randomization.shared.service import service

FAILED: Final = ("log_in.failed", "signature.failed", "password.failed", "pin.failed")
ACTIONS: Final = ("log_in", "log_out", *FAILED)


@service
def record_log_in(*, actor: Actor, action: str) -> None:
    """Record one of `ACTIONS` for a known user name; names that do not exist are not kept."""
    if action not in ACTIONS:
        raise ValueError(action)
    record(actor=actor, action=action, subject=actor.user_name)
