"""What this room does by itself: a code break ends with the investigator's role below; names are reserved there."""

from __future__ import annotations

from randomization.shared.actor import SYSTEM
from randomization.unblinded.people.services.appoint_by_two import end_former_breakers, former_breakers
from randomization.unblinded.people.services.reserve_below import not_reserved, reserve_earlier


def sweep() -> None:
    """Reads alone where nothing is to do."""
    if former_breakers():
        end_former_breakers(actor=SYSTEM)
    if not_reserved():
        reserve_earlier(actor=SYSTEM)
