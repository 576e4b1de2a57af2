"""Void what was prepared for a dose level that no longer holds, whatever it holds."""

from __future__ import annotations

from pharmacy.preparation.models import Preparation
from pharmacy.preparation.selectors import outdated
from pharmacy.preparation.services.finish import void_locked
from pharmacy.preparation.states import PreparationState, VoidCause
from randomization.shared.actor import Actor
from randomization.shared.service import service

REASON = "The creatinine clearance changed the dose level after this was prepared."


@service
def void_outdated(*, actor: Actor) -> int:
    """Void every preparation not yet given whose level is not the one in force; returns how many.

    Both routes alike and every arm alike: a dummy is voided like a drug.
    """
    uids = [preparation.uid for preparation in outdated()]
    live = Preparation.objects.select_for_update().filter(uid__in=uids).exclude(state=PreparationState.VOIDED)
    found = list(live.order_by("site_code", "opened_at", "uid"))
    for preparation in found:
        void_locked(actor, preparation, reason=REASON, cause=VoidCause.LEVEL)
    return len(found)
