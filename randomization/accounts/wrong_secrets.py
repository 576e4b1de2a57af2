"""Wrong secrets are recorded where they are given, and count towards the lock-out."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from randomization.accounts.lock_out import Door, LogInAction
from randomization.accounts.locked_names import check_not_locked
from randomization.accounts.selectors import known_actor, normal_name
from randomization.accounts.services.log_in import record_log_in
from randomization.shared.errors import SignatureRefused


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
