"""Note that an entry went out by e-mail."""

from __future__ import annotations

from randomization.audit.record import record
from randomization.notices.models import Entry, Mailed
from randomization.shared import clock
from randomization.shared.actor import Actor
from randomization.shared.service import current_scope, service


@service
def note_mailed(*, actor: Actor, entry_id: int, recipients: int, refused: int = 0) -> None:
    """Note it once; noted by another process meanwhile, it stays as it is."""
    alias = current_scope().alias
    entry = Entry.objects.using(alias).select_for_update().get(pk=entry_id)
    if Mailed.objects.using(alias).filter(entry=entry).exists():
        return
    Mailed.objects.using(alias).create(entry=entry, recipients=recipients, at=clock.now())
    record(
        actor=actor,
        action="notice.mail",
        subject=str(entry.uid),
        data={"kind": entry.kind, "site": entry.site_code, "recipients": recipients, "refused": refused},
    )
