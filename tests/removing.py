"""What leaves a lot by one person's word, signed, and what a second person says, as tests play it."""

from __future__ import annotations

from typing import Any
from uuid import UUID

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
    return move.write_off(actor=actor, command=command, grant=sign(actor=actor, secret=PASSWORD, command=command))


def count_stock(*, actor: Actor, lot_id: int, counted: int, reason: str = "") -> Movement:
    """Sign and record a count."""
    command = CountLot(lot_id, counted, reason)
    return move.count_stock(actor=actor, command=command, grant=sign(actor=actor, secret=PASSWORD, command=command))


def write_off_unsigned(*, actor: Actor, grant: UUID | None = None, **asked: Any) -> Movement:
    """Record a waste or a return without a signature, or with another."""
    return move.write_off(actor=actor, command=WriteOff(**asked), grant=grant)


def count_unsigned(*, actor: Actor, **asked: Any) -> Movement:
    """Record a count without a signature."""
    return move.count_stock(actor=actor, command=CountLot(**asked))


def decide(removal: Removal, actor: Actor, state: RemovalState = RemovalState.CONFIRMED, reason: str = "") -> Removal:
    """Sign and confirm, dispute or settle."""
    command = DecideRemoval(removal.pk, state, reason)
    return decide_removal(actor=actor, command=command, grant=sign(actor=actor, secret=PASSWORD, command=command))
