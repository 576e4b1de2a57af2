"""Hand one duty over to the next, signed: what was open then, as it was shown."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from typing import Any, ClassVar
from uuid import UUID

from randomization.accounts.policies import check_can
from randomization.accounts.roles import Permission
from randomization.accounts.selectors import actors_for_name
from randomization.audit.record import record
from randomization.blinded.outcomes.models import Handover
from randomization.blinded.outcomes.selectors import open_at_handover
from randomization.shared import clock
from randomization.shared.actor import Actor
from randomization.shared.errors import InvalidInput, NotFound
from randomization.shared.sentences import sentence as _
from randomization.shared.service import service
from randomization.signatures.command import SignedCommand
from randomization.signatures.services.sign import use_signature


@dataclass(frozen=True, slots=True)
class HandOverDuty(SignedCommand):
    """Who takes over at a site, and what was open there as it was shown."""

    meaning: ClassVar[str] = "duty handed over"
    site_code: str
    to: str
    shown: list[dict[str, str]]

    @property
    def subject(self) -> str:
        return self.site_code

    @property
    def user_name(self) -> str:
        """The user name of the person who takes over."""
        return self.to.strip().lower()

    def content(self) -> dict[str, Any]:
        return {"site": self.site_code, "to": self.user_name, "shown": self.shown}


@service
def hand_over(*, actor: Actor, command: HandOverDuty, note: str, grant: UUID) -> Handover:
    """Keep what is open at the site now, signed, for the person who takes over.

    Raises NotFound outside reach, InvalidInput for nobody of the site's blinded people, SignatureRefused where what was
    shown changed since.
    """
    site_code, name = command.site_code, command.user_name
    if not actor.reaches(site_code):
        raise NotFound()
    check_can(actor, Permission.HANDOVER_SIGN)
    if not any(other.reaches(site_code) for other in actors_for_name(name)) or name == actor.user_name:
        raise InvalidInput(_("Write the user name of the person of this site who takes over."), field="to")
    shown = open_at_handover(site_code)
    signature = use_signature(actor=actor, grant=grant, command=replace(command, shown=shown))
    handover = Handover.objects.create(
        site_id=site_code,
        signed_by=actor.user_name,
        signed_at=clock.now(),
        to=name,
        shown=json.dumps(shown),
        signature=signature.id,
    )
    record(
        actor=actor,
        action="duty.hand_over",
        subject=site_code,
        stream=site_code,
        data={"to": name, "open": len(shown), "signature": str(signature.id)},
        texts={"note": note},
    )
    return handover
