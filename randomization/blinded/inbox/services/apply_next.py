"""Apply the next message from the hatch, once, in its own transaction."""

from __future__ import annotations

from django.db import DataError, IntegrityError

from randomization.accounts.services.appoint import reserve_user_name
from randomization.audit.record import record
from randomization.blinded.allocation.services.receive_slots import receive_slots
from randomization.blinded.bedside.services import pharmacy_news
from randomization.blinded.inbox import messages
from randomization.blinded.inbox.models import Applied, Cursor, InboxMessage
from randomization.blinded.screening.services import laboratory_news
from randomization.blinded.sites.services.register_sites import note_drill, set_supply
from randomization.shared import clock
from randomization.shared.actor import SYSTEM, Actor
from randomization.shared.errors import TrialError
from randomization.shared.service import savepoint, service


def _dispatch(message: messages.Message) -> None:
    match message:
        case messages.SlotsSealed(list_uid, site_code, stratum_uid, version, root, slots, fallback):
            receive_slots(
                actor=SYSTEM, list_uid=list_uid, site_code=site_code, stratum_uid=stratum_uid, version=version,
                root=root, slots=slots, fallback=fallback,
            )  # fmt: skip
        case messages.SampleReceived(sample_uid, received_at):
            laboratory_news.note_receipt(actor=SYSTEM, sample_uid=sample_uid, received_at=received_at)
        case messages.LaboratoryVerdict(sample_uid, verdict_uid, verdict, covid19, stratum_uid):
            laboratory_news.note_verdict(
                actor=SYSTEM, sample_uid=sample_uid, verdict_uid=verdict_uid, verdict=verdict, covid19=covid19,
                stratum_uid=stratum_uid,
            )  # fmt: skip
        case messages.DoseReady(dose_uid, pack_code, ready_at, use_before):
            pharmacy_news.note_ready(
                actor=SYSTEM, dose_uid=dose_uid, pack_code=pack_code, ready_at=ready_at, use_before=use_before
            )
        case messages.DoseVoided(dose_uid, pack_code):
            pharmacy_news.note_voided(actor=SYSTEM, dose_uid=dose_uid, pack_code=pack_code)
        case messages.CodeBroken(participant_uid, at):
            pharmacy_news.note_code_broken(actor=SYSTEM, participant_uid=participant_uid, at=at)
        case messages.SiteSupply(site_code, may_supply):
            set_supply(actor=SYSTEM, code=site_code, may_supply=may_supply)
        case messages.UserNameReserved(user_name, email_sha256):
            reserve_user_name(actor=SYSTEM, user_name=user_name, email_sha256=email_sha256)
        case messages.DrillDone(site_code):
            note_drill(actor=SYSTEM, code=site_code)


@service
def apply_next(*, actor: Actor) -> bool:
    """Apply one message; False where none waits. A refused one is noted and does not block the queue."""
    cursor = Cursor.objects.select_for_update().filter(id=1).first() or Cursor.objects.create(id=1)
    message = InboxMessage.objects.filter(number=cursor.last + 1).first()
    if message is None:
        return False
    outcome, detail = "applied", ""
    try:
        with savepoint():
            _dispatch(messages.from_payload(message.kind, message.payload))
    except TrialError as error:
        outcome, detail = "refused", error.code
    except IntegrityError:
        outcome, detail = "refused", "conflict"
    except (ValueError, DataError):
        outcome, detail = "refused", "malformed"
    Applied.objects.create(message=message, outcome=outcome, detail=detail, at=clock.now())
    cursor.last = message.number
    cursor.save(update_fields=["last"])
    record(
        actor=actor, action=f"inbox.{outcome}", subject=str(message.uid),
        data={"number": message.number, "kind": message.kind, "detail": detail},
    )  # fmt: skip
    return True


def apply_inbox() -> int:
    """Apply everything that waits; the task, the sweep, the embedded run and tests all call this."""
    count = 0
    while _waits() and apply_next(actor=SYSTEM):
        count += 1
    return count


def _waits() -> bool:
    """Whether a message waits; a read, so that an idle sweep takes no lock."""
    last = Cursor.objects.filter(id=1).values_list("last", flat=True).first() or 0
    return InboxMessage.objects.filter(number=last + 1).exists()
