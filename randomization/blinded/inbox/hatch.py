"""The upper end of the hatch: queue a message, and carry what is due down in order.

Called by unblinded services alone. The insert is the only write that ever crosses the line.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Final
from uuid import UUID

from django.conf import settings
from django.db import IntegrityError
from django.db.models import Max

from randomization.blinded.inbox.messages import DoseReady, DoseVoided, Message, to_payload
from randomization.blinded.inbox.models import InboxMessage
from randomization.notices.models import Channel
from randomization.notices.outbox import queue
from randomization.notices.selectors import is_due, last_number, numbered_after
from randomization.notices.services.number_due import number_due
from randomization.shared.actor import SYSTEM
from randomization.shared.errors import ProgrammingError
from randomization.shared.service import after_commit
from randomization.shared.waking import waker

_sweeps: Final[list[Callable[[], object]]] = []


def send(message: Message, *, deliver_at: datetime | None = None) -> None:
    """Queue a message inside the running service; it goes down after the commit, not before `deliver_at`."""
    about = str(message.dose_uid) if isinstance(message, DoseReady | DoseVoided) else ""
    queue(
        channel=Channel.HATCH,
        kind=type(message).__name__,
        payload=to_payload(message),
        deliver_at=deliver_at,
        about=about,
    )
    if deliver_at is None:
        after_commit(wake)


def wake() -> None:
    """Ask a worker to deliver now. A dead broker delays and loses nothing; the embedded run has its sweep alone."""
    if settings.REDIS_URL:
        waker.ask("inbox.carry_down")


def before_carrying(sweep: Callable[[], object]) -> None:
    """Register a room's sweep at start-up: it runs each time before messages are carried down."""
    if sweep not in _sweeps:
        _sweeps.append(sweep)


def carry_down() -> int:
    """Insert every message that is due and not there yet, in order; returns how many.

    The sweeps of the rooms run first: what must not go down any more is voided behind it. Safe to repeat and to
    run twice at once: what has arrived is read from the inbox itself, and a
    number that was never given out here counts for nothing.
    """
    for sweep in _sweeps:
        sweep()
    if is_due(Channel.HATCH):
        number_due(actor=SYSTEM, channel=Channel.HATCH)
    own = last_number(Channel.HATCH)
    last = InboxMessage.objects.filter(number__lte=own).aggregate(last=Max("number"))["last"] or 0
    return carry_down_from(last)


def carry_down_from(last: int) -> int:
    """Insert the messages numbered above `last`; raises ProgrammingError where a foreign one has a number of ours."""
    carried = 0
    for number, entry in numbered_after(Channel.HATCH, last):
        if not _is_there(number, entry.uid):
            try:
                InboxMessage.objects.create(number=number, uid=entry.uid, kind=entry.kind, payload=entry.payload)
                carried += 1
            except IntegrityError:
                if not _is_there(number, entry.uid):
                    raise
    return carried


def _is_there(number: int, uid: UUID) -> bool:
    """Whether this message arrived; raises ProgrammingError where another one took its number."""
    found = InboxMessage.objects.filter(number=number).values_list("uid", flat=True).first()
    if found not in {None, uid}:
        raise ProgrammingError("Another message stands in the hatch under this number.")
    return found is not None
