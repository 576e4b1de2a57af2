"""Reads of the pharmacy: doses due, and one preparation with its instruction."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from pharmacy.preparation.models import Preparation
from pharmacy.preparation.states import PreparationState
from pharmacy.preparation.timing import earliest_opening
from randomization.accounts.policies import check_can
from randomization.accounts.roles import Permission
from randomization.blinded.bedside.models import Dose
from randomization.blinded.bedside.selectors import due_doses
from randomization.blinded.sites.selectors import protocol_in_force
from randomization.shared import clock
from randomization.shared.actor import EVERYWHERE, Actor
from randomization.shared.errors import InvalidInput, NotFound

HORIZONS = (8, 24, 48)


@dataclass(frozen=True, slots=True)
class WorklistRow:
    """One due dose, and its live preparation where there is one. Nothing is opened by looking."""

    dose: Dose
    preparation: Preparation | None
    is_overdue: bool
    not_before: datetime | None


def worklist(actor: Actor, *, hours: int = 24) -> list[WorklistRow]:
    """Doses due in the next 8, 24 or 48 hours within reach, by time. Raises InvalidInput for another horizon."""
    check_can(actor, Permission.PREPARATION_READ)
    if hours not in HORIZONS:
        raise InvalidInput("Choose 8, 24 or 48 hours.", field="hours")
    doses = due_doses(actor, within=timedelta(hours=hours))
    live = {
        preparation.dose_uid: preparation
        for preparation in Preparation.objects.filter(dose_uid__in=[dose.uid for dose in doses]).exclude(
            state=PreparationState.VOIDED
        )
    }
    regimens = {code: protocol_in_force(code).regimen for code in {dose.course.participant.site_id for dose in doses}}
    now, rows = clock.now(), []
    for due in doses:
        route = regimens[due.course.participant.site_id].route(due.route)
        first = earliest_opening(planned_at=due.planned_at, late=route.late, in_use=route.in_use)
        rows.append(WorklistRow(due, live.get(due.uid), due.planned_at < now, first if now < first else None))
    return rows


def preparation_for(actor: Actor, uid: UUID) -> Preparation:
    """One preparation; raises NotFound at another site."""
    found = Preparation.objects.filter(uid=uid).first()
    if found is None:
        raise NotFound()
    check_can(actor, Permission.PREPARATION_READ, site_code=found.site_code)
    return found


def live_preparation(dose_uid: UUID) -> Preparation | None:
    """The preparation of a dose that is not void; None where there is none."""
    return Preparation.objects.filter(dose_uid=dose_uid).exclude(state=PreparationState.VOIDED).first()


def preparations_for(actor: Actor, *, state: str = "") -> list[Preparation]:
    """The newest preparations within reach."""
    check_can(actor, Permission.PREPARATION_READ)
    found = Preparation.objects.order_by("-opened_at")
    if actor.site_code != EVERYWHERE:
        found = found.filter(site_code=actor.site_code)
    return list((found.filter(state=state) if state else found)[:200])


def steps(preparation: Preparation) -> list[str]:
    """The instruction, in steps: what to draw, with what to fill up, to which volume."""
    rest = (preparation.final_ml - preparation.draw_ml).normalize()
    lines = [f"Draw {preparation.draw_ml.normalize():f} mL of {preparation.product_name} ({preparation.amount})."]
    if rest:
        lines.append(f"Fill up with {rest:f} mL of {preparation.diluent}.")
    lines += [
        f"Check: final volume {preparation.final_ml.normalize():f} mL, {preparation.route} syringe.",
        "Put on the label with this packaging code and scan it back.",
    ]
    return lines
