"""Explain a deviation."""

from __future__ import annotations

from randomization.accounts.policies import check_can
from randomization.accounts.roles import Permission
from randomization.audit.record import record
from randomization.blinded.screening.models import Deviation
from randomization.shared import clock
from randomization.shared.actor import Actor
from randomization.shared.errors import InvalidInput, NotFound
from randomization.shared.sentences import sentence as _
from randomization.shared.service import service


@service
def explain_deviation(*, actor: Actor, deviation_id: int, explanation: str) -> Deviation:
    """Say why it happened and what was done; a further explanation is added, the first stays in the trail.

    Raises NotFound outside reach, InvalidInput without an explanation.
    """
    deviations = Deviation.objects.select_for_update(of=("self",)).select_related("participant")
    deviation = deviations.filter(pk=deviation_id).first()
    if deviation is None or not actor.reaches(deviation.participant.site_id):
        raise NotFound()
    participant = deviation.participant
    check_can(actor, Permission.DEVIATION_EXPLAIN)
    if not explanation.strip():
        raise InvalidInput(_("Say why it happened and what was done."), field="explanation")
    deviation.explained_at, deviation.explained_by = clock.now(), actor.user_name
    deviation.save(update_fields=["explained_at", "explained_by"])
    record(
        actor=actor,
        action="deviation.explain",
        subject=participant.number,
        stream=participant.site_id,
        data={"kind": deviation.kind, "about": deviation.about},
        texts={"explanation": explanation},
    )
    return deviation
