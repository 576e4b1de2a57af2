"""Hand one duty over to the next, signed: what was open then, as it was shown."""

from __future__ import annotations

import json
from typing import Any
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
from randomization.signatures.services.sign import use_signature

MEANING = "duty handed over"


def signed_content(site_code: str, to: str, shown: list[dict[str, str]]) -> dict[str, Any]:
    """What the person who goes off duty signs."""
    return {"site": site_code, "to": to, "shown": shown}


@service
def hand_over(*, actor: Actor, site_code: str, to: str, note: str, grant: UUID) -> Handover:
    """Keep what is open at the site now, signed, for the person who takes over.

    Raises NotFound outside reach, InvalidInput for nobody of the site's blinded people, SignatureRefused where what was
    shown changed since.
    """
    if not actor.reaches(site_code):
        raise NotFound()
    check_can(actor, Permission.HANDOVER_SIGN)
    name = to.strip().lower()
    if not any(other.reaches(site_code) for other in actors_for_name(name)) or name == actor.user_name:
        raise InvalidInput(_("Write the user name of the person of this site who takes over."), field="to")
    shown = open_at_handover(site_code)
    signature = use_signature(
        actor=actor, grant=grant, meaning=MEANING, subject=site_code, content=signed_content(site_code, name, shown)
    )
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
