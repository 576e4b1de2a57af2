"""What orders of destruction share, inside the running service: locked, ended, told."""

from __future__ import annotations

from pharmacy.stock.destroying import TRANSITIONS, OrderState
from pharmacy.stock.models import DestructionOrder
from randomization.accounts.roles import Role
from randomization.notices.models import Channel
from randomization.notices.outbox import queue
from randomization.shared import clock
from randomization.shared.actor import Actor
from randomization.shared.errors import Refused
from randomization.shared.sentences import sentence as _
from randomization.shared.sentences import word
from randomization.shared.service import current_scope


def subject_in_trail(order: DestructionOrder) -> str:
    """The lot's number, so that its page shows the reasons; else the site."""
    return order.lot.number if order.lot is not None else order.site_code


def tell(order: DestructionOrder) -> None:
    """The site's pharmacy and its unblinded monitor learn that an order waits, was carried out or cancelled."""
    queue(
        channel=Channel.PEOPLE,
        kind="destruction",
        site_code=order.site_code,
        payload={"about": f"{order.about}: {order.state}"},
        roles=[Role.PHARMACIST, Role.UNBLINDED_MONITOR],
    )


def locked(order_id: int, new: OrderState) -> DestructionOrder:
    """An order, locked, that may become `new`. Raises Refused, code `order_ended`."""
    order = DestructionOrder.objects.select_for_update(of=("self",)).get(pk=order_id)
    if new not in TRANSITIONS[OrderState(order.state)]:
        raise Refused(_("This order is %(state)s already.", state=word(order.state)), code="order_ended")
    return order


def end(actor: Actor, order: DestructionOrder, state: OrderState) -> None:
    """Say that an order was carried out or cancelled."""
    current_scope()
    order.state, order.ended_at, order.ended_by = state, clock.now(), actor.user_name
    order.save(update_fields=["state", "ended_at", "ended_by"])
