"""Reads of the worklist: the doses due, by time and by patient. Nothing is opened by looking."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from pharmacy.preparation.models import Preparation
from pharmacy.preparation.selectors import clearances_of
from pharmacy.preparation.states import PreparationState, VoidCause
from pharmacy.preparation.times_of_doses import times_of
from randomization.accounts.policies import check_can
from randomization.accounts.roles import Permission
from randomization.blinded.bedside.for_unblinded import (
    ClearanceInForce,
    Dose,
    DoseState,
    WardRequest,
    due_doses,
    requests_for,
)
from randomization.blinded.sites.for_unblinded import protocol_of
from randomization.shared import clock
from randomization.shared.actor import Actor
from randomization.shared.errors import InvalidInput
from randomization.shared.sentences import sentence as _

HORIZONS = (8, 24, 48)


@dataclass(frozen=True, slots=True)
class WorklistRow:
    """One due dose, and its live preparation where there is one. Nothing is opened by looking.

    is_overdue: its time is past and nothing is ready for the ward. is_over: its window is past, nobody may give it.

    is_changed: an earlier preparation became void by a change of the dose level, a quarantine, or a dose
    that moved. clearance: None
    where no value is recorded yet, so that nothing can be prepared. requests: what the ward asked since the last
    packaging, in its fixed words.
    """

    dose: Dose
    preparation: Preparation | None
    is_overdue: bool
    is_over: bool
    is_changed: bool
    not_before: datetime | None
    clearance: ClearanceInForce | None
    requests: tuple[str, ...]

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
    for preparation in Preparation.objects.filter(dose_uid__in=[dose.uid for dose in doses]):
        if preparation.state != PreparationState.VOIDED:
            live[preparation.dose_uid] = preparation
        elif preparation.void_cause != VoidCause.PERSON:
            changed.add(preparation.dose_uid)
    now, rows, participants = clock.now(), [], [due.course.participant for due in doses]
    clearances = clearances_of(participants, now)
    asked, times = requests_for(due.uid for due in doses), times_of(doses)
    for due, participant in zip(doses, participants, strict=True):
        route, first = protocol_of(participant.site).regimen.route(due.route), times[due.uid].opens_at
        rows.append(
            WorklistRow(
                due,
                live.get(due.uid),
                due.planned_at < now and due.state != DoseState.READY,
                now > due.planned_at + route.late,
                due.uid in changed,
                first if now < first else None,
                clearances.get(participant.uid),
                _open_requests(asked.get(due.uid, ()), live.get(due.uid)),
            )
        )
    return rows


def _open_requests(asked: Iterable[WardRequest], live: Preparation | None) -> tuple[str, ...]:
    """The requests about what is live now: one was answered by a new packaging, or by what was released after it.

    What is released and not yet shown to the ward does not answer a request that came since.
    """
    released_at = live.released_at if live is not None else None
    return tuple(
        request.kind
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
    """The worklist by patient: by the first due dose of each; patients whose syringes are all released come last."""
    groups: dict[str, list[WorklistRow]] = {}
    for row in rows:
        groups.setdefault(row.dose.course.kit_code, []).append(row)
    patients = [
        PatientDoses(participant.number, kit_code, participant.site.time_zone, tuple(group))
        for kit_code, group in groups.items()
        for participant in [group[0].dose.course.participant]
    ]
    return sorted(patients, key=lambda patient: patient.is_done)
