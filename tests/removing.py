"""What leaves a lot by one person's word, signed, and what a second person says, as tests play it."""

from __future__ import annotations

from immunosep_site.demonstration.password import PASSWORD
from pharmacy.stock.ledger import Kind
from pharmacy.stock.models import Movement, Removal
from pharmacy.stock.removing import CountLot, DecideRemoval, RemovalState, WriteOff
from pharmacy.stock.services import move
from pharmacy.stock.services.decide_removal import decide_removal
from randomization.shared.actor import Actor
from randomization.signatures.signing import sign


def write_off(*, actor: Actor, lot_id: int, kind: Kind, units: int, reason: str, whole_lot: bool = False) -> Movement:
    """Sign and record a waste or a return."""
    command = WriteOff(lot_id, kind, units, reason, whole_lot)
    grant = sign(actor=actor, secret=PASSWORD, command=command)
    return move.write_off(
        actor=actor, lot_id=lot_id, kind=kind, units=units, reason=reason, whole_lot=whole_lot, grant=grant
    )


def count_stock(*, actor: Actor, lot_id: int, counted: int, reason: str = "") -> Movement:
    """Sign and record a count."""
    grant = sign(actor=actor, secret=PASSWORD, command=CountLot(lot_id, counted, reason))
    return move.count_stock(actor=actor, lot_id=lot_id, counted=counted, reason=reason, grant=grant)


def decide(removal: Removal, actor: Actor, state: RemovalState = RemovalState.CONFIRMED, reason: str = "") -> Removal:
    """Sign and confirm, dispute or settle."""
    command = DecideRemoval(removal.pk, state, reason)
    return decide_removal(actor=actor, command=command, grant=sign(actor=actor, secret=PASSWORD, command=command))
