"""What follows from a corrected record of a dose: deviations and anchor computed again. Inside the running service."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any, Final

from randomization.audit.record import record
from randomization.blinded.bedside.giving import is_too_soon
from randomization.blinded.bedside.giving_checks import what_is_wrong
from randomization.blinded.bedside.models import Administration, Course, Dose, Packaging
from randomization.blinded.bedside.move_doses import (
    NewTime,
    Replanned,
    anchor_by_doses_given,
    new_time,
    replan,
    time_in,
)
from randomization.blinded.bedside.schedule import is_dropped
from randomization.blinded.bedside.selectors import last_given_before
from randomization.blinded.bedside.states import FIRST_DOSE, GIVEN, NOT_RECORDED, DoseState
from randomization.blinded.screening.deviations import lift_deviation, note_deviation
from randomization.blinded.screening.eligibility import window_is_over
from randomization.blinded.screening.models import Deviation, DeviationKind, Participant
from randomization.shared import clock
from randomization.shared.actor import Actor
from randomization.shared.errors import Refused
from randomization.shared.foreseen import ExpectedVoid
from randomization.shared.protocol import Protocol, Regimen
from randomization.shared.sentences import sentence as _
from randomization.shared.sentences import word

OF_A_DOSE: Final = (
    DeviationKind.DOSE_OUTSIDE_WINDOW,
    DeviationKind.DOSE_TOO_SOON,
    DeviationKind.DOSE_MISSED,
    DeviationKind.SYRINGE_EXPIRED,
    DeviationKind.SYRINGE_VOID,
)


@dataclass(frozen=True, slots=True)
class Consequences:
    """What a correction brings with it, said before it is done and kept when it is.

    anchor: when the timetable begins (UTC), before and after. moved: how many doses not yet given move. times: the new
    planned time and window of each of them, and of a dose that is planned again. dropped: those that are not given,
    since they fall behind the last hour or the end of treatment. voided: packaging codes that become void;
    voids: of which doses. arising, lifted: deviations, by what they are and which dose.
    """

    dose: str
    old: dict[str, Any]
    new: dict[str, Any]
    anchor_before: datetime
    anchor_after: datetime
    moved: int
    times: tuple[NewTime, ...]
    dropped: tuple[str, ...]
    voided: tuple[str, ...]
    voids: tuple[ExpectedVoid, ...]
    arising: tuple[str, ...]
    lifted: tuple[str, ...]

    def as_data(self) -> dict[str, Any]:
        """For trail, API and the digest of what was shown."""
        return {
            "dose": self.dose,
            "old": self.old,
            "new": self.new,
            "anchor_before": clock.stamp(self.anchor_before),
            "anchor_after": clock.stamp(self.anchor_after),
            "moved": self.moved,
            "times": [moved.as_data() for moved in self.times],
            "dropped": list(self.dropped),
            "voided": list(self.voided),
            "arising": list(self.arising),
            "lifted": list(self.lifted),
        }

    @property
    def digest(self) -> str:
        """What was shown, in short: a confirmation holds for this and nothing else."""
        return sha256(json.dumps(self.as_data(), sort_keys=True).encode()).hexdigest()

    def sentences(self, zone: str) -> list[str]:
        """What follows, for the person who decides; moments in the site's zone."""
        said = []
        if self.anchor_after != self.anchor_before:
            hours = [f"{clock.site_moment(at, zone):%d %b %H:%M %z}" for at in (self.anchor_before, self.anchor_after)]
            said.append(_("The timetable begins %(after)s, not %(before)s.", before=hours[0], after=hours[1]))
        if self.moved:
            said.append(_("%(count)s doses not yet given move.", count=self.moved))
        if self.new["outcome"] == NOT_RECORDED and self.dose in {moved.dose for moved in self.times}:
            said.append(_("%(dose)s is planned again: it can be prepared and given.", dose=self.dose))
        said += [
            _("%(dose)s falls behind the last hour or the end of treatment and is dropped.", dose=dose)
            for dose in self.dropped
        ]
        said += [_("Syringe %(code)s becomes void: return it to the pharmacy.", code=code) for code in self.voided]
        for what in self.arising:
            kind, about = what.rsplit(", ", 1)
            said.append(_("A deviation arises: %(kind)s, %(about)s.", kind=word(kind), about=word(about)))
        for what in self.lifted:
            kind, about = what.rsplit(", ", 1)
            said.append(_("A deviation is lifted: %(kind)s, %(about)s.", kind=word(kind), about=word(about)))
        return said or [_("Nothing else changes: no dose moves, no syringe becomes void.")]


def _known(participant: Participant) -> set[tuple[str, str]]:
    deviations = Deviation.objects.filter(participant=participant, lifted_at=None)
    return set(deviations.values_list("kind", "about"))


def settle_deviations(
    actor: Actor, participant: Participant, dose: Dose, protocol: Protocol
) -> tuple[list[str], list[str]]:
    """Note what a corrected dose departs from now, and lift what it no longer does; the doses after it alike, by their
    interval. Returns what arose and what was lifted, as `dose missed, IV 7`.
    """
    wanted = {(kind, str(dose)) for kind in _departures(dose, protocol)}
    judged = {(kind, str(dose)) for kind in OF_A_DOSE}
    route = protocol.regimen.route(dose.route)
    others = Administration.objects.select_related("dose").filter(
        dose__course_id=dose.course_id, dose__route=dose.route, corrected=None, outcome__in=GIVEN
    )
    for row in others.exclude(dose=dose):
        before = last_given_before(row.dose, row.at)
        pair = (DeviationKind.DOSE_TOO_SOON, str(row.dose))
        judged.add(pair)
        if is_too_soon(row.at, before, route.least_interval):
            wanted.add(pair)
    known = _known(participant)
    arising = [pair for pair in sorted(wanted) if (str(pair[0]), pair[1]) not in known]
    lifted = [pair for pair in sorted(judged - wanted) if (str(pair[0]), pair[1]) in known]
    for kind, about in arising:
        note_deviation(actor, participant, kind, about)
    for kind, about in lifted:
        lift_deviation(actor, participant, kind, about)
    return [f"{kind}, {about}" for kind, about in arising], [f"{kind}, {about}" for kind, about in lifted]


def _departures(dose: Dose, protocol: Protocol) -> list[DeviationKind]:
    row = dose.administration
    if row is None:
        return []
    if row.outcome == DoseState.MISSED:
        return [DeviationKind.DOSE_MISSED]
    packaging = Packaging.objects.get(dose=dose, pack_code=row.pack_code)
    return list(what_is_wrong(dose, packaging, row.at, protocol))


def plan_again(dose: Dose, regimen: Regimen) -> NewTime:
    """Take the state that a dose would have, had nobody recorded it as missed; the caller saves it.

    It is planned for the time at which it is due by the timetable now: while its window is open, or while treatment is
    on hold (a window that ends meanwhile is no deviation). Behind the last hour or the end of treatment it is dropped.
    Raises Refused for a dose that is not missed, and for one that can't be given any more: that one was missed.
    """
    if dose.state != DoseState.MISSED:
        raise Refused(_("Only a dose that is recorded as missed can be planned again."), code="dose_state")
    course, at, now = dose.course, time_in(dose.course, dose, regimen), clock.now()
    moved = new_time(dose, at, regimen.route(dose.route))
    dose.planned_at = at
    stopped = course.stopped_at
    too_late = stopped is not None and at > stopped
    if too_late or is_dropped(at=at, anchor=course.first_dose_at, regimen=regimen):
        dose.state = DoseState.DROPPED
        return moved
    on_hold = course.held_at is not None and course.held_at <= moved.window_until
    if stopped is not None or (now > moved.window_until and not on_hold):
        ended = f"{clock.site_moment(moved.window_until, course.participant.site.time_zone):%d %b %H:%M %z}"
        raise Refused(
            _(
                "This dose can't be given any more: its window ended %(ended)s, or treatment was stopped. If it was "
                "given, correct it to given; if not, it was missed.",
                ended=ended,
            ),
            code="window_over",
        )
    dose.state = DoseState.PLANNED
    return moved


def anchor_again(actor: Actor, participant: Participant, course: Course, protocol: Protocol) -> Replanned | None:
    """Move the timetable to the first dose given by the records in force; None where it stays.

    Where no dose was given after all, the timetable stays as it is until one is.
    """
    anchor = anchor_by_doses_given(course, protocol.regimen)
    if anchor is None:
        if course.anchored_at is not None:
            course.anchored_at = None
            course.save(update_fields=["anchored_at"])
        return None
    if course.anchored_at is not None and anchor == course.first_dose_at:
        return None
    course.steered_at = clock.now()
    course.anchored_at = course.anchored_at or course.steered_at
    # The service that corrects asks about everything that becomes void together.
    done = replan(participant, course, anchor, protocol.regimen, accepted=None)
    record(
        actor=actor, action="course.anchor", subject=participant.number, stream=participant.site_id, data=done.as_data()
    )
    return done


def settle_first_dose(
    actor: Actor, participant: Participant, course: Course, protocol: Protocol
) -> tuple[list[str], list[str]]:
    """The first dose is late where it came after the window from sepsis, and otherwise it is not."""
    late = course.anchored_at is not None and window_is_over(
        participant.sepsis_at, protocol.eligibility, course.first_dose_at
    )
    kind, what = DeviationKind.FIRST_DOSE_LATE, [f"{DeviationKind.FIRST_DOSE_LATE}, {FIRST_DOSE}"]
    known = (str(kind), FIRST_DOSE) in _known(participant)
    if late and not known:
        note_deviation(actor, participant, kind, FIRST_DOSE)
        return what, []
    if known and not late:
        lift_deviation(actor, participant, kind, FIRST_DOSE)
        return [], what
    return [], []
