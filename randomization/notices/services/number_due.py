"""Give the entries of a channel that are due their place in the order of delivery."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from randomization.audit.record import record
from randomization.notices.models import Channel, Entry, Head, Numbered
from randomization.shared import clock
from randomization.shared.actor import Actor
from randomization.shared.service import current_scope, service


@dataclass(frozen=True, slots=True)
class Seal:
    """The digest of an entry with its number, and the signature over it; both hex."""

    digest: str
    signature: str


Sealing = Callable[[int, Entry, str], Seal]
"""From a number, its entry and the digest of the entry before."""


@service
def number_due(*, actor: Actor, channel: Channel, seal: Sealing) -> int:
    """Number and sign all entries that are due and have no number, by moment of delivery; returns how many."""
    alias = current_scope().alias
    due = Entry.objects.using(alias).filter(channel=channel, deliver_at__lte=clock.now(), numbered=None)
    if not due.exists():
        return 0
    Head.objects.using(alias).get_or_create(name=channel)
    head = Head.objects.using(alias).select_for_update().get(name=channel)
    rows: list[Numbered] = []
    for number, entry in enumerate(due.order_by("deliver_at", "tie", "id"), head.last + 1):
        sealed = seal(number, entry, head.digest)
        rows.append(
            Numbered(
                entry=entry,
                channel=channel,
                number=number,
                previous=head.digest,
                digest=sealed.digest,
                signature=sealed.signature,
            )
        )
        head.digest = sealed.digest
    Numbered.objects.using(alias).bulk_create(rows)
    data = {"first": head.last + 1, "last": head.last + len(rows)}
    head.last += len(rows)
    head.save(update_fields=["last", "digest"])
    record(actor=actor, action="notice.number", subject=str(channel), data=data)
    return len(rows)
