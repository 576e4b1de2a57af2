"""Whom a new allocation calls, and when it calls the next.

The call names the kit alone; what it holds is not looked at.

Pure: no Django.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

PATIENCE: Final = timedelta(minutes=15)
"""How long one call may stay without an answer before the next person is called [choice]."""


def next_call(*, on_duty: Sequence[str], called: int, last_at: datetime | None, now: datetime) -> str | None:
    """Who is to be called now, or None: in turn among those on duty, one every 15 minutes until it is acknowledged.

    called: how many calls went out before; last_at: when the last did (UTC). Nobody on duty: nobody is called, and
    the worklist says so.
    """
    if not on_duty or (last_at is not None and now - last_at < PATIENCE):
        return None
    return on_duty[called % len(on_duty)]
