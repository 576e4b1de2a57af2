"""Record the truth beside a randomisation that was wrong; nothing of it is undone."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar
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
from randomization.signatures.command import ParticipantCommand
from randomization.signatures.services.sign import use_signature


@dataclass(frozen=True, slots=True)
class NoteMisallocation(ParticipantCommand):
    """What was wrong with a randomisation (one of `MisallocationKind`), and the truth in words."""

    meaning: ClassVar[str] = "a randomisation was wrong"
    kind: str
    truth: str

    def content(self) -> dict[str, str]:
        return {"participant": self.subject, "kind": self.kind, "truth": self.truth.strip()}


@service
def note_misallocation(*, actor: Actor, command: NoteMisallocation, grant: UUID) -> Misallocation:
    """Flag a randomised participant, with the truth in words. List, number, kit and treatment stay as they are.

    Raises NotFound outside reach, Refused before randomisation or for a kind that is
    noted already, InvalidInput without the truth.
    """
    kind, truth = command.kind, command.truth
    participant = locked(actor, command.number, Permission.MISALLOCATION_RECORD)
    if participant.state != State.ALLOCATED:
        raise Refused(
            _("%(number)s is not randomised: correct the file instead.", number=participant.number),
            code="not_allocated",
        )
    if kind not in MisallocationKind.values:
        raise InvalidInput(_("Choose what was wrong."), field="kind")
    if not truth.strip():
        raise InvalidInput(_("Write what is true instead."), field="truth")
    if Misallocation.objects.filter(participant=participant, kind=kind).exists():
        raise Refused(_("This is recorded already; the trail has the words."), code="noted")
    signature = use_signature(actor=actor, grant=grant, command=command)
    misallocation = Misallocation.objects.create(
        participant=participant,
        kind=kind,
        truth=truth.strip(),
        recorded_by=actor.user_name,
        recorded_at=clock.now(),
        signature=signature.id,
    )
    record(
        actor=actor,
        action="participant.misallocation",
        subject=participant.number,
        stream=participant.site_id,
        data={"kind": kind, "signature": str(signature.id)},
        texts={"truth": truth},
    )
    queue(
        channel=Channel.PEOPLE,
        kind="misallocation",
        site_code=participant.site_id,
        roles=[Role.INVESTIGATOR, Role.TRIAL_MANAGER],
        payload={"participant": participant.number},
    )
    return misallocation
