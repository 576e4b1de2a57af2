"""Release a preparation to the ward, or void it."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from pharmacy.labels.selectors import was_printed
from pharmacy.preparation.fixed_times import EarlierTime
from pharmacy.preparation.missed_release import missed_release
from pharmacy.preparation.models import Preparation
from pharmacy.preparation.moments import moment_of
from pharmacy.preparation.outdated import refuse_outdated
from pharmacy.preparation.selectors import outdated_for, preparation_for, to_void
from pharmacy.preparation.services.prepare import note_risk
from pharmacy.preparation.states import PreparationState, Risk, VoidCause, check_transition
from pharmacy.preparation.struck import voided_by_hand
from pharmacy.preparation.tell_ward import tell_the_pharmacy, tell_the_ward
from pharmacy.preparation.times_of_doses import seen_from
from randomization.accounts.policies import check_can
from randomization.accounts.roles import Permission
from randomization.audit.record import record
from randomization.blinded.bedside.for_unblinded import (
    Dose,
    dose,
    is_too_late,
    outcome_of_dose,
    window_of,
)
from randomization.blinded.sites.for_unblinded import protocol_in_force
from randomization.hatch.messages import DoseVoided
from randomization.hatch.send import send
from randomization.shared import clock
from randomization.shared.actor import SYSTEM, Actor
from randomization.shared.errors import InvalidInput, Refused
from randomization.shared.foreseen import Accepted, check_accepted, in_the_pharmacy
from randomization.shared.ids import parse_barcode
from randomization.shared.sentences import sentence as _
from randomization.shared.service import service


def _locked(actor: Actor, uid: UUID) -> Preparation:
    preparation = preparation_for(actor, uid)
    check_can(actor, Permission.PREPARATION_MAKE, site_code=preparation.site_code)
    return Preparation.objects.select_for_update().get(uid=uid)


def _check_window(due: Dose, use_before: datetime, shown_at: datetime, now: datetime) -> None:
    """A syringe that nobody may give any more is not released; nor one that the ward would see too late."""
    protocol = protocol_in_force(due.course.participant.site_id)
    ends = window_of(due, protocol.regimen)[1]
    if is_too_late(due, protocol.regimen, now):
        raise Refused(_("The window of this dose is over: void the syringe."), code="too_late")
    if shown_at > ends or shown_at >= use_before:
        raise Refused(
            _("The ward would see it when it may not be given any more: hand it over now, with a reason, or void it."),
            code="ready_too_late",
        )


@service
def release(*, actor: Actor, uid: UUID, barcode: str, hand_over_reason: str = "") -> Preparation:
    """Release after the label on the syringe was scanned back; the ward sees it at the time fixed before.

    Released after that time, it is shown at a later step of the day, which is reported as a risk to the blind; so is a
    dose that nobody had released by an earlier ready time, before its course moved or something else gave it this one.
    hand_over_reason: the ward sees it now, which is reported, too.
    Raises Refused for another label's barcode, a preparation past its use-before time, of another dose level, or
    hit by a quarantine.
    """
    preparation = _locked(actor, uid)
    check_transition(PreparationState(preparation.state), PreparationState.RELEASED)
    label = parse_barcode(barcode)
    if (label.kit_code, label.route, label.number, label.pack_code) != (
        preparation.kit_code,
        preparation.route,
        preparation.number,
        preparation.pack_code,
    ):
        raise Refused(_("This label belongs to another syringe: nothing was released."), code="wrong_label")
    if not was_printed(preparation.pack_code):
        raise Refused(_("Print the labels and put them on before you release."), code="not_printed")
    now = clock.now()
    due = dose(SYSTEM, preparation.dose_uid)
    refuse_outdated(outdated_for(preparation, due, now))
    ready_at, missed_before = seen_from(preparation, due), missed_release(due, now)
    late = now > ready_at
    step = protocol_in_force(preparation.site_code).regimen.late_shown_every
    shown_at = now if hand_over_reason else clock.next_step(now, step) if late else ready_at
    _check_window(due, preparation.use_before, shown_at, now)
    preparation.ready_missed = late and not hand_over_reason
    preparation.state, preparation.released_at, preparation.released_by = (
        PreparationState.RELEASED,
        now,
        actor.user_name,
    )
    preparation.save(update_fields=["ready_missed", "state", "released_at", "released_by"])
    record(
        actor=actor,
        action="preparation.release",
        subject=str(uid),
        stream=preparation.site_code,
        data={
            "pack_code": preparation.pack_code,
            "ready_at": clock.stamp(ready_at),
            "missed": preparation.ready_missed,
        },
    )
    if hand_over_reason:
        note_risk(actor, preparation, Risk.HANDED_OVER, hand_over_reason)
        tell_the_ward(actor, preparation, now)
    _note_lateness(actor, preparation, missed_before)
    return preparation


def _note_lateness(actor: Actor, preparation: Preparation, missed_before: EarlierTime | None) -> None:
    """A late release counts once, at the site that was late: for the time that was fixed, or for one before it."""
    if preparation.ready_missed:
        note_risk(actor, preparation, Risk.READY_LATE, "released after the time that was fixed: the ward sees it later")
    if missed_before is None or (preparation.ready_missed and missed_before.site_code == preparation.site_code):
        return
    reason = f"not released by {clock.stamp(missed_before.ready_at)}; it was given a later time only after that"
    note_risk(actor, preparation, Risk.READY_LATE, reason, site_code=missed_before.site_code)


@service
def hand_over_now(*, actor: Actor, uid: UUID, reason: str) -> Preparation:
    """Show the ward now what was released for later; a risk to the blind, reported to the unblinded monitor.

    Raises Refused where it is not released, is shown already, or must not be given any more; InvalidInput without a
    reason.
    """
    preparation = _locked(actor, uid)
    if preparation.state != PreparationState.RELEASED or preparation.shown_at is not None:
        raise Refused(_("Only what is released and not yet shown to the ward can be handed over."), code="not_waiting")
    now = clock.now()
    refuse_outdated(outdated_for(preparation, dose(SYSTEM, preparation.dose_uid), now))
    note_risk(actor, preparation, Risk.HANDED_OVER, reason)
    tell_the_ward(actor, preparation, now)
    return preparation


@service
def void(*, actor: Actor, uid: UUID, reason: str, accepted: Accepted | None = None) -> Preparation:
    """Void a preparation; a new one gets a new packaging code.

    What the system would void anyway keeps that cause. Everything else is the moment of a person, which is reported as
    a risk to the blind; a replacement counts from what the ward asked for, or from now, and where the ward knows
    nothing of the syringe there is nothing to replace.
    accepted: that this becomes void; None: nobody is asked. What had left the bench is told to the site's pharmacy.
    Raises InvalidInput without a reason, Refused for a syringe that was given, VoidsNotAccepted.
    """
    if not reason.strip():
        raise InvalidInput(_("Say why the preparation is void."), field="reason", code="reason_missing")
    preparation = _locked(actor, uid)
    if outcome_of_dose(dose(SYSTEM, preparation.dose_uid)) == preparation.pack_code:
        raise Refused(_("The ward recorded this syringe as given: it cannot become void."), code="given")
    check_accepted(voided_by_hand(preparation), accepted, in_the_pharmacy)
    cause = to_void().get(preparation.uid, VoidCause.PERSON)
    if cause is VoidCause.PERSON:
        note_risk(actor, preparation, Risk.VOIDED, reason)
    void_locked(actor, preparation, reason=reason, cause=cause)
    if preparation.released_at is not None:
        tell_the_pharmacy(preparation.site_code, [preparation])
    return preparation


def void_locked(actor: Actor, preparation: Preparation, *, reason: str, cause: VoidCause) -> None:
    """Void a preparation that the running service holds the lock of; one that was shown is voided below too."""
    old = PreparationState(preparation.state)
    check_transition(old, PreparationState.VOIDED)
    preparation.cause_at = moment_of(preparation, cause)
    preparation.state, preparation.void_cause = PreparationState.VOIDED, cause
    preparation.save(update_fields=["state", "void_cause", "cause_at"])
    record(
        actor=actor,
        action="preparation.void",
        subject=str(preparation.uid),
        stream=preparation.site_code,
        data={
            "old": {"state": str(old)},
            "new": {"state": str(preparation.state)},
            "pack_code": preparation.pack_code,
            "cause": str(cause),
        },
        texts={"reason": reason},
    )
    if preparation.shown_at is not None:
        send(DoseVoided(dose_uid=preparation.dose_uid, pack_code=preparation.pack_code))
