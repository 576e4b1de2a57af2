"""What leaves a lot with a reason, the count that finds a difference, and an expiry that was typed wrongly."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from pharmacy.stock.booking import book, book_whole_lot, check_last_day
from pharmacy.stock.destroying import order_needed
from pharmacy.stock.ledger import WRITE_OFF, Kind
from pharmacy.stock.models import ExpiryCorrection, Lot, Movement, Removal
from pharmacy.stock.note_removal import note_removal
from pharmacy.stock.removing import CountLot, WriteOff
from pharmacy.stock.selectors import holdings, lot_for
from pharmacy.stock.services.receive import MOST_UNITS
from randomization.accounts.roles import Permission
from randomization.audit.record import record
from randomization.shared import clock
from randomization.shared.actor import Actor
from randomization.shared.errors import InvalidInput
from randomization.shared.sentences import sentence as _
from randomization.shared.service import service


@service
def write_off(*, actor: Actor, command: WriteOff, grant: UUID | None = None) -> Movement:
    """Waste or return units of a lot; what is destroyed is ordered first (`order_destruction`).

    grant: needed for a removal, which another person confirms afterwards. Where the whole lot is returned nothing of it
    counts as there any more; a part leaves that count as it is, since how much of a lot is left depends on what was in
    the syringes.
    Raises Refused for a destruction (`order_needed`), for more than it holds, and for a whole lot of another number of
    units; InvalidInput without a reason; SignatureRefused (`signature_needed`).
    """
    kind, units, whole_lot = command.kind, command.units, command.whole_lot
    lot = lot_for(actor, command.lot_id, Permission.STOCK_MANAGE)
    if kind is Kind.DESTRUCTION:
        raise order_needed()
    if kind not in WRITE_OFF:
        raise InvalidInput(_("Choose waste or return."), field="kind")
    if not (0 if whole_lot else 1) <= units <= MOST_UNITS:
        raise InvalidInput(_("Write how many units, from 1 to %(most_units)s.", most_units=MOST_UNITS), field="units")
    if not command.reason.strip():
        raise InvalidInput(_("Say why."), field="reason", code="reason_missing")
    if whole_lot and kind is Kind.WASTE:
        raise InvalidInput(_("A whole lot is returned, or its destruction is ordered."), field="kind")
    movement = book_whole_lot(actor, lot, kind, units) if whole_lot else book(actor, lot, kind, units)
    removal = note_removal(actor, movement, command, grant=grant, whole_lot=whole_lot)
    record(
        actor=actor,
        action="stock.write_off",
        subject=lot.number,
        stream=lot.site_code,
        data={
            "product": lot.product,
            "kind": str(kind),
            "units": units,
            "balance": movement.balance,
            "whole_lot": whole_lot,
            **_signed(grant, removal),
        },
        texts={"reason": command.reason},
    )
    return movement


def _signed(grant: UUID | None, removal: Removal | None) -> dict[str, str]:
    """For the trail: the signature, and the removal that another person is asked about."""
    return {
        **({"signature": str(grant)} if grant else {}),
        **({"removal": str(removal.pk)} if removal else {}),
    }


@service
def count_stock(*, actor: Actor, command: CountLot, grant: UUID | None = None) -> Movement:
    """Record a count; a difference becomes a movement and needs its explanation.

    grant: needed where so much is missing that it is a removal, which another person confirms afterwards. Raises
    SignatureRefused (`signature_needed`) without it.
    """
    counted = command.counted
    lot = lot_for(actor, command.lot_id, Permission.STOCK_MANAGE)
    if not 0 <= counted <= MOST_UNITS:
        raise InvalidInput(
            _("Write how many units you counted, from 0 to %(most_units)s.", most_units=MOST_UNITS), field="counted"
        )
    Lot.objects.select_for_update().get(pk=lot.pk)
    expected = holdings([lot.pk])[0].balance
    if counted != expected and not command.reason.strip():
        raise InvalidInput(
            _("The ledger says %(expected)s: count again, or explain the difference.", expected=expected),
            field="reason",
            code="reason_missing",
        )
    movement = book(actor, lot, Kind.COUNT, counted - expected)
    removal = note_removal(actor, movement, command, grant=grant)
    record(
        actor=actor,
        action="stock.count",
        subject=lot.number,
        stream=lot.site_code,
        data={
            "product": lot.product,
            "old": {"balance": expected},
            "new": {"balance": counted},
            **_signed(grant, removal),
        },
        texts={"reason": command.reason},
    )
    return movement


@service
def correct_expiry(*, actor: Actor, lot_id: int, expires_on: date, reason: str) -> ExpiryCorrection:
    """Correct an expiry that was typed wrongly: at night by a preparer, since the right lot must be usable.

    What was booked before stays. Raises NotFound at another site, InvalidInput for the same day or without a reason.
    """
    lot = lot_for(actor, lot_id, Permission.PREPARATION_MAKE)
    if not reason.strip():
        raise InvalidInput(_("Say how the wrong day came about."), field="reason", code="reason_missing")
    old = lot.last_day
    if expires_on == old:
        raise InvalidInput(_("This is the day on record."), field="expires_on")
    check_last_day(lot.site_code, expires_on, field="expires_on")
    expiry_correction = ExpiryCorrection.objects.create(
        lot=lot, expires_on=expires_on, at=clock.now(), by=actor.user_name
    )
    record(
        actor=actor,
        action="stock.correct_expiry",
        subject=lot.number,
        stream=lot.site_code,
        data={
            "product": lot.product,
            "old": {"expires_on": old.isoformat()},
            "new": {"expires_on": expires_on.isoformat()},
        },
        texts={"reason": reason},
    )
    return expiry_correction
