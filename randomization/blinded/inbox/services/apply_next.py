"""Apply the next message from the hatch, once, in its own transaction."""

from __future__ import annotations

from randomization.audit.record import record
from randomization.blinded.inbox.effects import attempt
from randomization.blinded.inbox.models import Applied, Cursor, Outcome, Parked
from randomization.blinded.inbox.receiving import Examination, examine, next_row, nothing_waits, position
from randomization.blinded.inbox.services.note_foreign import note_foreign
from randomization.blinded.sites.selectors import has_to_know
from randomization.blinded.sites.services.register_sites import note_messages
from randomization.hatch.models import ForeignRow, InboxMessage
from randomization.hatch.rows import Stop, content_of
from randomization.hatch.verify import PublicKey
from randomization.notices.models import AlarmKind
from randomization.notices.selectors import alarms
from randomization.notices.services.keep_alarms import keep_alarms
from randomization.shared import clock
from randomization.shared.actor import SYSTEM, Actor
from randomization.shared.service import service


def _deal_with(actor: Actor, row: InboxMessage, digest: str, outcome: Outcome, detail: str) -> None:
    """Keep the outcome. What was refused leaves no content below: a verdict that does not count says nothing."""
    Applied.objects.create(
        number=row.number,
        uid=row.uid,
        outcome=outcome,
        detail=detail,
        at=clock.now(),
        digest=digest,
        signature=row.signature,
    )
    if outcome is Outcome.REFUSED:
        InboxMessage.objects.filter(signature=row.signature).update(payload="")
    record(
        actor=actor,
        action=f"inbox.{outcome}",
        subject=str(row.uid),
        data={"number": row.number, "kind": row.kind, "detail": detail},
    )


@service
def apply_next(*, actor: Actor, key: PublicKey) -> bool:
    """Apply one message; False where none waits or the hatch is stopped. A refused or parked one blocks nothing."""
    cursor = Cursor.objects.select_for_update().filter(id=1).first() or Cursor.objects.create(id=1)
    row = next_row(cursor, key)
    if row is None:
        return False
    digest = content_of(row).digest()
    outcome, detail, subject = attempt(row.kind, row.payload, before=row.number)
    if outcome is Outcome.PARKED:
        Parked.objects.create(
            number=row.number,
            uid=row.uid,
            subject=subject,
            detail=detail,
            since=clock.now(),
            digest=digest,
            signature=row.signature,
        )
        record(
            actor=actor,
            action="inbox.parked",
            subject=str(row.uid),
            data={"number": row.number, "kind": row.kind, "detail": detail},
        )
    else:
        _deal_with(actor, row, digest, outcome, detail)
    ForeignRow.objects.filter(row=row.signature).delete()
    cursor.last, cursor.digest = row.number, digest
    cursor.save(update_fields=["last", "digest"])
    return True


@service
def retry_parked(*, actor: Actor) -> int:
    """Try every parked message again, in order and in one transaction; returns how many were dealt with.

    In one transaction, so that nobody sees a syringe ready whose void waits right behind.
    """
    Cursor.objects.select_for_update().filter(id=1).first()
    count = 0
    for item in Parked.objects.order_by("number"):
        row = InboxMessage.objects.get(signature=item.signature)
        outcome, detail, _subject = attempt(row.kind, row.payload, before=row.number)
        if outcome is not Outcome.PARKED:
            item.delete()
            _deal_with(actor, row, item.digest, outcome, detail)
            count += 1
    return count


def _tell(examination: Examination) -> None:
    """Alarms in line with what stops the hatch, and with what is parked."""
    stops = {("", str(stop)) for stop in examination.stops}
    if stops != {(alarm.site_code, alarm.about) for alarm in alarms(AlarmKind.HATCH_STOPPED)}:
        keep_alarms(actor=SYSTEM, kind=AlarmKind.HATCH_STOPPED, wrong=stops)
    if has_to_know(stopped=bool(stops)):
        note_messages(actor=SYSTEM, stopped=bool(stops))
    kinds = dict(
        InboxMessage.objects.filter(signature__in=Parked.objects.values("signature")).values_list("uid", "kind")
    )
    parked = {("", f"{kind} {str(uid)[:8]}") for uid, kind in kinds.items()}
    if parked != {(alarm.site_code, alarm.about) for alarm in alarms(AlarmKind.MESSAGE_PARKED)}:
        keep_alarms(actor=SYSTEM, kind=AlarmKind.MESSAGE_PARKED, wrong=parked)


def apply_inbox() -> int:
    """Apply everything that waits; the task, the sweep, the embedded run and tests all call this.

    A foreign row, a missing one or a missing key stops it, with an alarm; whatever comes after waits and is not lost.
    """
    count = 0
    while not nothing_waits():
        before, examination = position().last, examine()
        if examination.foreign:
            note_foreign(actor=SYSTEM, rows=examination.foreign)
        if examination.key is not None and Stop.FOREIGN not in examination.stops:
            while apply_next(actor=SYSTEM, key=examination.key):
                count += 1
            if Parked.objects.exists():
                retry_parked(actor=SYSTEM)
        _tell(examine())
        if position().last == before:
            break
    return count
