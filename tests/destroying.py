"""Destruction by two people, as tests play it: the sponsor orders, the pharmacist of the site destroys."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from immunosep_site.demonstration import cast
from immunosep_site.demonstration.password import PASSWORD
from pharmacy.stock.destroying import OrderDestruction, RecordDestruction
from pharmacy.stock.destructions import left_for, of_hold, of_lot, of_returned
from pharmacy.stock.models import Destruction, DestructionOrder, Hold
from pharmacy.stock.services.destroy import destroy
from pharmacy.stock.services.order_destruction import order_destruction
from randomization.accounts.roles import Role
from randomization.shared import clock
from randomization.shared.actor import Actor
from randomization.signatures.signing import sign


def order(actor: Actor, what: OrderDestruction) -> DestructionOrder:
    """Sign and order."""
    grant = sign(actor=actor, secret=PASSWORD, command=what)
    return order_destruction(actor=actor, command=what, grant=grant)


def order_lot(lot_id: int, units: int, *, actor: Actor = cast.SAFETY_OFFICER, whole_lot: bool = False) -> Any:
    """Order a part of a lot, or all of it."""
    return order(actor, of_lot(actor, lot_id, units=units, whole_lot=whole_lot, reason="expired"))


def order_hold(hold: Hold, *, actor: Actor = cast.SAFETY_OFFICER) -> DestructionOrder:
    """Order what a hold is on, all that the ledger holds of it."""
    return order(actor, of_hold(actor, hold.pk, units=left_for(hold.lot, hold), reason="confirmed"))


def order_returned(site_code: str, *, actor: Actor = cast.SAFETY_OFFICER) -> DestructionOrder:
    """Order every syringe that came back to a site."""
    return order(actor, of_returned(actor, site_code, reason="came back"))


def carry_out(ordered: DestructionOrder, actor: Actor | None = None, **changed: Any) -> Destruction:
    """Sign and destroy all that was ordered, by the pharmacist of the site, or as `changed`."""
    actor = actor or cast.at_site(Role.PHARMACIST, ordered.site_code)
    codes = tuple(ordered.syringes.order_by("pack_code").values_list("pack_code", flat=True))
    all_of_it = RecordDestruction(ordered.pk, ordered.units, "incinerated", "M. Second", clock.now(), codes)
    command = replace(all_of_it, **changed)
    return destroy(actor=actor, command=command, grant=sign(actor=actor, secret=PASSWORD, command=command))
