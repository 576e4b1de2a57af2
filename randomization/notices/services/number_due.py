"""Give the entries of a channel that are due their place in the order of delivery."""

from __future__ import annotations

from randomization.audit.record import record
from randomization.notices.models import Channel, Entry, Head, Numbered
from randomization.shared import clock
from randomization.shared.actor import Actor
from randomization.shared.service import current_scope, service


@service
def number_due(*, actor: Actor, channel: Channel) -> int:
    """Number all entries that are due and have no number, by moment of delivery; returns how many."""
    alias = current_scope().alias
    due = Entry.objects.using(alias).filter(channel=channel, deliver_at__lte=clock.now(), numbered=None)
    if not due.exists():
        return 0
    Head.objects.using(alias).get_or_create(name=channel)
    head = Head.objects.using(alias).select_for_update().get(name=channel)
    entries = list(due.order_by("deliver_at", "tie", "id"))
    numbers = range(head.last + 1, head.last + 1 + len(entries))
    Numbered.objects.using(alias).bulk_create(
        [Numbered(entry=entry, channel=channel, number=number) for entry, number in zip(entries, numbers, strict=True)]
    )
    head.last += len(entries)
    head.save(update_fields=["last"])
    record(actor=actor, action="notice.number", subject=str(channel), data={"first": numbers[0], "last": numbers[-1]})
    return len(entries)
