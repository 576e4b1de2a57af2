"""Log-ins, log-outs and failures in the trail (E6 3.15.2(d)(i): detected as well as prevented)."""

from __future__ import annotations

from randomization.accounts.lock_out import LogInAction
from randomization.audit.record import record
from randomization.shared.actor import Actor
from randomization.shared.service import service


@service
def record_log_in(*, actor: Actor, action: LogInAction) -> None:
    """Record it for a known user name; names that do not exist are not kept."""
    record(actor=actor, action=action.value, subject=actor.user_name)
