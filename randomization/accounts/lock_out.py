"""When wrong secrets lock a name: what counts at which door, and for how long (docs/decisions/0020).

Who is logged in is locked by their own wrong secrets alone, never by a stranger's guesses.

Pure: no Django.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from enum import Enum, StrEnum, auto
from typing import Final

from randomization.shared.sentences import sentence as _

FAILURES_BEFORE_LOCK: Final = 5
LOCK: Final = timedelta(minutes=15)
BREAKER_LOCK: Final = timedelta(seconds=10)
"""A code break is never locked away by somebody else's guesses: who breaks codes waits seconds between attempts."""
LOCKED: Final = _("Too many wrong passwords: this name is locked for 15 minutes.")
LOCKED_SHORTLY: Final = _("Too many wrong passwords: wait ten seconds, then try again.")


class LogInAction(StrEnum):
    """What the trail records of log-ins, log-outs and wrong secrets, in stored words."""

    LOG_IN = "log_in"
    PIN = "log_in.pin"
    BADGE = "log_in.badge"
    LOG_OUT = "log_out"
    WRONG_AT_LOG_IN = "log_in.failed"
    WRONG_ON_KNOWN_DEVICE = "log_in.failed_on_known_device"
    WRONG_TO_SIGN = "signature.failed"
    WRONG_FOR_ACCOUNT = "password.failed"
    WRONG_SECOND_FACTOR = "factor.failed"
    WRONG_PIN = "pin.failed"


ACCOUNT_RECOVERED: Final = "person.readmit"
LOG_INS: Final = (LogInAction.LOG_IN, LogInAction.PIN, LogInAction.BADGE)
"""Every way in."""
_INSIDE: Final = frozenset({LogInAction.WRONG_TO_SIGN, LogInAction.WRONG_FOR_ACCOUNT, LogInAction.WRONG_SECOND_FACTOR})
"""Wrong secrets of a session, or after a right password: nobody else can add to these."""


class Door(Enum):
    """Where a secret is asked for."""

    STRANGE_DEVICE = auto()
    KNOWN_DEVICE = auto()
    API_TOKEN = auto()
    SESSION = auto()
    TABLET = auto()


COUNTED: Final[Mapping[Door, frozenset[LogInAction]]] = {
    Door.STRANGE_DEVICE: _INSIDE | {LogInAction.WRONG_ON_KNOWN_DEVICE, LogInAction.WRONG_AT_LOG_IN},
    Door.API_TOKEN: _INSIDE | {LogInAction.WRONG_ON_KNOWN_DEVICE, LogInAction.WRONG_AT_LOG_IN},
    Door.KNOWN_DEVICE: _INSIDE | {LogInAction.WRONG_ON_KNOWN_DEVICE},
    Door.SESSION: _INSIDE,
    Door.TABLET: frozenset({LogInAction.WRONG_PIN}),
}
"""Which wrong secrets count at a door. A program has no device; a wrong PIN bars no password, and the other way."""
FORGOTTEN: Final[Mapping[Door, frozenset[str]]] = {
    **dict.fromkeys(Door, frozenset({LogInAction.LOG_IN, ACCOUNT_RECOVERED})),
    Door.TABLET: frozenset({LogInAction.PIN}),
}
"""After which events the count starts anew; a badge resets no count of PINs."""


def sentence_while_locked(
    door: Door, events: Iterable[tuple[str, datetime]], *, breaks_codes: bool, now: datetime
) -> str:
    """What to say at a door while the name is locked; empty where it is not.

    events: action and moment (UTC) of this name, oldest first; older ones than `LOCK` do not count.
    """
    failures: list[datetime] = []
    for action, at in events:
        if action in FORGOTTEN[door]:
            failures = []
        elif action in COUNTED[door] and now - at <= LOCK:
            failures.append(at)
    if len(failures) < FAILURES_BEFORE_LOCK:
        return ""
    if not breaks_codes or door is Door.TABLET:
        return LOCKED
    return LOCKED_SHORTLY if now - failures[-1] < BREAKER_LOCK else ""
