"""The site's board: who is where between screening and the last day, what waits for whom, the next step of each."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from django.core.paginator import Page, Paginator
from django.db.models import Q, QuerySet

from randomization.blinded.allocation.gate_facts import signed_as_it_is
from randomization.blinded.allocation.gates import Signed
from randomization.blinded.bedside.models import Course
from randomization.blinded.bedside.selectors import NextDose, next_doses
from randomization.blinded.outcomes.selectors import last_milestone
from randomization.blinded.participants.next_step import (
    ANSWER,
    Bar,
    DoseStage,
    NextStep,
    SampleStage,
    Screening,
    Treatment,
    before_allocation,
    on_treatment,
    step,
)
from randomization.blinded.screening.countdown import Countdown, countdown, legs_of
from randomization.blinded.screening.eligibility import Reason, window_ends_at, window_is_over
from randomization.blinded.screening.identity import Identity
from randomization.blinded.screening.models import Participant, Sample
from randomization.blinded.screening.same_person import identities
from randomization.blinded.screening.selectors import open_reasons, participants_for, protocol_for, treated_by
from randomization.blinded.screening.states import State
from randomization.blinded.sites.gates import closed_gates
from randomization.blinded.sites.selectors import facts_of_site
from randomization.shared import clock
from randomization.shared.actor import Actor
from randomization.shared.ids import dose_name
from randomization.shared.protocol import Protocol
from randomization.shared.verdict import Verdict

PAGE: Final = 50
NOT_READ: Final = step("", ANSWER, "participant")
"""In place of the step of a row that is not shown: who a person is takes a statement."""
NOT_OF_ANSWERS: Final = frozenset({"no_consent", "no_sample", "verdict_pending"})
"""Reasons that pass and are no question of the form."""
SHOWN_AFTER: Final = timedelta(hours=12)
"""For how long a window that is over stays on the board of those who wait [choice]."""


@dataclass(frozen=True, slots=True)
class Row:
    """One participant: the 72 h clock, the 6 h clock of a sample not shipped, the time to spare, or the treatment.

    page: the page of the next step, where the reader may act; else empty.
    """

    participant: Participant
    step: NextStep
    window_ends_at: datetime
    left: timedelta
    ship_by: datetime | None
    spare: timedelta | None
    course: Course | None
    day: int
    dose: NextDose | None
    page: str = ""

    @property
    def due_at(self) -> datetime:
        """By when something is due: the board's order."""
        if self.ship_by is not None:
            return self.ship_by
        if self.course is None:
            return self.window_ends_at
        return self.dose.planned_at if self.dose else self.window_ends_at + timedelta(days=365)


def countdown_of(participant: Participant, protocol: Protocol, now: datetime) -> Countdown | None:
    """The countdown of who may still enter; None for all others, and where the protocol has no usual durations."""
    if protocol.logistics is None or participant.state not in {State.SCREENING, State.ELIGIBLE}:
        return None
    if window_is_over(participant.sepsis_at, protocol.eligibility, now):
        return None
    sample = participant.sample
    legs = legs_of(
        logistics=protocol.logistics,
        preparation=protocol.regimen.first_dose_after,
        shipped_at=sample.shipped_at if sample else None,
        received_at=sample.received_at if sample else None,
        verdict_there=sample is not None and sample.verdict != Verdict.PENDING,
        signed=participant.state == State.ELIGIBLE,
        ship_by=sample.drawn_at + protocol.eligibility.shipping if sample else None,
    )
    return countdown(legs, window_ends_at(participant.sepsis_at, protocol.eligibility), now)


def _stage(sample: Sample | None) -> SampleStage:
    if sample is None:
        return SampleStage.NONE
    if sample.shipped_at is None:
        return SampleStage.DRAWN
    if sample.verdict != Verdict.PENDING:
        return SampleStage.JUDGED
    return SampleStage.RECEIVED if sample.received_at else SampleStage.SHIPPED


def _bar(codes: Collection[str]) -> Bar:
    """What bars entry, by the codes of the final reasons; one of the sample may pass with a further one."""
    of_sample = {"verdict": Bar.VERDICT, "sample_before_consent": Bar.SAMPLE}
    if not codes:
        return Bar.NONE
    return min((of_sample.get(code, Bar.OTHER) for code in codes), key=[Bar.OTHER, Bar.SAMPLE, Bar.VERDICT].index)


def _state_as_signed(participant: Participant) -> State:
    """The state; what was changed since the physician signed is signed again."""
    state = State(participant.state)
    if state is State.ELIGIBLE and signed_as_it_is(participant) is Signed.BEFORE_A_CHANGE:
        return State.SCREENING
    return state


def screening_of(participant: Participant, reasons: Sequence[Reason], identity: Identity, now: datetime) -> Screening:
    """The facts of somebody who is not randomised, by which the next step is found."""
    final = [reason for reason in reasons if reason.final and reason.code != "window_over"]
    missing = {reason.code for reason in reasons if not reason.final} - NOT_OF_ANSWERS
    return Screening(
        state=_state_as_signed(participant),
        window_is_open=not window_is_over(participant.sepsis_at, protocol_for(participant).eligibility, now),
        has_consent=participant.consent_id is not None,
        answers_are_complete=not missing,
        identity_is_open=identity.is_open,
        sample=_stage(participant.sample),
        bar=_bar({reason.code for reason in final}),
        sentence=final[0].sentence if final else "",
        site=next(closed_gates(facts_of_site(participant.site)), None),
    )


def treatment_of(course: Course, ended: str | None, dose: NextDose | None, now: datetime) -> Treatment:
    """The facts of somebody who is randomised, by which the next step is found."""
    stage = DoseStage.NONE
    if dose is not None:
        stage = DoseStage.READY if dose.ready else DoseStage.PLANNED
        stage = DoseStage.DUE if dose.planned_at <= now else stage
    stopped = course.stop_cause if course.stopped_at is not None else ""
    name = dose_name(dose.route, dose.number) if dose else ""
    return Treatment(stopped, ended or "", course.held_at is not None, stage, name)


def next_step_of(
    participant: Participant, reasons: Sequence[Reason] = (), identity: Identity | None = None
) -> NextStep:
    """The next step of one participant; `reasons` and `identity`: what is known before randomisation."""
    now, course = clock.now(), Course.objects.filter(participant=participant).annotate(ended=last_milestone()).first()
    if course is None:
        return before_allocation(screening_of(participant, reasons, identity or Identity(), now))
    dose = next_doses([course.uid]).get(course.uid)
    return on_treatment(treatment_of(course, course.ended, dose, now))


def _row(participant: Participant, course: Course | None, dose: NextDose | None, now: datetime) -> Row:
    protocol, sample = protocol_for(participant), participant.sample
    ends_at = window_ends_at(participant.sepsis_at, protocol.eligibility)
    left = ends_at - now
    if course is not None:
        day = (now - course.first_dose_at) // timedelta(days=1) + 1
        due = on_treatment(treatment_of(course, getattr(course, "ended", None), dose, now))
        return Row(participant, due, ends_at, left, None, None, course, day, dose)
    waits = sample is not None and sample.shipped_at is None
    ship_by = sample.drawn_at + protocol.eligibility.shipping if sample is not None and waits else None
    return Row(participant, NOT_READ, ends_at, left, ship_by, None, None, 0, None)


def _with_steps(rows: Sequence[Row], now: datetime) -> list[Row]:
    """The rows with the next step of those not randomised; one statement, for as many as are shown."""
    known = identities([row.participant for row in rows if row.course is None])
    return [row if row.course else _with_step(row, known[row.participant.uid], now) for row in rows]


def _with_step(row: Row, identity: Identity, now: datetime) -> Row:
    participant, protocol = row.participant, protocol_for(row.participant)
    reasons = open_reasons(participant, protocol, identity)
    timeline = None if any(reason.final for reason in reasons) else countdown_of(participant, protocol, now)
    due = before_allocation(screening_of(participant, reasons, identity, now))
    return replace(row, step=due, spare=timeline.spare if timeline else None)


def _with_pages(rows: Sequence[Row], actor: Actor) -> list[Row]:
    return [replace(row, page=row.step.page_for(actor, row.participant.site_id)) for row in rows]


def _active(participants: QuerySet[Participant], now: datetime) -> QuerySet[Participant]:
    """In screening with the window open or over of late, or on treatment with doses before them."""
    recent = now - timedelta(days=4) - SHOWN_AFTER
    screening = Q(state__in=(State.SCREENING, State.ELIGIBLE), sepsis_at__gt=recent)
    treated = Q(course__stopped_at=None, course__first_dose_at__gt=now - timedelta(days=16))
    return participants.filter(screening | (Q(state=State.ALLOCATED) & treated))


def _is_shown(row: Row) -> bool:
    """Whether somebody still waits: a window that is over is shown for a while, so that it is signed."""
    return row.course is not None or row.left > -SHOWN_AFTER


def board(actor: Actor, *, state: str = "", page: str | None = None) -> Page[Row]:
    """A page of the board within reach; at most five statements, however many participants there are.

    state: empty for those of whom something is due, by when it is due; `all`, or a state, for a register by number.
    """
    now, participants = clock.now(), participants_for(actor)
    if not state:
        shown_rows = [row for row in _rows(list(_active(treated_by(actor), now)[:2000]), now) if _is_shown(row)]
        in_order = sorted(shown_rows, key=lambda row: (row.due_at, row.participant.number))
        shown = Paginator(in_order, PAGE).get_page(page)
        shown.object_list = _with_pages(_with_steps(list(shown.object_list), now), actor)
        return shown
    register = Paginator(participants if state == "all" else participants.filter(state=state), PAGE).get_page(page)
    rows = _with_steps(_rows(list(register.object_list), now), now)
    register.object_list = _with_pages(rows, actor)  # type: ignore[assignment]
    return register  # type: ignore[return-value]


def waiting_rows(actor: Actor) -> list[Row]:
    """Who before allocation waits for somebody, by when it is due; for the desk."""
    now = clock.now()
    waiting = _active(treated_by(actor), now).exclude(state=State.ALLOCATED)
    rows = [row for row in (_row(participant, None, None, now) for participant in waiting[:2000]) if _is_shown(row)]
    return sorted(_with_steps(rows, now), key=lambda row: (row.due_at, row.participant.number))


def _rows(participants: list[Participant], now: datetime) -> list[Row]:
    allocated = [participant.uid for participant in participants if participant.state == State.ALLOCATED]
    courses: Mapping[UUID, Course] = {}
    doses: Mapping[UUID, NextDose] = {}
    if allocated:
        allocated_courses = Course.objects.filter(participant_id__in=allocated).annotate(ended=last_milestone())
        courses = {course.participant_id: course for course in allocated_courses}
        doses = next_doses([course.uid for course in courses.values()])
    return [
        _row(participant, courses.get(participant.uid), _dose(courses.get(participant.uid), doses), now)
        for participant in participants
    ]


def _dose(course: Course | None, doses: Mapping[UUID, NextDose]) -> NextDose | None:
    return doses.get(course.uid) if course else None
