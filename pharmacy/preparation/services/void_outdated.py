"""Void what was prepared for a dose level that no longer holds, or before a quarantine, whatever it holds."""

from __future__ import annotations

from typing import Final

from pharmacy.preparation.models import Preparation
from pharmacy.preparation.selectors import to_void
from pharmacy.preparation.services.finish import void_locked
from pharmacy.preparation.states import PreparationState, VoidCause
from pharmacy.preparation.tell_ward import tell_the_pharmacy
from randomization.shared.actor import Actor
from randomization.shared.service import service

REASONS: Final = {
    VoidCause.LEVEL: "The creatinine clearance changed the dose level after this was prepared.",
    VoidCause.STOCK: "A product of this route went into quarantine at this site after this was opened.",
    VoidCause.CLASS: "Pharmacist and safety officer decided another class for this dose after this was prepared.",
    VoidCause.TIME: "The dose moved so far that the printed time or the use-before time does not fit any more.",
    VoidCause.EXPIRED: "It passed its use-before time, and its dose may still be given.",
    VoidCause.COURSE: "The dose is not to be given from it any more: held, stopped, missed, missed and planned again, "
    "recorded from another syringe, or to be prepared at another site.",
}


@service
def void_outdated(*, actor: Actor) -> int:
    """Void every preparation not yet given that must not be given any more; returns how many.

    Both routes alike after a change of level, every syringe of the route after a quarantine; every arm alike, a
    dummy like a drug.
    """
    causes = to_void()
    live = Preparation.objects.select_for_update().filter(uid__in=causes).exclude(state=PreparationState.VOIDED)
    outdated = list(live.order_by("site_code", "opened_at", "planned_at", "route", "kit_code"))
    for preparation in outdated:
        cause = causes[preparation.uid]
        void_locked(actor, preparation, reason=REASONS[cause], cause=cause)
    for site_code in sorted({preparation.site_code for preparation in outdated}):
        tell_the_pharmacy(site_code, [preparation for preparation in outdated if preparation.site_code == site_code])
    return len(outdated)
