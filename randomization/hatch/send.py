"""The upper end of the hatch: queue a message, and carry what is due down in order.

Called by unblinded services alone. The insert is the only write that ever crosses the line.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import structlog
from django.conf import settings
from django.db import IntegrityError
from django.db.models import Exists, OuterRef

from randomization.accounts.roles import Role
from randomization.hatch.comparison import compare
from randomization.hatch.messages import DoseReady, DoseVoided, Message, to_payload
from randomization.hatch.models import ForeignRow, InboxMessage
from randomization.hatch.rows import HALT_NUMBER, Stop
from randomization.hatch.signed_content import FIRST_PREVIOUS, SignedContent
from randomization.hatch.verify import PublicKey
from randomization.notices.models import AlarmKind, Channel, Entry, Numbered
from randomization.notices.outbox import queue
from randomization.notices.selectors import alarms, is_due, numbered_after, signed_after
from randomization.notices.services.keep_alarms import keep_alarms
from randomization.notices.services.number_due import Seal, Sealing, number_due
from randomization.shared.actor import SYSTEM
from randomization.shared.entropy import new_uid
from randomization.shared.errors import ConfigurationError
from randomization.shared.service import after_commit
from randomization.shared.wake_workers import waker


@dataclass(frozen=True, slots=True)
class Signer:
    """The hand that signs, and the public key that verifies it."""

    key: PublicKey
    sign: Callable[[Mapping[str, Any]], str]


_sweeps: Final[list[Callable[[], object]]] = []
_signers: Final[list[Callable[[], Signer]]] = []
AT_ONCE: Final = 500
"""Messages looked for in one statement."""
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
        waker.ask("hatch.carry_down")


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
            signer.key.installation, signer.key.epoch, number, entry.uid, entry.kind, entry.payload, previous
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


def _halt(signer: Signer) -> None:
    """Stop the other side by a row that it cannot take for a message, once for each time it went on.

    This side forgot what it sent: a number of its own would be one that was used before.
    """
    waiting = ForeignRow.objects.filter(row=OuterRef("signature"))
    if ForeignRow.objects.filter(released_at=None).exists():
        return
    if InboxMessage.objects.filter(~Exists(waiting), number=HALT_NUMBER).exists():
        return
    key = signer.key
    content = SignedContent(key.installation, key.epoch, HALT_NUMBER, new_uid(), "Halt", "{}", FIRST_PREVIOUS)
    InboxMessage.objects.create(
        number=content.number,
        uid=content.uid,
        kind=content.kind,
        payload=content.payload,
        installation=content.installation,
        epoch=content.epoch,
        previous=content.previous,
        signature=signer.sign(content.body()),
    )


def carry_down() -> int:
    """Sign and insert every message that is due and not there yet, in order; returns how many.

    The sweeps of the rooms run first: what must not go down any more is voided behind it. Safe to repeat and to
    run twice at once: what has arrived is read from the inbox itself, uid by uid. A row that is not ours, one that this
    side does not remember, or no key to sign with, stops it with an alarm; messages wait in the outbox, unnumbered. One
    that is gone from the inbox is inserted again.
    """
    for sweep in _sweeps:
        sweep()
    try:
        signer = _signers[0]()
    except ConfigurationError as error:
        log.error("hatch.no_key", error=error.sentence)
        _tell({Stop.NO_KEY})
        return 0
    try:
        comparison = compare(signer.key)
    except (ValueError, TypeError):  # SQLite keeps anything in any column
        _tell({Stop.UNREADABLE})
        return 0
    _tell(comparison.stops)
    if Stop.OLDER_COPY in comparison.stops:
        _halt(signer)
    if comparison.stops & {Stop.FOREIGN, Stop.OLDER_COPY}:
        return 0
    number_and_sign(signer)
    later = signed_after(Channel.HATCH, comparison.last)
    return _insert({*comparison.absent, *later}, signer)


def _insert(numbers: Collection[int], signer: Signer) -> int:
    if not numbers:
        return 0
    carried = 0
    items = [item for item in numbered_after(Channel.HATCH, min(numbers) - 1) if item.number in numbers]
    for part in range(0, len(items), AT_ONCE):
        carried += _insert_some(items[part : part + AT_ONCE], signer)
    return carried


def _insert_some(items: Sequence[Numbered], signer: Signer) -> int:
    carried = 0
    signatures = [item.signature for item in items]
    # Another worker may have carried them since they were looked for.
    there = set(InboxMessage.objects.filter(signature__in=signatures).values_list("signature", flat=True))
    for item in items:
        if not item.signature or item.signature in there:
            continue
        try:
            InboxMessage.objects.create(
                number=item.number,
                uid=item.entry.uid,
                kind=item.entry.kind,
                payload=item.entry.payload,
                installation=signer.key.installation,
                epoch=signer.key.epoch,
                previous=item.previous,
                signature=item.signature,
            )
            carried += 1
        except IntegrityError:
            if not InboxMessage.objects.filter(signature=item.signature).exists():
                raise
    return carried
