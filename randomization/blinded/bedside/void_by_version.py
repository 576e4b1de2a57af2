"""Which syringes that are ready on the ward another version of the protocol makes void: the pharmacy's sweep voids them
once it is in force. What the pharmacy has not announced does not exist here, and is counted nowhere.
"""

from __future__ import annotations

from datetime import datetime

from randomization.blinded.bedside.models import Packaging
from randomization.blinded.bedside.schedule import still_fits
from randomization.blinded.bedside.selectors import clearances_in_force
from randomization.blinded.bedside.states import DoseState
from randomization.blinded.bedside.void_ready import expected
from randomization.blinded.sites.models import Site
from randomization.shared import clock
from randomization.shared.foreseen import ExpectedVoid
from randomization.shared.protocol import Protocol, Route


def voided_by_version(site: Site, old: Protocol, new: Protocol) -> list[ExpectedVoid]:
    """The syringes of a site that become void: another dose level holds, or their times do not fit any more."""
    now = clock.now()
    ready = Packaging.objects.select_related("dose__course__participant__site").filter(
        voided_at=None, dose__state=DoseState.READY, dose__course__participant__site=site
    )
    packagings = list(ready.order_by("dose__planned_at", "dose__route", "pack_code"))
    uids = [packaging.dose.course.participant_id for packaging in packagings]
    levels_before, levels_after = (
        clearances_in_force(uids, dict.fromkeys(uids, version.renal_rule), now) for version in (old, new)
    )
    changed = {uid for uid, level in levels_before.items() if level.reduced != levels_after[uid].reduced}
    voided = []
    for packaging in packagings:
        participant, route = packaging.dose.course.participant, new.regimen.route(packaging.dose.route)
        if (participant.uid in changed and packaging.use_before > now) or _does_not_fit(packaging, route, now):
            voided += expected(participant, [packaging])
    return voided


def _does_not_fit(packaging: Packaging, route: Route, now: datetime) -> bool:
    """Whether the times of a route no longer fit, or leave a dose open whose syringe is past its use-before time."""
    dose = packaging.dose
    if packaging.use_before <= now:
        return now <= dose.planned_at + route.late
    return not still_fits(
        route=route, printed_at=dose.planned_at, planned_at=dose.planned_at, use_before=packaging.use_before
    )
