"""What is checked of a dose that is in a patient: giver, volume, course, and which rules it broke.

Shared by the service that records a dose and the one that corrects a record.
"""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Final

from randomization.accounts.policies import named_on_paper
from randomization.accounts.roles import Permission
from randomization.blinded.bedside.giving import Giving, GivingGate, against_course, against_giving
from randomization.blinded.bedside.models import Course, Dose, Packaging
from randomization.blinded.bedside.selectors import last_given_before, window_of
from randomization.blinded.bedside.states import DoseState
from randomization.blinded.screening.models import DeviationKind, Participant
from randomization.blinded.screening.selectors import site_treating_at
from randomization.shared.actor import Actor
from randomization.shared.errors import InvalidInput
from randomization.shared.exact import check_fits
from randomization.shared.obstacles import Obstacle, refuse
from randomization.shared.protocol import Protocol
from randomization.shared.sentences import sentence as _

KINDS: Final = {
    GivingGate.VOID: DeviationKind.SYRINGE_VOID,
    GivingGate.EXPIRED: DeviationKind.SYRINGE_EXPIRED,
    GivingGate.OUTSIDE_WINDOW: DeviationKind.DOSE_OUTSIDE_WINDOW,
    GivingGate.TOO_SOON: DeviationKind.DOSE_TOO_SOON,
}
"""The deviation that each becomes where a dose was given all the same."""


def giver_named(given_by: str, actor: Actor, participant: Participant, at: datetime) -> str:
    """Who gave the dose at `at` (UTC): somebody who gives doses there now, or gave them then and left since.

    After a transfer, also somebody of the site that treated the participant then. Raises InvalidInput for others.
    """
    if given_by.strip().lower() in {"", actor.user_name}:
        return actor.user_name
    for site_code in (participant.site_id, site_treating_at(participant, at)):
        name = named_on_paper(given_by, Permission.ADMINISTRATION_RECORD, site_code, at=at)
        if name is not None:
            return name
    raise InvalidInput(_("Write the user name of a person of this site who may record doses."), field="given_by")


def what_is_wrong(dose: Dose, packaging: Packaging, at: datetime, protocol: Protocol) -> dict[DeviationKind, Obstacle]:
    """What is wrong with giving it at `at`, in the order in which a nurse is told, by the deviation it becomes."""
    earliest, latest = window_of(dose, protocol.regimen)
    facts = Giving(
        at=at,
        voided_at=packaging.voided_at,
        use_before=packaging.use_before,
        earliest=earliest,
        latest=latest,
        given_before=last_given_before(dose, at),
        least_interval=protocol.regimen.route(dose.route).least_interval,
        zone=dose.course.participant.site.time_zone,
    )
    return {KINDS[GivingGate(obstacle.code)]: obstacle for obstacle in against_giving(facts)}


def check_course(course: Course, at: datetime, *, transcribed: bool) -> None:
    """Raise Refused for what cannot be given, since treatment is on hold or stopped."""
    refuse(against_course(at, held_at=course.held_at, stopped_at=course.stopped_at, transcribed=transcribed))


def outcome_given(volume_ml: Decimal | None, full: Decimal) -> tuple[DoseState, Decimal]:
    if volume_ml is not None and not (volume_ml.is_finite() and Decimal(0) < volume_ml <= full):
        raise InvalidInput(_("The volume lies above 0 and up to %(full)s mL.", full=full), field="volume_ml")
    if volume_ml is not None:
        check_fits(volume_ml, field="volume_ml")
    part = volume_ml is not None and volume_ml < full
    return DoseState.PART_GIVEN if part else DoseState.GIVEN, volume_ml or full


def locked_dose(unlocked: Dose) -> Dose:
    """The dose and its course under lock: two first doses at once move the timetable one after the other."""
    course = Course.objects.select_for_update().get(uid=unlocked.course_id)
    course.participant = unlocked.course.participant
    dose = Dose.objects.select_for_update().get(uid=unlocked.uid)
    dose.course = course
    return dose
