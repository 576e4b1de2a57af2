"""What doses will take that may be opened now and are not: the flag of a site counts it as taken already.

An opening then changes nothing that the ward can see: had the flag fallen with it, its moment would tell when the
pharmacist opened a syringe, and so how long the one before it took.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from pharmacy.preparation.models import Preparation
from pharmacy.preparation.states import PreparationState
from pharmacy.preparation.times_of_doses import times_of
from randomization.blinded.bedside.for_unblinded import clearances_in_force, due_doses, is_too_late
from randomization.blinded.sites.for_unblinded import protocol_of, protocols_in_force
from randomization.shared import clock
from randomization.shared.actor import SYSTEM
from randomization.unblinded.formulary.contents import Level, Source
from randomization.unblinded.lists.selectors import plans_of_kits

AHEAD: Final = timedelta(hours=48)
"""Further ahead than any dose may be opened."""


def _longest_window() -> timedelta:
    """How long after its planned time any dose of any site may still be given."""
    in_force = [protocol for protocol, _sites in protocols_in_force()]
    return max((route.late for protocol in in_force for route in protocol.regimen.routes), default=timedelta(0))


def spoken_for() -> dict[str, dict[str, int]]:
    """Units by site and product, of what is counted there; a dose without a clearance counts at the full level."""
    now = clock.now()
    due = due_doses(SYSTEM, within=AHEAD, planned_since=now - _longest_window())
    if not due:
        return {}
    plans = plans_of_kits(dose.course.kit_code for dose in due)
    opened = set(
        Preparation.objects.exclude(state=PreparationState.VOIDED)
        .filter(dose_uid__in=[dose.uid for dose in due])
        .values_list("dose_uid", flat=True)
    )
    waiting = [
        dose
        for dose in due
        if dose.uid not in opened and not is_too_late(dose, protocol_of(dose.course.participant.site).regimen, now)
    ]
    rules = {dose.course.participant_id: protocol_of(dose.course.participant.site).renal_rule for dose in waiting}
    clearances, times = clearances_in_force(list(rules), rules, now), times_of(waiting)
    units_by_site: dict[str, dict[str, int]] = {}
    for dose in waiting:
        plan = plans.get(dose.course.kit_code)
        if plan is None or times[dose.uid].opens_at > now:
            continue
        clearance = clearances.get(dose.course.participant_id)
        level = Level.REDUCED if clearance is not None and clearance.reduced else Level.FULL
        here = units_by_site.setdefault(dose.course.participant.site_id, {})
        for product, units in plan.may_need(dose.route, level).items():
            if plan.products[product].source is Source.SPONSOR:
                here[product] = here.get(product, 0) + units
    return units_by_site
