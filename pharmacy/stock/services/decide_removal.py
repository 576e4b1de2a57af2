"""Confirm or dispute what another person took out of a lot, and settle a dispute: signed. It moves nothing."""

from __future__ import annotations

from uuid import UUID

from pharmacy.stock.models import Removal
from pharmacy.stock.note_removal import tell
from pharmacy.stock.removals import removal_to_decide
from pharmacy.stock.removing import TRANSITIONS, DecideRemoval, RemovalState
from randomization.audit.record import record
from randomization.shared import clock
from randomization.shared.actor import Actor
from randomization.shared.errors import InvalidInput, Refused
from randomization.shared.sentences import sentence as _
from randomization.shared.sentences import word
from randomization.shared.service import service
from randomization.signatures.services.sign import use_signature


@service
def decide_removal(*, actor: Actor, command: DecideRemoval, grant: UUID) -> Removal:
    """Confirm, dispute or settle a removal, as another person than the one who recorded it.

    Nothing moves by it: where units are there after all, the lot is counted. Raises NotFound at another site, Refused
    for the person who recorded it (`same_person`) and for a removal that is ended (`decided`), InvalidInput for a
    dispute or a settlement without a reason.
    """
    removal_id, state, reason = command.removal_id, command.state, command.reason
    removal = removal_to_decide(actor, removal_id)
    if removal.recorded_by == actor.user_name:
        raise Refused(
            _("You recorded it: another person of the pharmacy confirms or disputes it, or the safety officer."),
            code="same_person",
        )
    removal = Removal.objects.select_for_update(of=("self",)).select_related("movement__lot").get(pk=removal_id)
    if state not in TRANSITIONS[RemovalState(removal.state)]:
        raise Refused(
            _("It is %(state)s, so this cannot be said of it: look again.", state=word(removal.state)), code="decided"
        )
    if state is not RemovalState.CONFIRMED and not reason.strip():
        raise InvalidInput(_("Say what is not right, or how it was cleared up."), field="reason", code="reason_missing")
    use_signature(actor=actor, grant=grant, command=command)
    removal.state, removal.decided_at, removal.decided_by = state, clock.now(), actor.user_name
    removal.decision_signature = grant
    removal.save(update_fields=["state", "decided_at", "decided_by", "decision_signature"])
    lot = removal.movement.lot
    record(
        actor=actor,
        action="stock.decide_removal",
        subject=lot.number,
        stream=removal.site_code,
        data={
            "removal": str(removal_id),
            "product": lot.product,
            "units": -removal.movement.quantity,
            "recorded_by": removal.recorded_by,
            "state": str(state),
            "signature": str(grant),
        },
        texts={"reason": reason},
    )
    if state is RemovalState.DISPUTED:
        tell(removal)
    return removal
