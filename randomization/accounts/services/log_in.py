"""Log-ins, log-outs and failures in the trail (E6 3.15.2(d)(i): detected as well as prevented)."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from randomization.accounts.lock_out import Door, LogInAction
from randomization.accounts.locked_names import check_not_locked
from randomization.accounts.selectors import known_actor, normal_name
from randomization.audit.record import record
from randomization.shared.actor import Actor
from randomization.shared.errors import SignatureRefused
from randomization.shared.service import service


@service
def record_log_in(*, actor: Actor, action: LogInAction) -> None:
    """Record it for a known user name; names that do not exist are not kept."""
    record(actor=actor, action=action.value, subject=actor.user_name)


def note_failure(user_name: str, action: LogInAction) -> None:
    """Record a wrong secret where the name is somebody's, also of somebody who has no role now; that counts it."""
    actor = known_actor(normal_name(user_name))
    if actor is not None:
        record_log_in(actor=actor, action=action)


@contextmanager
def counting_failures(user_name: str, action: LogInAction) -> Iterator[None]:
    """Refuse while the name is locked; a secret that is refused inside is noted as `action`, and counts."""
    check_not_locked(Door.SESSION, user_name)
    try:
        yield
    except SignatureRefused:
        note_failure(user_name, action)
        raise
