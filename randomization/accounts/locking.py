"""Wrong secrets, at log-in, for a token and to sign, are counted together: five lock a name for 15 minutes."""

from __future__ import annotations

from typing import Final

from django.core.cache import cache

from randomization.accounts.selectors import actor_for_name
from randomization.accounts.services.log_in import record_log_in
from randomization.shared.errors import SignatureRefused

FAILURES_BEFORE_LOCK: Final = 5
LOCK_SECONDS: Final = 15 * 60
LOCKED: Final = "Too many wrong passwords: this name is locked for 15 minutes."


def _key(user_name: str) -> str:
    return f"wrong-secrets:{user_name.strip().lower()[:64]}"


def is_locked(user_name: str) -> bool:
    """Whether the name is locked now."""
    return int(cache.get(_key(user_name), 0)) >= FAILURES_BEFORE_LOCK


def check_not_locked(user_name: str) -> None:
    """Raise SignatureRefused while the name is locked."""
    if is_locked(user_name):
        raise SignatureRefused(LOCKED, code="locked", field="secret")


def note_failure(user_name: str, *, action: str) -> None:
    """Count a wrong secret, and record it where the name is somebody's."""
    cache.add(_key(user_name), 0, LOCK_SECONDS)
    cache.incr(_key(user_name))
    actor = actor_for_name(user_name.strip().lower())
    if actor is not None:
        record_log_in(actor=actor, action=action)


def forget_failures(user_name: str) -> None:
    """A right secret clears the count."""
    cache.delete(_key(user_name))
