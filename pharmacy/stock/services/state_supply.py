"""Tell the blinded side the one flag: a site may allocate, or not."""

from __future__ import annotations

from pharmacy.stock.models import SupplyFlag, SupplyStatement
from pharmacy.stock.selectors import supply_changes
from randomization.accounts.policies import check_can
from randomization.accounts.roles import Permission
from randomization.audit.record import record
from randomization.hatch.messages import SiteSupply
from randomization.hatch.send import send
from randomization.shared import clock
from randomization.shared.actor import Actor
from randomization.shared.service import service


@service
def state_supply(*, actor: Actor, site_code: str, may_supply: bool) -> SupplyStatement:
    """Say that the pharmacy cannot work for now, or can again: no printer, no power. The stock is not asked."""
    check_can(actor, Permission.STOCK_CONFIRM, site_code=site_code)
    statement = SupplyStatement.objects.create(
        site_code=site_code, may_supply=may_supply, stated_by=actor.user_name, stated_at=clock.now()
    )
    record(actor=actor, action="supply.state", subject=site_code, stream=site_code, data={"may_supply": may_supply})
    settle_supply(actor=actor)
    return statement


@service
def settle_supply(*, actor: Actor) -> int:
    """Send the flag of every site where it changed; returns how many."""
    changed = supply_changes()
    for site_code, may_supply in changed:
        SupplyFlag.objects.create(site_code=site_code, may_supply=may_supply, at=clock.now())
        record(actor=actor, action="supply.tell", subject=site_code, stream=site_code, data={"may_supply": may_supply})
        send(SiteSupply(site_code=site_code, may_supply=may_supply))
    return len(changed)
