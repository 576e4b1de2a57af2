"""Record what was given of a dose, from this packaging and no other."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

from randomization.accounts.policies import check_can
from randomization.accounts.roles import Permission
from randomization.audit.record import record
from randomization.blinded.bedside.models import Administration, Dose, Packaging
from randomization.blinded.bedside.selectors import dose_by_label, window_of
from randomization.blinded.bedside.states import DoseState, check_transition
from randomization.blinded.sites.selectors import protocol_in_force
from randomization.shared import clock
from randomization.shared.actor import Actor
from randomization.shared.errors import InvalidInput, Refused
from randomization.shared.ids import parse_barcode
from randomization.shared.service import service


def _packaging(dose: Dose, pack_code: str) -> Packaging:
    packaging = Packaging.objects.filter(dose=dose, pack_code=pack_code).first()
    if packaging is None:
        raise Refused("This syringe was not announced as ready: do not give it, call the pharmacy.", code="not_ready")
    if packaging.voided_at is not None:
        raise Refused("This syringe is void: do not give it, return it to the pharmacy.", code="voided")
    return packaging


def _check_time(dose: Dose, packaging: Packaging, at: datetime) -> None:
    site = dose.course.participant.site
    earliest, latest = window_of(dose, protocol_in_force(site.code).regimen)
    if at > clock.now():
        raise InvalidInput("The time lies in the future: check day and hour.", field="at")
    if at >= packaging.use_before:
        raise Refused("This syringe is past its use-before time: do not give it, call the pharmacy.", code="expired")
    if at < packaging.ready_at:
        raise InvalidInput("The time lies before the syringe was ready: check it.", field="at")
    if not earliest <= at <= latest:
        local = [f"{clock.site_moment(moment, site.time_zone):%d %b %H:%M %z}" for moment in (earliest, latest)]
        raise Refused(
            f"Outside the window of this dose, {local[0]} to {local[1]}: do not give it, call the investigator.",
            code="outside_window",
        )


@service
def administer(
    *, actor: Actor, participant_number: str, barcode: str, at: datetime, volume_ml: Decimal | None = None
) -> Administration:
    """Record a dose given at `at`; `volume_ml` where only a part of it was given.

    participant_number: scanned from the patient's card first. barcode: scanned from the syringe.
    Raises Refused for another patient's, an unannounced, voided or expired packaging, outside the window
    or a dose already recorded; InvalidInput for a barcode or volume that cannot be.
    """
    label = parse_barcode(barcode)
    found = dose_by_label(actor, kit_code=label.kit_code, route=label.route, number=label.number)
    person = found.course.participant
    check_can(actor, Permission.ADMINISTRATION_RECORD, site_code=person.site_id)
    if person.number != participant_number.strip().upper():
        raise Refused("This syringe is for another patient: do not give it.", code="wrong_patient")
    dose = Dose.objects.select_for_update().get(uid=found.uid)
    dose.course = found.course
    packaging = _packaging(dose, label.pack_code)
    full = protocol_in_force(person.site_id).regimen.route(dose.route).volume_ml
    if volume_ml is not None and not (volume_ml.is_finite() and Decimal(0) < volume_ml <= full):
        raise InvalidInput(f"The volume lies above 0 and up to {full} mL.", field="volume_ml")
    state = DoseState.PART_GIVEN if volume_ml is not None and volume_ml < full else DoseState.GIVEN
    check_transition(DoseState(dose.state), state)
    _check_time(dose, packaging, at)
    made = Administration.objects.create(
        dose=dose, pack_code=packaging.pack_code, outcome=state, volume_ml=volume_ml or full, at=at,
        given_by=actor.user_name, recorded_at=clock.now(),
    )  # fmt: skip
    dose.state = state
    dose.save(update_fields=["state"])
    record(
        actor=actor, action="dose.administer", subject=person.number, stream=person.site_id,
        data={"route": dose.route, "number": dose.number, "pack_code": packaging.pack_code, "outcome": str(state),
              "volume_ml": str(volume_ml or full), "at": clock.stamp(at)},
    )  # fmt: skip
    return made
