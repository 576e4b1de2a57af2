"""Reads of preparations: one, those at a step, and those that must not be given any more."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from pharmacy.preparation.models import Preparation
from pharmacy.preparation.outdated import DoseNow, Syringe, becomes_void_for, causes_against
from pharmacy.preparation.states import PreparationState, VoidCause
from pharmacy.preparation.struck import struck
from randomization.accounts.policies import check_can
from randomization.accounts.roles import Permission
from randomization.blinded.allocation.for_unblinded import allocation_by_uid
from randomization.blinded.bedside.for_unblinded import (
    ClearanceInForce,
    Dose,
    clearances_in_force,
    doses_by_uid,
    is_due,
    is_too_late,
    outcome_of_dose,
    planned_again_at,
    still_fits,
    voided_below,
)
from randomization.blinded.screening.for_unblinded import Participant
from randomization.blinded.sites.for_unblinded import protocol_of
from randomization.shared import clock
from randomization.shared.actor import Actor
from randomization.shared.errors import NotFound
from randomization.shared.reach import within
from randomization.shared.read_once import read_once
from randomization.unblinded.formulary.contents import Level
from randomization.unblinded.laboratory.immune_class import ImmuneClass
from randomization.unblinded.laboratory.selectors import class_for_dose, decided_classes, decided_for

DAY: Final = timedelta(hours=24)
"""Longer than a window goes on after a use-before time."""


def clearances_of(participants: Iterable[Participant], now: datetime) -> dict[UUID, ClearanceInForce]:
    """The clearance in force of each of these participants, by their uid; who has no value yet is left out."""
    rules = {participant.uid: protocol_of(participant.site).renal_rule for participant in participants}
    return clearances_in_force(list(rules), rules, now)


def level_of(clearance: ClearanceInForce | None) -> Level:
    """The dose level that a clearance calls for."""
    return Level.REDUCED if clearance is not None and clearance.reduced else Level.FULL


def _as_prepared(preparations: Sequence[Preparation]) -> dict[UUID, Syringe]:
    """The facts of these syringes, by uid."""
    hit = struck(preparations)
    gone = voided_below([preparation.pack_code for preparation in preparations if preparation.released_at])
    return {
        preparation.uid: Syringe(
            site_code=preparation.site_code,
            opened_at=preparation.opened_at,
            use_before=preparation.use_before,
            level=Level(preparation.level),
            immune_class=ImmuneClass(preparation.immune_class),
            is_struck=preparation.uid in hit,
            is_void_on_ward=preparation.pack_code in gone,
        )
        for preparation in preparations
    }


def _dose_now(
    preparation: Preparation,
    due: Dose,
    now: datetime,
    clearance: ClearanceInForce | None,
    immune_class: ImmuneClass | None,
) -> DoseNow:
    """The facts of a dose for which this was prepared."""
    regimen = protocol_of(due.course.participant.site).regimen
    return DoseNow(
        is_due=is_due(due),
        site_code=due.course.participant.site_id,
        planned_again_at=planned_again_at(due),
        fits_its_time=still_fits(
            route=regimen.route(preparation.route),
            printed_at=preparation.planned_at,
            planned_at=due.planned_at,
            use_before=preparation.use_before,
        ),
        window_is_over=is_too_late(due, regimen, now),
        level=level_of(clearance),
        immune_class=immune_class,
    )


def to_void() -> dict[UUID, VoidCause]:
    """Preparations that could still be given and must not, each with its cause; see `outdated.py`. Nine statements.

    A quarantine counts for every syringe of the routes that may need the product, opened in its span: whether one holds
    it is not asked. What the ward voided for itself is void here too.
    """
    now = clock.now()
    live = {
        preparation.dose_uid: preparation
        for preparation in Preparation.objects.exclude(state=PreparationState.VOIDED).filter(use_before__gt=now - DAY)
    }
    if not live:
        return {}
    doses = doses_by_uid(live)
    clearances = clearances_of((due.course.participant for due in doses), now)
    syringes = _as_prepared(list(live.values()))
    decisions = decided_classes(due.course.participant_id for due in doses)
    causes = {}
    for due in doses:
        preparation, person_uid = live[due.uid], due.course.participant_id
        if outcome_of_dose(due) == preparation.pack_code:
            continue
        decided = decided_for(decisions, person_uid, due.route, due.number)
        dose_now = _dose_now(preparation, due, now, clearances.get(person_uid), decided)
        cause = becomes_void_for(syringes[preparation.uid], dose_now, now)
        if cause is not None:
            causes[preparation.uid] = cause
    return causes


def outdated_for(preparation: Preparation, due: Dose, now: datetime) -> list[VoidCause]:
    """Every cause for which this syringe must not be given any more; `due`: its dose as it stands."""
    participant = due.course.participant
    allocation = allocation_by_uid(participant.uid)
    if allocation is None:
        raise NotFound()
    immune_class = class_for_dose(participant.uid, allocation.verdict_uid, preparation.route, preparation.number)
    dose_now = _dose_now(preparation, due, now, clearances_of([participant], now).get(participant.uid), immune_class)
    return list(causes_against(_as_prepared([preparation])[preparation.uid], dose_now, now))


@read_once
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


@read_once
def at_step(actor: Actor, kit_code: str, state: PreparationState) -> list[Preparation]:
    """The preparations of one kit within reach that stand at one step, by time."""
    check_can(actor, Permission.PREPARATION_READ)
    preparations = Preparation.objects.filter(kit_code=kit_code, state=state).order_by("planned_at", "route")
    return [preparation for preparation in preparations if actor.reaches(preparation.site_code)]


def check_kit(actor: Actor, kit_code: str) -> None:
    """Raise NotFound where nothing of this kit was ever prepared within reach."""
    sites = Preparation.objects.filter(kit_code=kit_code).values_list("site_code", flat=True)
    if not any(actor.reaches(site_code) for site_code in sites):
        raise NotFound()


def preparations_for(actor: Actor, *, state: str = "") -> list[Preparation]:
    """The newest preparations within reach."""
    check_can(actor, Permission.PREPARATION_READ)
    preparations = within(Preparation.objects.order_by("-opened_at"), actor, "site_code")
    return list((preparations.filter(state=state) if state else preparations)[:200])
