"""Reads of preparations: one, those at a step, and those that must not be given any more."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from pharmacy.preparation.models import Preparation
from pharmacy.preparation.states import PreparationState, VoidCause
from pharmacy.preparation.struck import struck
from randomization.accounts.policies import check_can
from randomization.accounts.roles import Permission
from randomization.blinded.bedside.for_unblinded import (
    ClearanceInForce,
    Dose,
    clearances_in_force,
    doses_by_uid,
    is_due,
    outcome_of_dose,
    planned_again_at,
    still_fits,
    voided_below,
    window_of,
)
from randomization.blinded.screening.for_unblinded import Participant
from randomization.blinded.sites.for_unblinded import protocol_of
from randomization.shared import clock
from randomization.shared.actor import EVERYWHERE, Actor
from randomization.shared.errors import NotFound
from randomization.unblinded.formulary.contents import Level
from randomization.unblinded.laboratory.selectors import decided_classes, decided_for

DAY: Final = timedelta(hours=24)
"""Longer than a window goes on after a use-before time."""


def clearances_of(people: Iterable[Participant], now: datetime) -> dict[UUID, ClearanceInForce]:
    """The clearance in force of each of these participants, by their uid; who has no value yet is left out."""
    rules = {person.uid: protocol_of(person.site).renal_rule for person in people}
    return clearances_in_force(list(rules), rules, now)


def level_of(clearance: ClearanceInForce | None) -> Level:
    """The dose level that a clearance calls for."""
    return Level.REDUCED if clearance is not None and clearance.reduced else Level.FULL


def to_void() -> dict[UUID, VoidCause]:
    """Preparations that could still be given and must not: dose held, stopped, missed or moved, level or class changed,
    or a quarantine hit the route.

    Nine statements. What passed its use-before time is void only while its dose may still be given: then it is
    replaced. A quarantine counts for every syringe of the routes that may need the product, opened in its span: whether
    one holds it is not asked. What the ward voided for itself is void here too.
    """
    now = clock.now()
    live = {
        made.dose_uid: made
        for made in Preparation.objects.exclude(state=PreparationState.VOIDED).filter(use_before__gt=now - DAY)
    }
    if not live:
        return {}
    doses = doses_by_uid(live)
    clearances = clearances_of((due.course.participant for due in doses), now)
    hit, decisions = struck(list(live.values())), decided_classes(due.course.participant_id for due in doses)
    found, gone = {}, voided_below([made.pack_code for made in live.values() if made.released_at])
    for due in doses:
        made = live[due.uid]
        if outcome_of_dose(due) == made.pack_code:
            continue
        if made.use_before <= now:
            if is_due(due) and now <= window_of(due, protocol_of(due.course.participant.site).regimen)[1]:
                found[made.uid] = VoidCause.EXPIRED
            continue
        if not is_due(due) or not is_treated_here(made, due) or is_of_before(made, due):
            found[made.uid] = VoidCause.COURSE
        elif made.uid in hit:
            found[made.uid] = VoidCause.STOCK
        elif not fits_its_time(made, due):
            found[made.uid] = VoidCause.TIME
        elif made.level != level_of(clearances.get(due.course.participant_id)):
            found[made.uid] = VoidCause.LEVEL
        elif decided_for(decisions, due.course.participant_id, due.route, due.number) not in {None, made.immune_class}:
            found[made.uid] = VoidCause.CLASS
        elif made.pack_code in gone:
            found[made.uid] = VoidCause.COURSE
    return found


def is_treated_here(preparation: Preparation, due: Dose) -> bool:
    """Whether the patient is treated still at the site that prepared."""
    return due.course.participant.site_id == preparation.site_code


def is_of_before(preparation: Preparation, due: Dose) -> bool:
    """Whether it was opened before a wrong "missed" was taken back: the dose is then prepared again, in every case.

    Whether the sweep voided it in between would otherwise depend on how far the pharmacy had come.
    """
    again = planned_again_at(due)
    return again is not None and preparation.opened_at <= again


def fits_its_time(preparation: Preparation, due: Dose) -> bool:
    """Whether a syringe may still be given at the time for which its dose is planned now."""
    route = protocol_of(due.course.participant.site).regimen.route(preparation.route)
    return still_fits(
        route=route, printed_at=preparation.planned_at, planned_at=due.planned_at, use_before=preparation.use_before
    )


def is_quarantined(preparation: Preparation) -> bool:
    """Whether a quarantine hit this preparation's route after it was opened."""
    return bool(struck([preparation]))


def preparation_for(actor: Actor, uid: UUID) -> Preparation:
    """One preparation; raises NotFound at another site."""
    check_can(actor, Permission.PREPARATION_READ)
    preparation = Preparation.objects.filter(uid=uid).first()
    if preparation is None:
        raise NotFound()
    check_can(actor, Permission.PREPARATION_READ, site_code=preparation.site_code)
    return preparation


def live_preparation(dose_uid: UUID) -> Preparation | None:
    """The preparation of a dose that is not void; None where there is none."""
    return Preparation.objects.filter(dose_uid=dose_uid).exclude(state=PreparationState.VOIDED).first()


def at_step(actor: Actor, kit_code: str, state: PreparationState) -> list[Preparation]:
    """The preparations of one kit within reach that stand at one step, by time."""
    check_can(actor, Permission.PREPARATION_READ)
    preparations = Preparation.objects.filter(kit_code=kit_code, state=state).order_by("planned_at", "route")
    return [made for made in preparations if actor.reaches(made.site_code)]


def check_kit(actor: Actor, kit_code: str) -> None:
    """Raise NotFound where nothing of this kit was ever prepared within reach."""
    sites = Preparation.objects.filter(kit_code=kit_code).values_list("site_code", flat=True)
    if not any(actor.reaches(site_code) for site_code in sites):
        raise NotFound()


def preparations_for(actor: Actor, *, state: str = "") -> list[Preparation]:
    """The newest preparations within reach."""
    check_can(actor, Permission.PREPARATION_READ)
    preparations = Preparation.objects.order_by("-opened_at")
    if actor.site_code != EVERYWHERE:
        preparations = preparations.filter(site_code=actor.site_code)
    return list((preparations.filter(state=state) if state else preparations)[:200])
