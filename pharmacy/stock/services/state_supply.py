"""State whether the site can supply first doses of every product."""

from __future__ import annotations

from pharmacy.stock.models import SupplyStatement
from randomization.accounts.policies import check_can
from randomization.accounts.roles import Permission
from randomization.audit.record import record
from randomization.blinded.inbox.hatch import send
from randomization.blinded.inbox.messages import SiteSupply
from randomization.shared import clock
from randomization.shared.actor import Actor
from randomization.shared.service import service


@service
def state_supply(*, actor: Actor, site_code: str, may_supply: bool) -> SupplyStatement:
    """Keep the statement and tell the blinded side the one flag: may allocate or not."""
    check_can(actor, Permission.STOCK_CONFIRM, site_code=site_code)
    statement = SupplyStatement.objects.create(
        site_code=site_code, may_supply=may_supply, stated_by=actor.user_name, stated_at=clock.now()
    )
    record(actor=actor, action="supply.state", subject=site_code, stream=site_code, data={"may_supply": may_supply})
    send(SiteSupply(site_code=site_code, may_supply=may_supply))
    return statement
