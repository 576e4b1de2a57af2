"""What is checked of a dose that is in a patient: giver, volume, course, and which rules it broke.

Shared by the service that records a dose and the one that corrects a record.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Final

from randomization.accounts.policies import named_on_paper
from randomization.accounts.roles import Permission
from randomization.blinded.bedside.models import Course, Dose, Packaging
from randomization.blinded.bedside.selectors import last_given_before, window_of
from randomization.blinded.bedside.states import DoseState
from randomization.blinded.screening.models import DeviationKind, Participant
from randomization.blinded.screening.selectors import site_treating_at
from randomization.shared import clock
from randomization.shared.actor import Actor
from randomization.shared.errors import InvalidInput, Refused
from randomization.shared.exact import check_fits
from randomization.shared.protocol import Protocol
from randomization.shared.sentences import sentence as _

VOID: Final = _("This syringe is void: do not give it, return it to the pharmacy.")
ON_HOLD: Final = _("Treatment is on hold: do not give it. Return the syringe to the pharmacy.")
STOPPED: Final = _("Treatment was stopped: do not give it. Return the syringe to the pharmacy.")
EXPIRED: Final = _("This syringe is past its use-before time: do not give it, call the pharmacy.")


@dataclass(frozen=True, slots=True)
class Wrong:
    """What is wrong with giving it: a stop at the bedside, a deviation where it happened and is transcribed."""

    kind: DeviationKind
    sentence: str
    code: str


def giver_named(given_by: str, actor: Actor, person: Participant, at: datetime) -> str:
    """Who gave the dose at `at` (UTC): somebody who gives doses there now, or gave them then and left since.

    After a transfer, also somebody of the site that treated the participant then. Raises InvalidInput for others.
    """
    if given_by.strip().lower() in {"", actor.user_name}:
        return actor.user_name
    for site_code in (person.site_id, site_treating_at(person, at)):
        name = named_on_paper(given_by, Permission.ADMINISTRATION_RECORD, site_code, at=at)
        if name is not None:
            return name
    raise InvalidInput(_("Write the user name of a nurse or investigator of this site."), field="given_by")


def what_is_wrong(dose: Dose, packaging: Packaging, at: datetime, protocol: Protocol) -> list[Wrong]:
    """In the order in which a nurse is told."""
    kinds, found = DeviationKind, []
    site, route = dose.course.participant.site, protocol.regimen.route(dose.route)
    if packaging.voided_at is not None and at >= packaging.voided_at:
        found.append(Wrong(kinds.SYRINGE_VOID, VOID, "voided"))
    if at >= packaging.use_before:
        found.append(Wrong(kinds.SYRINGE_EXPIRED, EXPIRED, "expired"))
    earliest, latest = window_of(dose, protocol.regimen)
    if not earliest <= at <= latest:
        first, last = [f"{clock.site_moment(moment, site.time_zone):%d %b %H:%M %z}" for moment in (earliest, latest)]
        sentence = _(
            "Outside the window of this dose, %(first)s to %(last)s: do not give it, call the investigator.",
            first=first,
            last=last,
        )
        found.append(Wrong(kinds.DOSE_OUTSIDE_WINDOW, sentence, "outside_window"))
    before = last_given_before(dose, at)
    if before is not None and at - before < route.least_interval:
        hours = route.least_interval // timedelta(hours=1)
        sentence = _(
            "Less than %(hours)s hours since the dose before it: do not give it yet, call the investigator.",
            hours=hours,
        )
        found.append(Wrong(kinds.DOSE_TOO_SOON, sentence, "too_soon"))
    return found


def check_course(course: Course, at: datetime, *, transcribed: bool) -> None:
    """On hold or stopped nothing is given; what was given before is still recorded."""
    for since, sentence, code in ((course.held_at, ON_HOLD, "on_hold"), (course.stopped_at, STOPPED, "stopped")):
        if since is not None and (at >= since or not transcribed):
            raise Refused(sentence, code=code)


def outcome_given(volume_ml: Decimal | None, full: Decimal) -> tuple[DoseState, Decimal]:
    if volume_ml is not None and not (volume_ml.is_finite() and Decimal(0) < volume_ml <= full):
        raise InvalidInput(_("The volume lies above 0 and up to %(full)s mL.", full=full), field="volume_ml")
    if volume_ml is not None:
        check_fits(volume_ml, field="volume_ml")
    part = volume_ml is not None and volume_ml < full
    return DoseState.PART_GIVEN if part else DoseState.GIVEN, volume_ml or full


def locked_dose(found: Dose) -> Dose:
    """The dose and its course under lock: two first doses at once move the timetable one after the other."""
    course = Course.objects.select_for_update().get(uid=found.course_id)
    course.participant = found.course.participant
    dose = Dose.objects.select_for_update().get(uid=found.uid)
    dose.course = course
    return dose
