"""Record what was given of a dose, from this packaging and no other; or that it was missed."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Final
from uuid import UUID

from randomization.accounts.policies import check_can
from randomization.accounts.roles import Permission
from randomization.audit.record import record
from randomization.blinded.bedside.giving_checks import (
    check_course,
    giver_named,
    locked_dose,
    outcome_given,
    what_is_wrong,
)
from randomization.blinded.bedside.models import Administration, Course, Dose, Packaging
from randomization.blinded.bedside.move_doses import anchor_by_doses_given, replan
from randomization.blinded.bedside.selectors import dose, dose_by_label, window_of
from randomization.blinded.bedside.states import FIRST_DOSE, WAITING, DoseState, check_transition
from randomization.blinded.bedside.syringe_label import label_given
from randomization.blinded.bedside.void_ready import void_packaging_of
from randomization.blinded.screening.deviations import note_deviation
from randomization.blinded.screening.eligibility import window_is_over
from randomization.blinded.screening.models import DeviationKind, Participant
from randomization.blinded.screening.selectors import protocol_for
from randomization.shared import clock
from randomization.shared.actor import Actor
from randomization.shared.errors import InvalidInput, Refused
from randomization.shared.foreseen import Accepted
from randomization.shared.ids import as_participant_number, dose_name
from randomization.shared.obstacles import refuse
from randomization.shared.protocol import Protocol
from randomization.shared.sentences import sentence as _
from randomization.shared.sentences import word
from randomization.shared.service import service

PAST: Final = timedelta(minutes=15)
"""How long ago a dose may have been given without a reason for recording it late [choice]."""


def _packaging(dose: Dose, pack_code: str) -> Packaging:
    packaging = Packaging.objects.filter(dose=dose, pack_code=pack_code).first()
    if packaging is None:
        raise Refused(
            _("This syringe is void, or was not announced as ready: do not give it, call the pharmacy."),
            code="not_ready",
        )
    return packaging


def _check_time(at: datetime, packaging: Packaging, *, transcribed: bool, reason: str) -> None:
    now = clock.now()
    if at > now:
        raise InvalidInput(_("The time lies in the future: check day and hour."), field="at")
    if at < packaging.ready_at:
        raise InvalidInput(_("The time lies before the syringe was ready: check it."), field="at")
    if (transcribed or now - at > PAST) and not reason.strip():
        raise InvalidInput(_("Say why it is recorded only now."), field="reason", code="reason_missing")


def _check_not_done(dose: Dose) -> None:
    """A person who holds a second syringe of a dose learns when and by whom the first was given."""
    if dose.state in WAITING:
        return
    done = dose.administration
    if done is not None:
        zone = dose.course.participant.site.time_zone
        raise Refused(
            _(
                "%(dose)s was recorded before: %(outcome)s, %(at)s, %(name)s. Do not give it again.",
                dose=dose_name(dose.route, dose.number),
                outcome=word(done.outcome),
                at=f"{clock.site_moment(done.at, zone):%d %b %H:%M %z}",
                name=done.given_by,
            ),
            code="dose_state",
        )


@service
def administer(
    *,
    actor: Actor,
    participant_number: str,
    barcode: str,
    at: datetime,
    volume_ml: Decimal | None = None,
    given_by: str = "",
    reason: str = "",
) -> Administration:
    """Record a dose given at `at`; `volume_ml` where only a part of it was given.

    participant_number: scanned from the patient's card first. barcode: scanned from the syringe, or the packaging code
    that stands on its label, typed. given_by: another person than the actor gave it, who may have left since, and the
    actor transcribes it from the chart; then a rule that was broken becomes a deviation, since the dose is in the
    patient. reason: needed for a transcription and for a time more than 15 minutes ago.
    The first dose really given replaces the planned start: all doses not yet given move with it.
    Raises Refused for another patient's, an unannounced, voided or expired packaging, outside the window, too soon, on
    hold, or a dose already recorded; InvalidInput for a barcode, time or volume that cannot be.
    """
    label = label_given(barcode, participant_number)
    scanned_dose = dose_by_label(actor, kit_code=label.kit_code, route=label.route, number=label.number)
    participant = scanned_dose.course.participant
    check_can(actor, Permission.ADMINISTRATION_RECORD, site_code=participant.site_id)
    if participant.number != as_participant_number(participant_number):
        raise Refused(_("This syringe is for another patient: do not give it."), code="wrong_patient")
    giver = giver_named(given_by, actor, participant, at)
    transcribed, protocol = giver != actor.user_name, protocol_for(participant)
    dose = locked_dose(scanned_dose)
    packaging = _packaging(dose, label.pack_code)
    state, volume = outcome_given(volume_ml, protocol.regimen.route(dose.route).volume_ml)
    _check_not_done(dose)
    check_transition(DoseState(dose.state), state)
    _check_time(at, packaging, transcribed=transcribed, reason=reason)
    check_course(dose.course, at, transcribed=transcribed)
    wrong = what_is_wrong(dose, packaging, at, protocol)
    if not transcribed:
        refuse(wrong.values())
    administration = Administration.objects.create(
        dose=dose,
        **dose.next_record,
        pack_code=packaging.pack_code,
        outcome=state,
        volume_ml=volume,
        at=at,
        given_by=giver,
        recorded_by=actor.user_name,
        transcribed=transcribed,
        recorded_at=clock.now(),
    )
    dose.state = state
    dose.save(update_fields=["state"])
    for kind in wrong:
        note_deviation(actor, participant, kind, str(dose))
    record(
        actor=actor,
        action="dose.administer",
        subject=participant.number,
        stream=participant.site_id,
        data={
            "route": dose.route,
            "number": dose.number,
            "pack_code": packaging.pack_code,
            "outcome": str(state),
            "volume_ml": str(volume),
            "at": clock.stamp(at),
            "given_by": giver,
            "transcribed": transcribed,
        },
        texts={"reason": reason},
    )
    _anchor(actor, participant, dose.course, protocol)
    return administration


def _anchor(actor: Actor, participant: Participant, course: Course, protocol: Protocol) -> None:
    """Move the timetable to the first dose really given; it is late where it came after the window from sepsis."""
    anchor = anchor_by_doses_given(course, protocol.regimen)
    if anchor is None or (course.anchored_at is not None and anchor == course.first_dose_at):
        return
    course.anchored_at = course.anchored_at or clock.now()
    # A dose that is in the patient is recorded whatever follows: nobody is asked, the ward is told.
    done = replan(participant, course, anchor, protocol.regimen, accepted=None)
    record(
        actor=actor, action="course.anchor", subject=participant.number, stream=participant.site_id, data=done.as_data()
    )
    if window_is_over(participant.sepsis_at, protocol.eligibility, anchor):
        note_deviation(actor, participant, DeviationKind.FIRST_DOSE_LATE, FIRST_DOSE)


@service
def miss_dose(*, actor: Actor, dose_uid: UUID, reason: str, accepted: Accepted | None = None) -> Administration:
    """Record that a dose was not given and will not be: its number is never given later. A deviation arises.

    A syringe that was ready becomes void and goes back to the pharmacy. accepted: what may become void; None: nobody
    is asked. Raises NotFound outside reach, Refused before the dose's time or where it is recorded, VoidsNotAccepted,
    InvalidInput without a reason.
    """
    unlocked = dose(actor, dose_uid)
    participant = unlocked.course.participant
    check_can(actor, Permission.ADMINISTRATION_RECORD, site_code=participant.site_id)
    if not reason.strip():
        raise InvalidInput(_("Say why the dose was missed."), field="reason", code="reason_missing")
    locked, now = locked_dose(unlocked), clock.now()
    check_transition(DoseState(locked.state), DoseState.MISSED)
    if now < window_of(locked, protocol_for(participant).regimen)[0]:
        raise Refused(
            _("This dose is not due yet: stop or hold the treatment if it shall not be given."), code="not_due"
        )
    void_packaging_of(participant, locked, accepted=accepted)
    administration = Administration.objects.create(
        dose=locked,
        **locked.next_record,
        outcome=DoseState.MISSED,
        at=now,
        given_by=actor.user_name,
        recorded_by=actor.user_name,
        recorded_at=now,
    )
    locked.state = DoseState.MISSED
    locked.save(update_fields=["state"])
    record(
        actor=actor,
        action="dose.miss",
        subject=participant.number,
        stream=participant.site_id,
        data={"route": locked.route, "number": locked.number},
        texts={"reason": reason},
    )
    note_deviation(actor, participant, DeviationKind.DOSE_MISSED, str(locked))
    return administration
