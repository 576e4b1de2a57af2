"""When what made a syringe void happened: a replacement counts from that, never from when the pharmacy noticed."""

from __future__ import annotations

from datetime import datetime

from pharmacy.preparation.models import Preparation
from pharmacy.preparation.states import VoidCause
from pharmacy.preparation.struck import hits
from pharmacy.stock.quarantines import strikes_since
from randomization.blinded.bedside.for_unblinded import WardRequestKind, requests_for, voided_at_below
from randomization.shared import clock
from randomization.unblinded.laboratory.selectors import decided_at
from randomization.unblinded.lists.selectors import plans_by_site


def moment_of(preparation: Preparation, cause: VoidCause) -> datetime | None:
    """The moment (UTC) from which a replacement of this preparation counts; None: there is nothing to replace.

    What the ward was not shown asks for no replacement, but where a quarantine or a decided class makes everybody of
    the route begin again.
    """
    if cause is VoidCause.STOCK:
        return _struck_at(preparation)
    if cause is VoidCause.CLASS:
        return decided_at(preparation.participant_number) or clock.now()
    if preparation.shown_at is None:
        return None
    if cause is VoidCause.EXPIRED:
        return preparation.use_before
    return voided_at_below(preparation.pack_code) or _asked_at(preparation) or clock.now()


def _struck_at(preparation: Preparation) -> datetime:
    """When the newest quarantine was placed that may have hit this route since it was opened."""
    plans, strikes = plans_by_site(), strikes_since(preparation.opened_at)
    return max((strike.at for strike in strikes if hits(plans, preparation, strike)), default=clock.now())


def _asked_at(preparation: Preparation) -> datetime | None:
    """When the ward asked to have this syringe replaced; None where it did not."""
    requests = requests_for([preparation.dose_uid]).get(preparation.dose_uid, [])
    asked = [
        request.at
        for request in requests
        if (request.pack_code, request.kind) == (preparation.pack_code, WardRequestKind.REPLACE)
    ]
    return min(asked, default=None)
