"""Carry out an order of destruction at the site: signed by another person than the one who ordered; this moves stock.

What counts as there moves by a whole lot and by a hold alone (docs/decisions/0037, 0039).
"""

from __future__ import annotations

from datetime import timedelta
from typing import Final
from uuid import UUID

from pharmacy.stock.booking import book, book_part, book_whole_lot
from pharmacy.stock.consignments import left_of
from pharmacy.stock.destroying import (
    OrderState,
    RecordDestruction,
    Target,
)
from pharmacy.stock.destructions import order_to_do
from pharmacy.stock.ending import end, locked, subject_in_trail, tell
from pharmacy.stock.hold_causes import Outcome
from pharmacy.stock.ledger import Kind, part_change
from pharmacy.stock.models import Consignment, Destruction, DestructionOrder, Hold, Lot, Movement
from pharmacy.stock.returned import returned
from pharmacy.stock.selectors import holdings
from randomization.audit.record import record
from randomization.shared import clock
from randomization.shared.actor import Actor
from randomization.shared.errors import InvalidInput, Refused
from randomization.shared.identifiers import same
from randomization.shared.sentences import sentence as _
from randomization.shared.service import service
from randomization.signatures.services.sign import use_signature

MOST_OF_METHOD: Final = 200
MOST_OF_NAME: Final = 64
TO_THE_MINUTE: Final = timedelta(minutes=1)
"""Forms take moments to the minute: an order of the same minute came before."""


def _check_done(actor: Actor, order: DestructionOrder, command: RecordDestruction) -> None:
    if not 0 <= command.units <= order.units:
        raise InvalidInput(
            _("%(ordered)s were ordered: as many can be destroyed, or fewer.", ordered=order.units),
            field="units",
            code="more_than_ordered",
        )
    if not 1 <= len(command.method.strip()) <= MOST_OF_METHOD:
        raise InvalidInput(_("Say how it was destroyed, in up to 200 letters."), field="method")
    if not 1 <= len(command.witness.strip()) <= MOST_OF_NAME:
        raise InvalidInput(_("Name the person who saw it, in up to 64 letters."), field="witness")
    if same(command.witness, actor.user_name):
        raise InvalidInput(_("The witness is another person than the one who destroys."), field="witness")
    if not order.ordered_at - TO_THE_MINUTE < command.destroyed_at <= clock.now():
        raise InvalidInput(
            _("It was destroyed after it was ordered, and not in the future: check day and hour."),
            field="destroyed_at",
            code="implausible_time",
        )


def _check_syringes(order: DestructionOrder, command: RecordDestruction) -> None:
    ordered = set(order.syringes.values_list("pack_code", flat=True))
    named = set(command.pack_codes)
    if not named or not named <= ordered or not len(named) == len(command.pack_codes) == command.units:
        raise InvalidInput(_("Name the syringes that were destroyed, among those ordered."), field="pack_codes")


@service
def destroy(*, actor: Actor, command: RecordDestruction, grant: UUID) -> Destruction:
    """Carry out an order at the site: signed by a pharmacist who did not order it. This alone moves stock.

    As many units as ordered or fewer; all that the ledger holds where a whole lot is destroyed.
    Raises NotFound at another site, Refused for the person who ordered (`same_person`), for an order that ended
    (`order_ended`), for more than lies there (`not_enough`) or another number than the ledger's (`other_quantity`).
    """
    order = order_to_do(actor, command.order_id)
    if order.ordered_by == actor.user_name:
        raise Refused(
            _("You ordered it: another pharmacist of the site destroys it, or cancel it and let the sponsor order."),
            code="same_person",
        )
    lot = Lot.objects.select_for_update().get(pk=order.lot_id) if order.lot_id else None
    order = locked(command.order_id, OrderState.DESTROYED)
    _check_done(actor, order, command)
    use_signature(actor=actor, grant=grant, command=command)
    if lot is None:
        _check_syringes(order, command)
        returned().note_destroyed(actor, order.site_code, command.pack_codes, command.destroyed_at)
    destruction = Destruction.objects.create(
        order=order,
        units=command.units,
        method=command.method.strip(),
        witness=command.witness.strip(),
        destroyed_at=command.destroyed_at,
        movement=_book(actor, order, lot, command.units) if lot is not None else None,
        at=clock.now(),
        by=actor.user_name,
        signature=grant,
    )
    end(actor, order, OrderState.DESTROYED)
    record(
        actor=actor,
        action="stock.destroy",
        subject=subject_in_trail(order),
        stream=order.site_code,
        data={
            "order": str(command.order_id),
            "about": order.about,
            "units": command.units,
            "pack_codes": sorted(command.pack_codes),
            "destroyed_at": clock.stamp(command.destroyed_at),
            "ordered_by": order.ordered_by,
            "signature": str(grant),
        },
        texts={"method": command.method, "witness": command.witness},
    )
    tell(order)
    return destruction


def _book(actor: Actor, order: DestructionOrder, lot: Lot, units: int) -> Movement:
    """The line of the ledger; a hold ends with it."""
    reference = f"destruction {order.pk}"
    if order.target == Target.PART:
        if not units:
            raise InvalidInput(_("Nothing was destroyed: cancel the order instead."), field="units")
        return book(actor, lot, Kind.DESTRUCTION, units, reference=reference, consignment=order.consignment)
    if order.hold_id is None:
        return book_whole_lot(actor, lot, Kind.DESTRUCTION, units, reference=reference)
    hold = Hold.objects.select_for_update(of=("self",)).get(pk=order.hold_id)
    hold.outcome, hold.decided_at, hold.decided_by = Outcome.DESTROYED, clock.now(), order.ordered_by
    hold.save(update_fields=["outcome", "decided_at", "decided_by"])
    if hold.consignment is None:
        return book_whole_lot(actor, lot, Kind.DESTRUCTION, units, reference=reference)
    _check_left(hold.consignment, units)
    counted = min(hold.arm_neutral_units or 0, holdings([lot.pk])[0].arm_neutral)
    return book_part(actor, lot, Kind.DESTRUCTION, part_change(units, counted), reference=reference)


def _check_left(consignment: Consignment, units: int) -> None:
    left = left_of(consignment)
    if units > left:
        raise Refused(
            _(
                "%(left)s of this consignment lie here, as far as it was scanned, not as many as %(units)s.",
                left=left,
                units=units,
            ),
            code="not_enough",
            field="units",
        )
