"""Reads of the pharmacy: doses due, and one preparation with its instruction."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from pharmacy.preparation.models import Preparation
from pharmacy.preparation.planning import times_of
from pharmacy.preparation.states import PreparationState, VoidCause
from pharmacy.preparation.struck import struck
from randomization.accounts.policies import check_can
from randomization.accounts.roles import Permission
from randomization.blinded.bedside.models import Dose, WardRequest
from randomization.blinded.bedside.schedule import still_fits
from randomization.blinded.bedside.selectors import (
    ClearanceInForce,
    clearances_in_force,
    doses_by_uid,
    due_doses,
    is_due,
    outcome_of_dose,
    requests_for,
    voided_below,
    window_of,
)
from randomization.blinded.bedside.states import DoseState
from randomization.blinded.screening.models import Participant
from randomization.blinded.sites.selectors import protocol_of
from randomization.shared import clock
from randomization.shared.actor import EVERYWHERE, Actor
from randomization.shared.errors import InvalidInput, NotFound
from randomization.shared.sentences import sentence as _
from randomization.unblinded.laboratory.selectors import decided_classes, decided_for
from randomization.unblinded.lists.plan import Level

HORIZONS = (8, 24, 48)
DAY: Final = timedelta(hours=24)
"""Longer than a window goes on after a use-before time."""


@dataclass(frozen=True, slots=True)
class WorklistRow:
    """One due dose, and its live preparation where there is one. Nothing is opened by looking.

    is_overdue: its time is past and nothing is ready for the ward. is_over: its window is past, nobody may give it.

    is_changed: an earlier preparation became void by a change of the dose level, a quarantine, or a dose
    that moved. clearance: None
    where no value is recorded yet, so that nothing can be prepared. wishes: what the ward asked since the last
    packaging, in its fixed words.
    """

    dose: Dose
    preparation: Preparation | None
    is_overdue: bool
    is_over: bool
    is_changed: bool
    not_before: datetime | None
    clearance: ClearanceInForce | None
    wishes: tuple[str, ...]

    @property
    def can_start(self) -> bool:
        """Whether it can be prepared now."""
        return not (self.preparation or self.is_over or self.not_before) and self.clearance is not None


def worklist(actor: Actor, *, hours: int = 24) -> list[WorklistRow]:
    """Doses due in the next 8, 24 or 48 hours within reach, by time. Raises InvalidInput for another horizon."""
    check_can(actor, Permission.PREPARATION_READ)
    if hours not in HORIZONS:
        raise InvalidInput(_("Choose 8, 24 or 48 hours."), field="hours")
    doses = due_doses(actor, within=timedelta(hours=hours))
    live: dict[UUID, Preparation] = {}
    changed: set[UUID] = set()
    for made in Preparation.objects.filter(dose_uid__in=[dose.uid for dose in doses]):
        if made.state != PreparationState.VOIDED:
            live[made.dose_uid] = made
        elif made.void_cause != VoidCause.PERSON:
            changed.add(made.dose_uid)
    now, rows, people = clock.now(), [], [due.course.participant for due in doses]
    clearances = _clearances(people, now)
    asked, times = requests_for(due.uid for due in doses), times_of(doses)
    for due, person in zip(doses, people, strict=True):
        route, first = protocol_of(person.site).regimen.route(due.route), times[due.uid].opens_at
        rows.append(
            WorklistRow(
                due,
                live.get(due.uid),
                due.planned_at < now and due.state != DoseState.READY,
                now > due.planned_at + route.late,
                due.uid in changed,
                first if now < first else None,
                clearances.get(person.uid),
                _wishes(asked.get(due.uid, ()), live.get(due.uid)),
            )
        )
    return rows


def _wishes(asked: Iterable[WardRequest], live: Preparation | None) -> tuple[str, ...]:
    """The wishes about what is live now: one was answered by a new packaging, or by what was released after it.

    What is released and not yet shown to the ward does not answer a wish that came since.
    """
    released_at = live.released_at if live is not None else None
    return tuple(
        request.wish
        for request in asked
        if (not request.pack_code and (released_at is None or request.at > released_at))
        or (live and request.pack_code == live.pack_code)
    )


@dataclass(frozen=True, slots=True)
class PatientDoses:
    """The due doses of one patient, by time."""

    number: str
    kit_code: str
    zone: str
    rows: tuple[WorklistRow, ...]

    @property
    def can_start(self) -> bool:
        """Whether something of these can be prepared now."""
        return any(row.can_start for row in self.rows)

    @property
    def is_done(self) -> bool:
        """Whether all of these were released."""
        return all(row.preparation and row.preparation.released_at for row in self.rows)


def by_patient(rows: Sequence[WorklistRow]) -> list[PatientDoses]:
    """The worklist by patient; who has the first due dose comes first, and last of whom all is released."""
    groups: dict[str, list[WorklistRow]] = {}
    for row in rows:
        groups.setdefault(row.dose.course.kit_code, []).append(row)
    patients = [
        PatientDoses(person.number, kit_code, person.site.time_zone, tuple(group))
        for kit_code, group in groups.items()
        for person in [group[0].dose.course.participant]
    ]
    return sorted(patients, key=lambda patient: patient.is_done)


def _clearances(people: Iterable[Participant], now: datetime) -> dict[UUID, ClearanceInForce]:
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
    clearances = _clearances((due.course.participant for due in doses), now)
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
        if not is_due(due) or not is_treated_here(made, due):
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


def is_treated_here(made: Preparation, due: Dose) -> bool:
    """Whether the patient is treated still at the site that prepared."""
    return due.course.participant.site_id == made.site_code


def fits_its_time(made: Preparation, due: Dose) -> bool:
    """Whether a syringe may still be given at the time for which its dose is planned now."""
    route = protocol_of(due.course.participant.site).regimen.route(made.route)
    return still_fits(route=route, printed_at=made.planned_at, planned_at=due.planned_at, use_before=made.use_before)


def is_quarantined(preparation: Preparation) -> bool:
    """Whether a quarantine hit this preparation's route after it was opened."""
    return bool(struck([preparation]))


def preparation_for(actor: Actor, uid: UUID) -> Preparation:
    """One preparation; raises NotFound at another site."""
    check_can(actor, Permission.PREPARATION_READ)
    found = Preparation.objects.filter(uid=uid).first()
    if found is None:
        raise NotFound()
    check_can(actor, Permission.PREPARATION_READ, site_code=found.site_code)
    return found


def live_preparation(dose_uid: UUID) -> Preparation | None:
    """The preparation of a dose that is not void; None where there is none."""
    return Preparation.objects.filter(dose_uid=dose_uid).exclude(state=PreparationState.VOIDED).first()


def at_step(actor: Actor, kit_code: str, state: PreparationState) -> list[Preparation]:
    """The preparations of one kit within reach that stand at one step, by time."""
    check_can(actor, Permission.PREPARATION_READ)
    found = Preparation.objects.filter(kit_code=kit_code, state=state).order_by("planned_at", "route")
    return [made for made in found if actor.reaches(made.site_code)]


def check_kit(actor: Actor, kit_code: str) -> None:
    """Raise NotFound where nothing of this kit was ever prepared within reach."""
    sites = Preparation.objects.filter(kit_code=kit_code).values_list("site_code", flat=True)
    if not any(actor.reaches(site_code) for site_code in sites):
        raise NotFound()


def preparations_for(actor: Actor, *, state: str = "") -> list[Preparation]:
    """The newest preparations within reach."""
    check_can(actor, Permission.PREPARATION_READ)
    found = Preparation.objects.order_by("-opened_at")
    if actor.site_code != EVERYWHERE:
        found = found.filter(site_code=actor.site_code)
    return list((found.filter(state=state) if state else found)[:200])
