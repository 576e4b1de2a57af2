"""Wrong secrets, at log-in, for a token, to sign and to change a password, are counted together: five lock a name.

They are counted in the trail, which every process of a side shares and which needs no broker.
"""

from __future__ import annotations

import unicodedata
from datetime import datetime, timedelta
from typing import Final

from randomization.accounts.roles import Role
from randomization.accounts.selectors import actor_for_name, actors_for_name
from randomization.accounts.services.log_in import FAILED, PIN_FAILED, PIN_RIGHT, record_log_in
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


def _normal(user_name: str) -> str:
    """One name for all spellings: the log-in form reads other forms of the same letters (NFKC) as the same name."""
    return unicodedata.normalize("NFKC", user_name).strip().lower()[:64]


def _failures(user_name: str) -> list[datetime]:
    """When secrets were wrong in the last quarter of an hour, since the last log-in, or password set by another."""
    since = clock.now() - LOCK
    found: list[datetime] = []
    for action, at in moments_of(subject=_normal(user_name), actions=(*FAILED, *FORGOTTEN), since=since):
        found = [] if action in FORGOTTEN else [*found, at]
    return found


def is_locked(user_name: str) -> bool:
    """Whether the name is locked now."""
    failures = _failures(user_name)
    if len(failures) < FAILURES_BEFORE_LOCK:
        return False
    breaks_codes = any(actor.role == Role.CODE_BREAKER for actor in actors_for_name(_normal(user_name)))
    return not breaks_codes or clock.now() - failures[-1] < BREAKER_LOCK


def check_pin_not_locked(user_name: str) -> None:
    """As `check_not_locked`, for PINs, counted apart: a wrong one bars no password, a badge resets no count."""
    since, wrong = clock.now() - LOCK, 0
    for action, _at in moments_of(subject=_normal(user_name), actions=(PIN_FAILED, PIN_RIGHT), since=since):
        wrong = 0 if action == PIN_RIGHT else wrong + 1
    if wrong >= FAILURES_BEFORE_LOCK:
        raise SignatureRefused(LOCKED, code="locked", field="pin")


def check_not_locked(user_name: str) -> None:
    """Raise SignatureRefused while the name is locked."""
    if is_locked(user_name):
        raise SignatureRefused(LOCKED, code="locked", field="secret")


def note_failure(user_name: str, *, action: str) -> None:
    """Record a wrong secret where the name is somebody's; that counts it."""
    actor = actor_for_name(_normal(user_name))
    if actor is not None:
        record_log_in(actor=actor, action=action)
