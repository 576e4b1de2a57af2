"""The site's board: who is where between screening and the last day, what waits for whom, the next step of each."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from django.core.paginator import Page, Paginator
from django.db.models import Q, QuerySet

from randomization.blinded.bedside.models import Course
from randomization.blinded.bedside.selectors import NextDose, last_milestone, next_doses
from randomization.blinded.screening.countdown import Countdown, countdown, legs_of
from randomization.blinded.screening.models import Participant, Verdict
from randomization.blinded.screening.selectors import participants_for, protocol_for, treated_by
from randomization.blinded.screening.states import State
from randomization.shared import clock
from randomization.shared.actor import Actor
from randomization.shared.protocol import Protocol
from randomization.shared.sentences import sentence as _
from randomization.shared.sentences import word

PAGE: Final = 50
SHOWN_AFTER: Final = timedelta(hours=12)
"""For how long a window that is over stays on the board of those who wait [choice]."""


@dataclass(frozen=True, slots=True)
class NextStep:
    """What comes next: words, the name of its page (empty: none to open), and for whom it waits."""

    words: str
    page: str = ""
    waits_for: str = ""


@dataclass(frozen=True, slots=True)
class Row:
    """One participant: the 72 h clock, the 6 h clock of a sample not shipped, the time to spare, or the treatment."""

    participant: Participant
    step: NextStep
    window_ends_at: datetime
    left: timedelta
    ship_by: datetime | None
    spare: timedelta | None
    course: Course | None
    day: int
    dose: NextDose | None

    @property
    def due_at(self) -> datetime:
        """By when something is due: the board's order."""
        if self.ship_by is not None:
            return self.ship_by
        if self.course is None:
            return self.window_ends_at
        return self.dose.planned_at if self.dose else self.window_ends_at + timedelta(days=365)


def countdown_of(person: Participant, protocol: Protocol, now: datetime) -> Countdown | None:
    """The countdown of who may still enter; None for all others, and where the protocol has no usual durations."""
    if protocol.logistics is None or person.state not in {State.SCREENING, State.ELIGIBLE}:
        return None
    if now - person.sepsis_at >= protocol.eligibility.window:
        return None
    sample = person.sample
    legs = legs_of(
        logistics=protocol.logistics, preparation=protocol.regimen.first_dose_after,
        shipped_at=sample.shipped_at if sample else None, received_at=sample.received_at if sample else None,
        verdict_there=sample is not None and sample.verdict != Verdict.PENDING, signed=person.state == State.ELIGIBLE,
        ship_by=sample.drawn_at + protocol.eligibility.shipping if sample else None,
    )  # fmt: skip
    return countdown(legs, person.sepsis_at + protocol.eligibility.window, now)


def _before_allocation(person: Participant, left: timedelta) -> NextStep:
    sample = person.sample
    if person.state in {State.WITHDRAWN, State.NOT_ELIGIBLE}:
        return NextStep(person.state.replace("_", " "))
    if left <= timedelta(0) and person.state == State.ELIGIBLE:
        return NextStep(_("The window is over: was an envelope opened?"), "participant", "coordinator")
    if left <= timedelta(0):
        return NextStep(_("The window is over: sign that"), "confirm", "investigator")
    if person.consent is None:
        return NextStep(_("Record consent"), "consent", "coordinator")
    if person.assessment is None:
        return NextStep(_("Answer the eligibility questions"), "eligibility", "coordinator")
    if sample is None:
        return NextStep(_("Draw a blood sample"), "sample", "coordinator")
    if sample.shipped_at is None:
        return NextStep(_("Ship the sample"), "ship_sample", "coordinator")
    if sample.verdict == Verdict.PENDING:
        return NextStep(_("Verdict"), "", "laboratory" if sample.received_at else "courier")
    if person.state == State.ELIGIBLE:
        return NextStep(_("Randomise"), "randomise", "coordinator")
    return NextStep(_("Sign the eligibility"), "confirm", "investigator")


def _on_treatment(course: Course, dose: NextDose | None, now: datetime) -> NextStep:
    if course.stopped_at is not None:
        return NextStep(_("Treatment stopped: %(cause)s", cause=word(course.stop_cause)), "sofa", "")
    if ended := getattr(course, "ended", None):
        return NextStep(_("Stop the treatment: %(ended)s is recorded", ended=word(ended)), "stop", "investigator")
    if course.held_at is not None:
        return NextStep(_("On hold: resume or stop"), "doses", "investigator")
    if dose is None:
        return NextStep(_("All doses recorded"), "sofa", "")
    if dose.planned_at <= now:
        return NextStep(_("Give or record %(dose)s", dose=f"{dose.route} {dose.number:02d}"), "doses", "nurse")
    return NextStep(f"{dose.route} {dose.number:02d}", "doses", "nurse" if dose.ready else "pharmacy")


def _row(person: Participant, course: Course | None, dose: NextDose | None, now: datetime) -> Row:
    protocol, sample = protocol_for(person), person.sample
    ends_at = person.sepsis_at + protocol.eligibility.window
    left = ends_at - now
    if course is not None:
        day = (now - course.first_dose_at) // timedelta(days=1) + 1
        return Row(person, _on_treatment(course, dose, now), ends_at, left, None, None, course, day, dose)
    waits = sample is not None and sample.shipped_at is None
    ship_by = sample.drawn_at + protocol.eligibility.shipping if sample is not None and waits else None
    found = countdown_of(person, protocol, now)
    step = _before_allocation(person, left)
    return Row(person, step, ends_at, left, ship_by, found.spare if found else None, None, 0, None)


def _active(people: QuerySet[Participant], now: datetime) -> QuerySet[Participant]:
    """In screening with the window open or over of late, or on treatment with doses before them."""
    recent = now - timedelta(days=4) - SHOWN_AFTER
    screening = Q(state__in=(State.SCREENING, State.ELIGIBLE), sepsis_at__gt=recent)
    treated = Q(course__stopped_at=None, course__first_dose_at__gt=now - timedelta(days=16))
    return people.filter(screening | (Q(state=State.ALLOCATED) & treated))


def _is_shown(row: Row) -> bool:
    """Whether somebody still waits: a window that is over is shown for a while, so that it is signed."""
    return row.course is not None or row.left > -SHOWN_AFTER


def board(actor: Actor, *, state: str = "", page: str | None = None) -> Page[Row]:
    """A page of the board within reach; at most five statements, however many participants there are.

    state: empty for those of whom something is due, by when it is due; `all`, or a state, for a register by number.
    """
    now, people = clock.now(), participants_for(actor)
    if not state:
        found = [row for row in _rows(list(_active(treated_by(actor), now)[:2000]), now) if _is_shown(row)]
        return Paginator(sorted(found, key=lambda row: (row.due_at, row.participant.number)), PAGE).get_page(page)
    register = Paginator(people if state == "all" else people.filter(state=state), PAGE).get_page(page)
    register.object_list = _rows(list(register.object_list), now)  # type: ignore[assignment]
    return register  # type: ignore[return-value]


def waiting_rows(actor: Actor) -> list[Row]:
    """Who before allocation waits for somebody, by when it is due; for the desk."""
    now = clock.now()
    waiting = _active(treated_by(actor), now).exclude(state=State.ALLOCATED)
    rows = [row for row in (_row(person, None, None, now) for person in waiting[:2000]) if _is_shown(row)]
    return sorted(rows, key=lambda row: (row.due_at, row.participant.number))


def _rows(people: list[Participant], now: datetime) -> list[Row]:
    allocated = [person.uid for person in people if person.state == State.ALLOCATED]
    courses: Mapping[UUID, Course] = {}
    doses: Mapping[UUID, NextDose] = {}
    if allocated:
        found = Course.objects.filter(participant_id__in=allocated).annotate(ended=last_milestone())
        courses = {course.participant_id: course for course in found}
        doses = next_doses([course.uid for course in courses.values()])
    return [_row(person, courses.get(person.uid), _dose(courses.get(person.uid), doses), now) for person in people]


def _dose(course: Course | None, doses: Mapping[UUID, NextDose]) -> NextDose | None:
    return doses.get(course.uid) if course else None
