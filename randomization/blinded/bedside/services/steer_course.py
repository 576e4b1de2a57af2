"""Plan the start, hold, resume, stop and shift a treatment. The allocation stays as it was, always."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, ClassVar
from uuid import UUID

from randomization.accounts.roles import Permission
from randomization.audit.record import record
from randomization.blinded.bedside.firstdose import check_first_dose
from randomization.blinded.bedside.models import Course, Dose
from randomization.blinded.bedside.move_doses import Replanned, replan
from randomization.blinded.bedside.schedule import shifts_of
from randomization.blinded.bedside.selectors import first_given, window_of
from randomization.blinded.bedside.states import WAITING, DoseState, StopCause
from randomization.blinded.bedside.void_ready import void_ready
from randomization.blinded.screening.file_changes import check_after_consent, locked, need_reason
from randomization.blinded.screening.models import Participant
from randomization.blinded.screening.selectors import protocol_for
from randomization.shared import clock
from randomization.shared.actor import Actor
from randomization.shared.errors import InvalidInput, Refused
from randomization.shared.foreseen import Accepted
from randomization.shared.sentences import sentence as _
from randomization.shared.service import service
from randomization.signatures.command import ParticipantCommand
from randomization.signatures.services.sign import use_signature

STEER = Permission.COURSE_STEER


def _running(participant: Participant) -> Course:
    """The participant's treatment, locked. Raises Refused before allocation and after treatment was stopped."""
    course = Course.objects.select_for_update().filter(participant=participant).first()
    if course is None:
        raise Refused(
            _("%(number)s is not randomised: there is no treatment yet.", number=participant.number),
            code="not_allocated",
        )
    if course.stopped_at is not None:
        raise Refused(
            _("Treatment of %(number)s was stopped: it cannot go on.", number=participant.number), code="stopped"
        )
    return course


@service
def hold_course(*, actor: Actor, number: str, reason: str, accepted: Accepted | None = None) -> Course:
    """Put treatment on hold: what is ready becomes void, nothing is prepared or given until it is resumed.

    Doses whose window passes on hold are no deviation. accepted: what may become void; None: nobody is asked.
    Raises NotFound outside reach, Refused where it is on hold or stopped, VoidsNotAccepted where something else becomes
    void, InvalidInput without a reason.
    """
    participant = locked(actor, number, STEER)
    need_reason(is_correction=True, reason=reason)
    course = _running(participant)
    if course.held_at is not None:
        raise Refused(_("Treatment of %(number)s is on hold already.", number=participant.number), code="on_hold")
    course.held_at = clock.now()
    course.save(update_fields=["held_at"])
    voided = void_ready(participant, accepted=accepted)
    record(
        actor=actor,
        action="course.hold",
        subject=participant.number,
        stream=participant.site_id,
        data={"voided": list(voided)},
        texts={"reason": reason},
    )
    return course


def _settle_held(course: Course, participant: Participant, until: datetime) -> list[str]:
    """Doses whose window ended on hold are held, for good; a number is never given later."""
    regimen, held = protocol_for(participant).regimen, []
    for dose in (
        Dose.objects.select_for_update().filter(course=course, state=DoseState.PLANNED).order_by("planned_at", "route")
    ):
        if course.held_at is not None and course.held_at <= window_of(dose, regimen)[1] <= until:
            held.append(dose)
    Dose.objects.filter(uid__in=[dose.uid for dose in held]).update(state=DoseState.HELD)
    return [str(dose) for dose in held]


@service
def resume_course(*, actor: Actor, number: str, reason: str) -> Course:
    """Go on after a hold, with the timetable as it is; what is prepared now counts from now.

    Raises Refused where treatment is not on hold."""
    participant = locked(actor, number, STEER)
    need_reason(is_correction=True, reason=reason)
    course = _running(participant)
    if course.held_at is None:
        raise Refused(_("Treatment of %(number)s is not on hold.", number=participant.number), code="not_on_hold")
    held = _settle_held(course, participant, clock.now())
    course.held_at, course.steered_at = None, clock.now()
    course.save(update_fields=["held_at", "steered_at"])
    record(
        actor=actor,
        action="course.resume",
        subject=participant.number,
        stream=participant.site_id,
        data={"held": held},
        texts={"reason": reason},
    )
    return course


@dataclass(frozen=True, slots=True)
class StopCourse(ParticipantCommand):
    """Treatment ends for good at `at` (UTC)."""

    meaning: ClassVar[str] = "treatment stopped"
    cause: StopCause
    at: datetime

    def content(self) -> dict[str, Any]:
        return {"participant": self.subject, "cause": self.cause, "at": clock.stamp(self.at)}


@service
def stop_course(
    *, actor: Actor, command: StopCourse, reason: str, grant: UUID, accepted: Accepted | None = None
) -> Course:
    """Stop treatment for good, now or past, signed: what is ready becomes void, later doses are dropped.

    Doses due before it can still be recorded as given or missed. accepted: as for `hold_course`. Raises Refused
    where it was stopped already, VoidsNotAccepted, InvalidInput for a time in the future or before consent, or without
    a reason.
    """
    participant = locked(actor, command.number, STEER)
    need_reason(is_correction=True, reason=reason)
    use_signature(actor=actor, grant=grant, command=command)
    return end_course(actor, participant, command.cause, command.at, reason, accepted=accepted)


def end_course(
    actor: Actor, participant: Participant, cause: StopCause, at: datetime, reason: str, *, accepted: Accepted | None
) -> Course:
    """Inside the running service: stop the treatment of a locked participant. Raises as `stop_course`."""
    if at > clock.now():
        raise InvalidInput(_("The time lies in the future: check day and hour."), field="at")
    check_after_consent(participant, at)
    course = _running(participant)
    voided = void_ready(participant, accepted=accepted)
    held = _settle_held(course, participant, at)
    dropped = Dose.objects.filter(course=course, state__in=WAITING, planned_at__gt=at)
    names = [str(dose) for dose in dropped.order_by("planned_at", "route")]
    dropped.update(state=DoseState.DROPPED)
    course.held_at, course.stopped_at, course.stop_cause = None, at, cause
    course.save(update_fields=["held_at", "stopped_at", "stop_cause"])
    record(
        actor=actor,
        action="course.stop",
        subject=participant.number,
        stream=participant.site_id,
        data={"cause": str(cause), "at": clock.stamp(at), "voided": list(voided), "held": held, "dropped": names},
        texts={"reason": reason},
    )
    return course


@service
def plan_first_dose(
    *, actor: Actor, number: str, at: datetime, reason: str, accepted: Accepted | None = None
) -> Replanned:
    """Plan the first dose anew while none was given: all doses move with it, what is ready and does not fit is void.

    at: from now to as far ahead as the protocol allows (UTC). accepted: as for `hold_course`. Raises Refused once a
    dose was given, VoidsNotAccepted, InvalidInput for another time.
    """
    participant = locked(actor, number, STEER)
    need_reason(is_correction=True, reason=reason)
    course, now = _running(participant), clock.now()
    if course.anchored_at is not None:
        raise Refused(_("A dose was given: the timetable follows it."), code="anchored")
    regimen = protocol_for(participant).regimen
    check_first_dose(at, regimen, now, field="at")
    old, course.steered_at = course.first_dose_at, now
    done = replan(participant, course, at, regimen, accepted=accepted)
    record(
        actor=actor,
        action="course.plan",
        subject=participant.number,
        stream=participant.site_id,
        data={"old": {"first_dose_at": clock.stamp(old)}, **done.as_data()},
        texts={"reason": reason},
    )
    return done


@service
def shift_course(
    *, actor: Actor, number: str, to: datetime, reason: str, accepted: Accepted | None = None
) -> Replanned:
    """Move dose 2 of the route with ward hours, and all after it, to the ward's hours; once.

    to: one of the moments that the least interval allows (UTC). Raises Refused before dose 1 was given, after dose 2
    was, or when the shift was used; VoidsNotAccepted (accepted: as for `hold_course`); InvalidInput for another moment.
    """
    participant = locked(actor, number, STEER)
    need_reason(is_correction=True, reason=reason)
    course, regimen = _running(participant), protocol_for(participant).regimen
    if course.shift_minutes:
        raise Refused(_("The one-time shift was used already."), code="shifted")
    route = regimen.shifted
    first_given_at = first_given(course.uid, route.code) if route else None
    if route is None or first_given_at is None or course.anchored_at is None:
        raise Refused(_("The shift is possible from the first dose on: record it first."), code="not_anchored")
    second = Dose.objects.get(course=course, route=route.code, number=2)
    if second.state not in WAITING:
        raise Refused(_("Dose 2 is done: there is nothing to shift any more."), code="dose_state")
    if to not in shifts_of(route=route, first_given_at=first_given_at, zone=participant.site.time_zone):
        raise InvalidInput(_("Choose one of the ward's hours that keep the least interval."), field="to")
    course.shift_minutes = round((to - second.planned_at) / timedelta(minutes=1))
    course.steered_at = clock.now()
    done = replan(participant, course, course.first_dose_at, regimen, accepted=accepted)
    record(
        actor=actor,
        action="course.shift",
        subject=participant.number,
        stream=participant.site_id,
        data={"to": clock.stamp(to), "minutes": course.shift_minutes, **done.as_data()},
        texts={"reason": reason},
    )
    return done
