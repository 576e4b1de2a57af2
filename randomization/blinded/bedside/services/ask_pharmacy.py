"""The ward tells the pharmacy one of a few fixed things about a dose."""

from __future__ import annotations

from uuid import UUID

from randomization.accounts.policies import check_can
from randomization.accounts.roles import Permission
from randomization.audit.record import record
from randomization.blinded.bedside.models import Dose, Packaging, WardRequest
from randomization.blinded.bedside.selectors import dose
from randomization.blinded.bedside.states import WAITING, WardRequestKind
from randomization.shared import clock
from randomization.shared.actor import Actor
from randomization.shared.errors import Refused
from randomization.shared.sentences import sentence as _
from randomization.shared.service import service


@service
def ask_pharmacy(*, actor: Actor, dose_uid: UUID, kind: WardRequestKind) -> WardRequest:
    """Keep the request where the pharmacy reads it; the same again is the same request.

    Raises NotFound outside reach, Refused for a dose that is done, or to replace what is not ready.
    """
    unlocked = dose(actor, dose_uid)
    participant = unlocked.course.participant
    check_can(actor, Permission.WARD_REQUEST, site_code=participant.site_id)
    locked = Dose.objects.select_for_update().get(uid=unlocked.uid)
    if locked.state not in WAITING:
        raise Refused(_("This dose is done: there is nothing to ask for."), code="dose_state")
    ready = Packaging.objects.filter(dose=locked, voided_at=None).first()
    if kind is WardRequestKind.REPLACE and ready is None:
        raise Refused(_("Nothing is ready for this dose: there is nothing to replace."), code="not_ready")
    if kind is WardRequestKind.EARLIER and ready is not None:
        raise Refused(_("This dose is ready: fetch it."), code="ready")
    ward_request, new = WardRequest.objects.get_or_create(
        dose=locked,
        kind=kind,
        pack_code=ready.pack_code if ready else "",
        defaults={"at": clock.now(), "by": actor.user_name},
    )
    if new:
        record(
            actor=actor,
            action="ward.request",
            subject=participant.number,
            stream=participant.site_id,
            data={"route": locked.route, "number": locked.number, "wish": str(kind)},
        )
    return ward_request
