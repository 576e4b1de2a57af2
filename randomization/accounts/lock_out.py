"""Wrong secrets lock a name for a while. Who is logged in is locked by their own alone, never by a stranger's guesses.

They are counted in the trail, which every process of a side shares and which needs no broker.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

from randomization.accounts.policies import can
from randomization.accounts.roles import Permission
from randomization.accounts.selectors import actors_for_name, known_actor, normal_name
from randomization.accounts.services.log_in import (
    INSIDE_FAILED,
    KNOWN_FAILED,
    LOG_IN_FAILED,
    PIN_FAILED,
    PIN_RIGHT,
    record_log_in,
)
from randomization.audit.selectors import moments_of
from randomization.shared import clock
from randomization.shared.errors import SignatureRefused
from randomization.shared.sentences import sentence as _

FAILURES_BEFORE_LOCK: Final = 5
LOCK: Final = timedelta(minutes=15)
LOCKED: Final = _("Too many wrong passwords: this name is locked for 15 minutes.")
FORGOTTEN: Final = ("log_in", "person.readmit")
BREAKER_LOCK: Final = timedelta(seconds=10)
"""A code break is never locked away by somebody else's guesses: who breaks codes waits seconds between attempts."""
LOCKED_SHORTLY: Final = _("Too many wrong passwords: wait ten seconds, then try again.")


def _failures(user_name: str, actions: Sequence[str]) -> list[datetime]:
    """When secrets were wrong in the last quarter of an hour, since the last log-in, or password set by another."""
    since = clock.now() - LOCK
    found: list[datetime] = []
    for action, at in moments_of(subject=normal_name(user_name), actions=(*actions, *FORGOTTEN), since=since):
        found = [] if action in FORGOTTEN else [*found, at]
    return found


def _lock(user_name: str, actions: Sequence[str]) -> str:
    """What to say while the name is locked; empty where it is not."""
    failures = _failures(user_name, actions)
    if len(failures) < FAILURES_BEFORE_LOCK:
        return ""
    if not any(can(actor, Permission.CODE_BREAK) for actor in actors_for_name(normal_name(user_name))):
        return LOCKED
    return LOCKED_SHORTLY if clock.now() - failures[-1] < BREAKER_LOCK else ""


def log_in_lock(user_name: str, *, known_device: bool = False) -> str:
    """What to say to who logs in while the name is locked; empty where it is not.

    known_device: on a device where this person logged in before, guesses made elsewhere do not count.
    """
    return _lock(user_name, (*INSIDE_FAILED, KNOWN_FAILED, *(() if known_device else (LOG_IN_FAILED,))))


def check_pin_not_locked(user_name: str) -> None:
    """As `check_not_locked`, for PINs, counted apart: a wrong one bars no password, a badge resets no count."""
    since, wrong = clock.now() - LOCK, 0
    for action, _at in moments_of(subject=normal_name(user_name), actions=(PIN_FAILED, PIN_RIGHT), since=since):
        wrong = 0 if action == PIN_RIGHT else wrong + 1
    if wrong >= FAILURES_BEFORE_LOCK:
        raise SignatureRefused(LOCKED, code="locked", field="pin")


def check_log_in_not_locked(user_name: str) -> None:
    """For programs, which have no device: raise SignatureRefused while the name is locked."""
    if lock := log_in_lock(user_name):
        raise SignatureRefused(lock, code="locked", field="secret")


def check_not_locked(user_name: str) -> None:
    """For who is logged in: raise SignatureRefused while too many secrets were wrong in sessions of this name."""
    if lock := _lock(user_name, INSIDE_FAILED):
        raise SignatureRefused(lock, code="locked", field="secret")


def note_failure(user_name: str, *, action: str) -> None:
    """Record a wrong secret where the name is somebody's, also of somebody who has no role now; that counts it."""
    actor = known_actor(normal_name(user_name))
    if actor is not None:
        record_log_in(actor=actor, action=action)
