"""Whether a name is locked now, counted in the trail: every process of a side shares it, and it needs no broker."""

from __future__ import annotations

from randomization.accounts.lock_out import COUNTED, FORGOTTEN, LOCK, Door, sentence_while_locked
from randomization.accounts.policies import can
from randomization.accounts.roles import Permission
from randomization.accounts.selectors import actors_for_name, normal_name
from randomization.audit.selectors import moments_of
from randomization.shared import clock
from randomization.shared.errors import SignatureRefused


def lock_at(door: Door, user_name: str) -> str:
    """What to say to who gives a secret at a door while the name is locked; empty where it is not.

    Whether somebody breaks codes is read only for a name that is locked otherwise.
    """
    now, name = clock.now(), normal_name(user_name)
    actions = sorted(COUNTED[door] | FORGOTTEN[door])
    events = moments_of(subject=name, actions=actions, since=now - LOCK)
    lock = sentence_while_locked(door, events, breaks_codes=False, now=now)
    if lock and any(can(actor, Permission.CODE_BREAK) for actor in actors_for_name(name)):
        return sentence_while_locked(door, events, breaks_codes=True, now=now)
    return lock


def check_not_locked(door: Door, user_name: str) -> None:
    """Raise SignatureRefused while the name is locked at a door."""
    if lock := lock_at(door, user_name):
        raise SignatureRefused(lock, code="locked", field="pin" if door is Door.TABLET else "secret")
