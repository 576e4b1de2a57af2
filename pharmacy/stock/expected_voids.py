"""What an act of the stock will void, said before it is done: by site, route and time, never by content."""

from __future__ import annotations

from datetime import datetime

from pharmacy.stock.asked_of_preparation import StrikeFacts, preparations
from pharmacy.stock.consignments import consignment_by_code
from pharmacy.stock.debts import owed
from pharmacy.stock.selectors import lot_by_number, unconfirmed
from randomization.accounts.policies import check_can
from randomization.accounts.roles import Permission
from randomization.shared import clock
from randomization.shared.actor import Actor
from randomization.shared.foreseen import ExpectedVoid
from randomization.unblinded.lists.selectors import plans_in_use


def stored_in(storage: str) -> list[str]:
    """The products of the plan that are kept in a storage."""
    plan = plans_in_use()
    return [code for code, product in plan.products.items() if product.storage == storage]


def by_excursion(actor: Actor, site_code: str, storage: str, starts_at: datetime) -> list[ExpectedVoid]:
    """What the report of an excursion would void."""
    check_can(actor, Permission.STOCK_MANAGE, site_code=site_code)
    since, now = preparations().opened_from(site_code, starts_at), clock.now()
    return preparations().struck_by([StrikeFacts(site_code, code, now, since) for code in stored_in(storage)])


def by_recall(actor: Actor, product: str) -> list[ExpectedVoid]:
    """What a recall of any lot of a product would void, at every site."""
    check_can(actor, Permission.STOCK_RECALL)
    return preparations().struck_by([StrikeFacts("", product, clock.now())])


def by_hold(actor: Actor, site_code: str, product: str, consignment_code: str = "") -> list[ExpectedVoid]:
    """What putting a lot of a product, or one consignment of it, on hold at a site would void."""
    check_can(actor, Permission.STOCK_MANAGE, site_code=site_code)
    scanned = consignment_by_code(site_code, consignment_code)
    return preparations().struck_by([StrikeFacts(site_code, scanned.product if scanned else product, clock.now())])


def by_warm_receipt(actor: Actor, site_code: str, product: str, lot_number: str) -> list[ExpectedVoid]:
    """What a delivery would void that arrives outside its limits, or without a reading.

    Nothing, unless openings owe units of the product or some of the lot were received provisionally.
    """
    check_can(actor, Permission.STOCK_MANAGE, site_code=site_code)
    lot = lot_by_number(site_code, product, lot_number.strip())
    waiting = lot is not None and any(movement.lot_id == lot.pk for movement in unconfirmed(site_code))
    if not (waiting or owed(site_code, product)):
        return []
    return preparations().struck_by([StrikeFacts(site_code, product, clock.now())])
