"""Another site of the trial treats a participant from now on; list, number and kit stay as they are."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar
from uuid import UUID

from randomization.accounts.roles import Permission, Role
from randomization.audit.record import record
from randomization.blinded.bedside.models import Course
from randomization.blinded.bedside.void_ready import void_ready
from randomization.blinded.screening.file_changes import locked, need_reason
from randomization.blinded.screening.models import Participant, Transfer
from randomization.blinded.sites.gates import against_transfer
from randomization.blinded.sites.models import Site
from randomization.blinded.sites.selectors import facts_of_site
from randomization.notices.models import Channel
from randomization.notices.outbox import queue
from randomization.shared import clock
from randomization.shared.actor import Actor
from randomization.shared.errors import InvalidInput, Refused
from randomization.shared.foreseen import Accepted
from randomization.shared.ids import as_site_code
from randomization.shared.obstacles import refuse
from randomization.shared.sentences import sentence as _
from randomization.shared.service import service
from randomization.signatures.command import ParticipantCommand
from randomization.signatures.services.sign import use_signature


@dataclass(frozen=True, slots=True)
class TransferParticipant(ParticipantCommand):
    """Which site treats from now on, in any of the ways that people type its code."""

    meaning: ClassVar[str] = "transfer to another site"
    to_site: str

    @property
    def site_code(self) -> str:
        """The code of the site that treats from now on."""
        return as_site_code(self.to_site)

    def content(self) -> dict[str, Any]:
        return {"participant": self.subject, "to": self.site_code}


def _check_site(to: Site, participant: Participant) -> None:
    if to.code == participant.site_id:
        raise InvalidInput(
            _("%(number)s is treated at %(code)s already.", number=participant.number, code=to.code), field="to_site"
        )
    refuse(against_transfer(facts_of_site(to), protocol=participant.site.protocol_id))


@service
def transfer(
    *, actor: Actor, command: TransferParticipant, reason: str, grant: UUID, accepted: Accepted | None = None
) -> Transfer:
    """From now on another site treats and prepares; what is ready here becomes void: return it to the pharmacy here.

    accepted: what may become void; None: nobody is asked. Raises NotFound outside reach, Refused without a treatment
    that goes on or for a site that cannot treat now, VoidsNotAccepted, InvalidInput for an unknown site or without a
    reason. A closed site may treat: it screens and randomises nobody.
    """
    participant = locked(actor, command.number, Permission.COURSE_TRANSFER)
    need_reason(is_correction=True, reason=reason)
    course = Course.objects.select_for_update().filter(participant=participant, stopped_at=None).first()
    if course is None:
        raise Refused(_("%(number)s has no treatment that goes on.", number=participant.number), code="no_course")
    to = Site.objects.filter(code=command.site_code).first()
    if to is None:
        raise InvalidInput(_("There is no site %(to_site)s.", to_site=command.site_code), field="to_site")
    _check_site(to, participant)
    signature = use_signature(actor=actor, grant=grant, command=command)
    voided, before = void_ready(participant, accepted=accepted), participant.site_id
    course.steered_at = clock.now()
    course.save(update_fields=["steered_at"])
    new_transfer = Transfer.objects.create(
        participant=participant,
        from_site_id=before,
        to_site=to,
        at=clock.now(),
        recorded_by=actor.user_name,
        signature=signature.id,
    )
    Participant.objects.filter(uid=participant.uid).update(site=to)
    for stream in sorted((before, to.code)):
        record(
            actor=actor,
            action="participant.transfer",
            subject=participant.number,
            stream=stream,
            data={
                "old": {"site": before},
                "new": {"site": to.code},
                "voided": list(voided),
                "signature": str(signature.id),
            },
            texts={"reason": reason},
        )
    queue(
        channel=Channel.PEOPLE,
        kind="transfer",
        site_code=to.code,
        payload={"participant": participant.number},
        roles=[Role.COORDINATOR, Role.INVESTIGATOR, Role.NURSE],
    )
    return new_transfer
