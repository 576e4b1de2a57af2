"""The unblinded monitor has seen a risk to the blind."""

from __future__ import annotations

from pharmacy.preparation.models import RiskToBlind
from randomization.accounts.policies import check_can
from randomization.accounts.roles import Permission
from randomization.audit.record import record
from randomization.shared import clock
from randomization.shared.actor import Actor
from randomization.shared.errors import NotFound
from randomization.shared.service import service


@service
def see_risk(*, actor: Actor, risk_id: int) -> RiskToBlind:
    """Note that it was seen, by whom and when; the first time counts. Raises NotFound at another site."""
    found = RiskToBlind.objects.select_for_update().filter(pk=risk_id).first()
    if found is None:
        raise NotFound()
    check_can(actor, Permission.ACCOUNTABILITY_SIGN, site_code=found.site_code)
    if found.seen_at is None:
        found.seen_at, found.seen_by = clock.now(), actor.user_name
        found.save(update_fields=["seen_at", "seen_by"])
        record(
            actor=actor,
            action="blind.risk_seen",
            subject=str(found.preparation_id),
            stream=found.site_code,
            data={"kind": found.kind},
        )
    return found
