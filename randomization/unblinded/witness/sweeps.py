"""What this room does by itself, each time before messages are carried down: compare, tell, remember."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

import structlog
from django.db import DatabaseError

from randomization.accounts.roles import Role
from randomization.notices.models import AlarmKind
from randomization.notices.selectors import alarms
from randomization.notices.services.keep_alarms import keep_alarms
from randomization.shared import clock
from randomization.shared.actor import SYSTEM
from randomization.unblinded.witness.comparison import Difference, Heads, heads_below, look
from randomization.unblinded.witness.models import SeenHead, SeenKit
from randomization.unblinded.witness.services.note_seen import note_heads, note_kits

HEADS_EVERY: Final = timedelta(minutes=1)
"""How often heads are kept; kits are kept at once, and all are compared at every carrying [choice]."""
ROLES: Final = (Role.STATISTICIAN, Role.SAFETY_OFFICER, Role.PHARMACIST)
log = structlog.get_logger(__name__)


class LastLook:
    """The heads with which this process saw no difference last: where they are the same, nothing changed below."""

    heads: Heads | None = None


def _tell(wrong: frozenset[Difference]) -> None:
    if wrong != {(alarm.site_code, alarm.about) for alarm in alarms(AlarmKind.SIDES_DIFFER)}:
        keep_alarms(actor=SYSTEM, kind=AlarmKind.SIDES_DIFFER, wrong=wrong, roles=ROLES)


def _remember(heads: Heads) -> None:
    newest = SeenHead.objects.order_by("-seen_at").first()
    if newest is None or clock.now() - newest.seen_at >= HEADS_EVERY or clock.now() < newest.seen_at:
        note_heads(actor=SYSTEM, heads=heads)


def sweep() -> None:
    """One read where nothing changed below. That nothing answers there stops no other sweep."""
    try:
        if LastLook.heads == heads_below():
            return
        LastLook.heads = None
        current = look()
        _tell(current.wrong)
        if SeenKit.objects.count() < len(current.bindings):
            note_kits(actor=SYSTEM, kits=current.bindings.values())
        if not current.wrong:
            _remember(current.heads)
            LastLook.heads = current.heads
    except DatabaseError as error:
        log.warning("witness.not_compared", error=type(error).__name__)
