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
    risk = RiskToBlind.objects.select_for_update().filter(pk=risk_id).first()
    if risk is None:
        raise NotFound()
    check_can(actor, Permission.ACCOUNTABILITY_SIGN, site_code=risk.site_code)
    if risk.seen_at is None:
        risk.seen_at, risk.seen_by = clock.now(), actor.user_name
        risk.save(update_fields=["seen_at", "seen_by"])
        record(
            actor=actor,
            action="blind.risk_seen",
            subject=str(risk.preparation_id),
            stream=risk.site_code,
            data={"kind": risk.kind},
        )
    return risk
