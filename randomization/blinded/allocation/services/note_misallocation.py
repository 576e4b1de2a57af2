"""Record the truth beside a randomisation that was wrong; nothing of it is undone."""

from __future__ import annotations

from typing import Final
from uuid import UUID

from randomization.accounts.roles import Permission, Role
from randomization.audit.record import record
from randomization.blinded.allocation.models import Misallocation, MisallocationKind
from randomization.blinded.screening.file_changes import locked
from randomization.blinded.screening.states import State
from randomization.notices.models import Channel
from randomization.notices.outbox import queue
from randomization.shared import clock
from randomization.shared.actor import Actor
from randomization.shared.errors import InvalidInput, Refused
from randomization.shared.sentences import sentence as _
from randomization.shared.service import service
from randomization.signatures.services.sign import use_signature

MEANING: Final = "a randomisation was wrong"


def signed_content(number: str, kind: str, truth: str) -> dict[str, str]:
    """What the investigator signs."""
    return {"participant": number, "kind": kind, "truth": truth.strip()}


@service
def note_misallocation(*, actor: Actor, number: str, kind: str, truth: str, grant: UUID) -> Misallocation:
    """Flag a randomised participant, with the truth in words. List, number, kit and treatment stay as they are.

    kind: one of `MisallocationKind`. Raises NotFound outside reach, Refused before randomisation or for a kind that is
    noted already, InvalidInput without the truth.
    """
    person = locked(actor, number, Permission.MISALLOCATION_RECORD)
    if person.state != State.ALLOCATED:
        raise Refused(
            _("%(number)s is not randomised: correct the file instead.", number=person.number), code="not_allocated"
        )
    if kind not in MisallocationKind.values:
        raise InvalidInput(_("Choose what was wrong."), field="kind")
    if not truth.strip():
        raise InvalidInput(_("Write what is true instead."), field="truth")
    if Misallocation.objects.filter(participant=person, kind=kind).exists():
        raise Refused(_("This is recorded already; the trail has the words."), code="noted")
    content = signed_content(person.number, kind, truth)
    signature = use_signature(actor=actor, grant=grant, meaning=MEANING, subject=person.number, content=content)
    misallocation = Misallocation.objects.create(
        participant=person,
        kind=kind,
        truth=truth.strip(),
        recorded_by=actor.user_name,
        recorded_at=clock.now(),
        signature=signature.id,
    )
    record(
        actor=actor,
        action="participant.misallocation",
        subject=person.number,
        stream=person.site_id,
        data={"kind": kind, "signature": str(signature.id)},
        texts={"truth": truth},
    )
    queue(
        channel=Channel.PEOPLE,
        kind="misallocation",
        site_code=person.site_id,
        roles=[Role.INVESTIGATOR, Role.TRIAL_MANAGER],
        payload={"participant": person.number},
    )
    return misallocation
