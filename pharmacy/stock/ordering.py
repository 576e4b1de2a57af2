"""What a site orders: from the timetable and the as-if balances, never from who got what."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from pharmacy.stock.asked_of_preparation import preparations
from pharmacy.stock.debts import owed_at
from pharmacy.stock.ledger import OrderLine, resupply
from pharmacy.stock.selectors import first_doses, holdings, local_date, lot_ids
from randomization.accounts.policies import check_can
from randomization.accounts.roles import Permission
from randomization.blinded.bedside.for_unblinded import open_doses_by_route
from randomization.blinded.sites.for_unblinded import site
from randomization.shared import clock
from randomization.shared.actor import Actor
from randomization.unblinded.formulary.contents import Level
from randomization.unblinded.lists.selectors import plans_in_use

PERIOD: Final = timedelta(days=14)
"""For how long a site is supplied [choice]."""
NEW_PATIENTS: Final = 2
"""First doses kept for so many new patients [choice]."""


def order_for(actor: Actor, site_code: str) -> list[OrderLine]:
    """What the site orders for the coming 14 days, by product, in units; at full dose, whatever the clearances are."""
    check_can(actor, Permission.PREPARATION_READ, site_code=site_code)
    plan = plans_in_use(site_code)
    place = site(actor, site_code)
    reserve = {product: NEW_PATIENTS * units for product, units in first_doses(plan).items()}
    # A dose with a live preparation reserved its units at the opening: asked for again, it would count twice.
    reserved = preparations().doses_prepared(site_code)
    return resupply(
        holdings(lot_ids(site_code)),
        open_doses_by_route(site_code, within=PERIOD, but=reserved),
        {route: plan.may_need(route, Level.FULL) for route in plan.routes},
        reserve,
        local_date(clock.now() + PERIOD, place.time_zone),
        owed_at(site_code),
    )
