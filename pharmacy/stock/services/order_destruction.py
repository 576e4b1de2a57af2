"""Order a destruction, signed, and cancel an order: nothing leaves the stock by it (docs/decisions/0039)."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.db import IntegrityError

from pharmacy.stock.destroying import (
    OrderDestruction,
    OrderState,
    Target,
)
from pharmacy.stock.destructions import check_may_order, is_ordered, left_for, order_for
from pharmacy.stock.ending import end, locked, subject_in_trail, tell
from pharmacy.stock.hold_causes import HoldCause
from pharmacy.stock.models import DestructionOrder, Hold, Lot, OrderedSyringe
from pharmacy.stock.returned import returned
from pharmacy.stock.services.receive import MOST_UNITS
from randomization.audit.record import record
from randomization.shared import clock
from randomization.shared.actor import Actor
from randomization.shared.errors import InvalidInput, Refused
from randomization.shared.sentences import sentence as _
from randomization.shared.sentences import word
from randomization.shared.service import savepoint, service
from randomization.signatures.services.sign import use_signature


def _check_units(order: OrderDestruction, lot: Lot, hold: Hold | None) -> None:
    """Raise for a number of units that does not lie there, or is not all of what is destroyed as a whole."""
    left = left_for(lot, hold)
    least = 1 if order.target is Target.PART else 0
    if not least <= order.units <= MOST_UNITS:
        raise InvalidInput(_("Write how many units, from 1 to %(most_units)s.", most_units=MOST_UNITS), field="units")
    if order.units > left:
        raise Refused(
            _("%(about)s: %(left)s can be ordered, not %(units)s.", about=order.about, left=left, units=order.units),
            code="not_enough",
            field="units",
        )
    if order.units != left and (order.target is Target.LOT or (hold is not None and hold.consignment_id is None)):
        raise Refused(
            _(
                "The ledger holds %(left)s of %(about)s: order all of them, or record a count with its explanation "
                "first.",
                left=left,
                about=order.about,
            ),
            code="other_quantity",
            field="units",
        )


def _check_target(order: OrderDestruction) -> None:
    """Lock what is ordered and check it. Raises Refused, InvalidInput."""
    if order.target is Target.SYRINGES:
        if not order.pack_codes:
            raise Refused(_("No returned syringe waits for its destruction."), code="nothing_returned")
        if sorted(order.pack_codes) != sorted(returned().not_destroyed(order.site_code)):
            raise Refused(_("Another syringe came back, or was destroyed: look again."), code="other_quantity")
        return
    lot = Lot.objects.select_for_update().get(pk=order.lot_id or 0)
    hold = Hold.objects.select_for_update(of=("self",)).filter(pk=order.hold_id or 0).first()
    if hold is not None and hold.outcome:
        raise Refused(
            _("This quarantine was decided already: %(outcome)s.", outcome=word(hold.outcome)), code="decided"
        )
    if hold is not None and is_ordered(hold):
        raise _ordered_already()
    _check_units(order, lot, hold)


def _ordered_already() -> Refused:
    return Refused(
        _("Its destruction is ordered already: carry that order out, or cancel it first."), code="ordered_already"
    )


@service
def order_destruction(*, actor: Actor, command: OrderDestruction, grant: UUID) -> DestructionOrder:
    """Order a destruction: signed by the person who orders. Nothing leaves the stock yet.

    Raises NotFound at another site, NotPermitted for a recall without the right to recall, InvalidInput without a
    reason, Refused for more units than there are (`not_enough`), for a part where all is destroyed
    (`other_quantity`), and where it is ordered already (`ordered_already`).
    """
    hold = Hold.objects.filter(pk=command.hold_id or 0).first()
    check_may_order(actor, command.site_code, recalled=hold is not None and hold.cause == HoldCause.RECALL)
    if not command.reason.strip():
        raise InvalidInput(_("Say why it is destroyed."), field="reason", code="reason_missing")
    _check_target(command)
    use_signature(actor=actor, grant=grant, command=command)
    try:
        with savepoint():
            ordered = DestructionOrder.objects.create(
                site_code=command.site_code,
                target=command.target,
                lot_id=command.lot_id,
                hold_id=command.hold_id,
                consignment_id=command.consignment or None,
                about=command.about,
                units=command.units,
                ordered_at=clock.now(),
                ordered_by=actor.user_name,
                signature=grant,
            )
    except IntegrityError as error:
        raise _ordered_already() from error
    OrderedSyringe.objects.bulk_create([OrderedSyringe(order=ordered, pack_code=code) for code in command.pack_codes])
    record(
        actor=actor,
        action="stock.order_destruction",
        subject=subject_in_trail(ordered),
        stream=command.site_code,
        data={**_without_reason(command), "order": str(ordered.pk), "signature": str(grant)},
        texts={"reason": command.reason},
    )
    tell(ordered)
    return ordered


def _without_reason(command: OrderDestruction) -> dict[str, Any]:
    """What is ordered; the reason is kept with the texts that can be redacted."""
    return {key: value for key, value in command.content().items() if key != "reason"}


@service
def cancel_order(*, actor: Actor, order_id: int, reason: str) -> DestructionOrder:
    """Cancel an order that was not carried out, by a person who could have given it; nothing was moved.

    Raises NotFound at another site, NotPermitted for a recall without the right to recall, InvalidInput without a
    reason, Refused where the order ended (`order_ended`).
    """
    order = order_for(actor, order_id)
    recalled = order.hold is not None and order.hold.cause == HoldCause.RECALL
    check_may_order(actor, order.site_code, recalled=recalled)
    if not reason.strip():
        raise InvalidInput(_("Say why it is cancelled."), field="reason", code="reason_missing")
    order = locked(order_id, OrderState.CANCELLED)
    end(actor, order, OrderState.CANCELLED)
    record(
        actor=actor,
        action="stock.cancel_destruction",
        subject=subject_in_trail(order),
        stream=order.site_code,
        data={"order": str(order_id), "about": order.about},
        texts={"reason": reason},
    )
    tell(order)
    return order
