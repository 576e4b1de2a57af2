"""Record a creatinine clearance."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from randomization.accounts.roles import Permission
from randomization.audit.record import record
from randomization.blinded.bedside.models import Clearance, Method
from randomization.blinded.bedside.selectors import clearance_in_force
from randomization.blinded.bedside.voiding import void_ready
from randomization.blinded.screening.changing import locked
from randomization.blinded.screening.models import Participant
from randomization.blinded.screening.selectors import protocol_for
from randomization.blinded.screening.states import State
from randomization.shared import clock
from randomization.shared.actor import Actor
from randomization.shared.errors import InvalidInput, Refused
from randomization.shared.sentences import sentence as _
from randomization.shared.service import service

UNIT = "mL/min"
MOST_ML_MIN = Decimal(400)


@dataclass(frozen=True, slots=True)
class ClearanceInput:
    """A clearance as typed: the value in mL/min (None on renal replacement), method, time of sampling."""

    value_ml_min: Decimal | None
    method: str
    sampled_at: datetime
    unit: str = UNIT

    def as_data(self) -> dict[str, Any]:
        """For the trail: decimals as strings."""
        value = None if self.value_ml_min is None else str(self.value_ml_min)
        return {"value_ml_min": value, "method": self.method, "sampled_at": clock.stamp(self.sampled_at)}


def check_clearance(given: ClearanceInput) -> None:
    """Raise InvalidInput for another unit, a value that cannot be, or one that does not fit the method."""
    if given.unit != UNIT:
        raise InvalidInput(_("Give the clearance in mL/min, not in mL/min/1.73 m2."), field="unit", code="wrong_unit")
    if given.method not in Method.values:
        raise InvalidInput(_("Choose measured, Cockcroft-Gault or renal replacement."), field="method")
    if (given.method == Method.RENAL_REPLACEMENT) != (given.value_ml_min is None):
        raise InvalidInput(_("Give a value, or renal replacement without a value."), field="value_ml_min")
    if given.value_ml_min is not None and not (
        given.value_ml_min.is_finite() and Decimal(0) < given.value_ml_min <= MOST_ML_MIN
    ):
        raise InvalidInput(
            _("A clearance lies above 0 and up to %(most)s mL/min.", most=MOST_ML_MIN), field="value_ml_min"
        )
    if given.sampled_at > clock.now():
        raise InvalidInput(_("The sample lies in the future: check day and hour."), field="sampled_at")


def make_clearance(actor: Actor, person: Participant, given: ClearanceInput) -> Clearance:
    """Check and keep one value; the calling service records it."""
    check_clearance(given)
    return Clearance.objects.create(
        participant=person, value_ml_min=given.value_ml_min, method=given.method, sampled_at=given.sampled_at,
        recorded_by=actor.user_name, recorded_at=clock.now(),
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class ClearanceRecorded:
    """The value, whether the reduced level holds now, and the packagings that became void by it."""

    value: Clearance
    reduced: bool
    voided: tuple[str, ...]


@service
def record_clearance(*, actor: Actor, number: str, clearance: ClearanceInput) -> ClearanceRecorded:
    """Keep a further clearance; the latest at or before now governs every dose not yet given.

    A change of level voids everything prepared and not yet given, on either route and whatever it holds: the
    ward cannot see whether a content changed. Raises Refused before allocation, InvalidInput for a wrong unit
    or value.
    """
    person = locked(actor, number, Permission.CLEARANCE_RECORD)
    if person.state != State.ALLOCATED:
        raise Refused(_("The first clearance is given when randomising."), code="not_allocated")
    rule, now = protocol_for(person).renal_rule, clock.now()
    before = clearance_in_force(person.uid, rule, now)
    made = make_clearance(actor, person, clearance)
    after = clearance_in_force(person.uid, rule, now)
    reduced = after is not None and after.reduced
    changed = before is not None and before.reduced != reduced
    voided = void_ready(person.uid) if changed else ()
    record(
        actor=actor, action="clearance.record", subject=person.number, stream=person.site_id,
        data={**clearance.as_data(), "reduced": reduced, "voided": list(voided)},
    )  # fmt: skip
    return ClearanceRecorded(made, reduced, voided)
