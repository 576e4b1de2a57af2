"""Void what was prepared for a dose level that no longer holds, or before a quarantine, whatever it holds."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from pharmacy.preparation.models import Preparation
from pharmacy.preparation.selectors import to_void
from pharmacy.preparation.services.finish import void_locked
from pharmacy.preparation.states import PreparationState, VoidCause
from randomization.accounts.roles import Role
from randomization.notices.models import Channel
from randomization.notices.outbox import queue
from randomization.shared.actor import Actor
from randomization.shared.service import service

REASONS: Final = {
    VoidCause.LEVEL: "The creatinine clearance changed the dose level after this was prepared.",
    VoidCause.STOCK: "A product of this route went into quarantine at this site after this was opened.",
    VoidCause.CLASS: "Pharmacist and safety officer decided another class for this dose after this was prepared.",
    VoidCause.TIME: "The dose moved so far that the printed time or the use-before time does not fit any more.",
    VoidCause.EXPIRED: "It passed its use-before time, and its dose may still be given.",
    VoidCause.COURSE: "The dose is not to be given any more: held, stopped, missed, recorded from another syringe, "
    "or to be prepared at another site.",
}


@service
def void_outdated(*, actor: Actor) -> int:
    """Void every preparation not yet given that must not be given any more; returns how many.

    Both routes alike after a change of level, every syringe of the route after a quarantine; every arm alike, a
    dummy like a drug.
    """
    causes = to_void()
    live = Preparation.objects.select_for_update().filter(uid__in=causes).exclude(state=PreparationState.VOIDED)
    found = list(live.order_by("site_code", "opened_at", "planned_at", "route", "kit_code"))
    for preparation in found:
        cause = causes[preparation.uid]
        void_locked(actor, preparation, reason=REASONS[cause], cause=cause)
    for site_code in sorted({preparation.site_code for preparation in found}):
        _tell(site_code, [preparation for preparation in found if preparation.site_code == site_code])
    return len(found)


def _tell(site_code: str, voided: Sequence[Preparation]) -> None:
    """The site's pharmacy learns which syringes became void; the ward is told below, by packaging."""
    queue(
        channel=Channel.PEOPLE,
        kind="voided",
        site_code=site_code,
        roles=[Role.PHARMACIST, Role.PREPARER],
        payload={"about": ", ".join(str(preparation) for preparation in voided)},
    )
