"""The upper end of the hatch: queue a message, and carry what is due down in order.

Called by unblinded services alone. The insert is the only write that ever crosses the line.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

import structlog
from django.conf import settings
from django.db import IntegrityError

from randomization.accounts.roles import Role
from randomization.blinded.inbox.comparing import compare
from randomization.blinded.inbox.messages import DoseReady, DoseVoided, Message, to_payload
from randomization.blinded.inbox.models import InboxMessage
from randomization.blinded.inbox.receiving import Stop
from randomization.hatch.message import SignedContent
from randomization.notices.models import AlarmKind, Channel, Entry
from randomization.notices.outbox import queue
from randomization.notices.selectors import alarms, is_due, numbered_after
from randomization.notices.services.keep_alarms import keep_alarms
from randomization.notices.services.number_due import Seal, Sealing, number_due
from randomization.shared.actor import SYSTEM
from randomization.shared.errors import ConfigurationError
from randomization.shared.service import after_commit
from randomization.shared.waking import waker


@dataclass(frozen=True, slots=True)
class Signer:
    """The hand that signs: for which installation, in which epoch."""

    installation: UUID
    epoch: int
    sign: Callable[[Mapping[str, Any]], str]


_sweeps: Final[list[Callable[[], object]]] = []
_signers: Final[list[Callable[[], Signer]]] = []
log = structlog.get_logger(__name__)


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


def sign_with(read_signer: Callable[[], Signer]) -> None:
    """Say at start-up whose hand signs; the blinded process has none."""
    _signers[:] = [read_signer]


def _seal_with(signer: Signer) -> Sealing:
    def seal(number: int, entry: Entry, previous: str) -> Seal:
        content = SignedContent(
            signer.installation, signer.epoch, number, entry.uid, entry.kind, entry.payload, previous
        )
        return Seal(content.digest(), signer.sign(content.body()))

    return seal


def number_and_sign(signer: Signer) -> None:
    """Give what is due its number, and sign it together with that."""
    if is_due(Channel.HATCH):
        number_due(actor=SYSTEM, channel=Channel.HATCH, seal=_seal_with(signer))


def _tell(stops: Collection[Stop]) -> None:
    """The alarms of this side in line with what stops the hatch."""
    wrong = {("", str(stop)) for stop in stops}
    if wrong != {(alarm.site_code, alarm.about) for alarm in alarms(AlarmKind.HATCH_STOPPED)}:
        keep_alarms(
            actor=SYSTEM, kind=AlarmKind.HATCH_STOPPED, wrong=wrong, roles=[Role.STATISTICIAN, Role.SAFETY_OFFICER]
        )


def carry_down() -> int:
    """Sign and insert every message that is due and not there yet, in order; returns how many.

    The sweeps of the rooms run first: what must not go down any more is voided behind it. Safe to repeat and to
    run twice at once: what has arrived is read from the inbox itself, uid by uid. A row that is not ours, or no key to
    sign with, stops it with an alarm; messages wait in the outbox. One that is gone from the inbox is inserted again.
    """
    for sweep in _sweeps:
        sweep()
    try:
        signer = _signers[0]()
    except ConfigurationError as error:
        log.error("hatch.no_key", error=error.sentence)
        _tell({Stop.NO_KEY})
        return 0
    number_and_sign(signer)
    found = compare()
    _tell(found.stops)
    return 0 if Stop.FOREIGN in found.stops or not found.absent else _insert(found.absent, signer)


def _insert(numbers: Collection[int], signer: Signer) -> int:
    carried = 0
    for item in numbered_after(Channel.HATCH, min(numbers) - 1):
        if item.number in numbers and item.signature:
            try:
                InboxMessage.objects.create(
                    number=item.number,
                    uid=item.entry.uid,
                    kind=item.entry.kind,
                    payload=item.entry.payload,
                    installation=signer.installation,
                    epoch=signer.epoch,
                    previous=item.previous,
                    signature=item.signature,
                )
                carried += 1
            except IntegrityError:
                if not InboxMessage.objects.filter(signature=item.signature).exists():
                    raise
    return carried
