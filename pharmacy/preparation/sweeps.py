"""What the pharmacy does by itself, each time before messages are carried down."""

from __future__ import annotations

from pharmacy.preparation.selectors import to_void
from pharmacy.preparation.services.show import show_due
from pharmacy.preparation.services.void_outdated import void_outdated
from pharmacy.preparation.shown_to_ward import to_show
from pharmacy.stock.selectors import supply_changes
from pharmacy.stock.services.state_supply import settle_supply
from randomization.shared.actor import SYSTEM


def sweep() -> None:
    """Void what no longer holds, show the ward what is due, tell a changed supply.

    Reads alone where nothing is to do. What became void is voided first, so that the ward is never shown it. A failure
    to void stops the carrying, so that nothing outdated goes down.
    """
    if to_void():
        void_outdated(actor=SYSTEM)
    if to_show():
        show_due(actor=SYSTEM)
    if supply_changes():
        settle_supply(actor=SYSTEM)
