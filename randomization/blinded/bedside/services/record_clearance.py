"""Record a creatinine clearance."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from randomization.accounts.roles import Permission
from randomization.audit.record import record
from randomization.blinded.bedside.clearance import UNIT, ClearanceInput, check_clearance
from randomization.blinded.bedside.models import Clearance
from randomization.blinded.bedside.selectors import clearance_in_force
from randomization.blinded.bedside.void_ready import void_ready
from randomization.blinded.screening.file_changes import locked
from randomization.blinded.screening.models import Participant
from randomization.blinded.screening.selectors import protocol_for
from randomization.blinded.screening.states import State
from randomization.shared import clock
from randomization.shared.actor import Actor
from randomization.shared.errors import Refused
from randomization.shared.foreseen import Accepted
from randomization.shared.sentences import sentence as _
from randomization.shared.service import service

__all__ = ["UNIT", "ClearanceInput", "ClearanceRecorded", "check_clearance", "make_clearance", "record_clearance"]


def make_clearance(
    actor: Actor, participant: Participant, clearance_input: ClearanceInput, *, used_at: datetime | None = None
) -> Clearance:
    """Check and keep one value; the calling service records it. used_at: as in `check_clearance`."""
    check_clearance(clearance_input, protocol=protocol_for(participant), used_at=used_at)
    source = clearance_input.computed_from
    return Clearance.objects.create(
        participant=participant,
        value_ml_min=clearance_input.value_ml_min,
        method=clearance_input.method,
        sampled_at=clearance_input.sampled_at,
        creatinine=source.creatinine if source else None,
        creatinine_unit=source.unit if source else "",
        weight_kg=source.weight_kg if source else None,
        age_years=source.age_years if source else None,
        recorded_by=actor.user_name,
        recorded_at=clock.now(),
    )


@dataclass(frozen=True, slots=True)
class ClearanceRecorded:
    """The value, whether it is in force, whether the reduced level holds now, and the packagings that became void.

    instead: when the value was sampled that holds on, where this one does not.
    """

    value: Clearance
    in_force: bool
    reduced: bool
    voided: tuple[str, ...]
    instead: datetime | None = None


@service
def record_clearance(
    *, actor: Actor, number: str, clearance: ClearanceInput, accepted: Accepted | None = None
) -> ClearanceRecorded:
    """Keep a further clearance; the latest at or before now governs every dose not yet given.

    A change of level voids everything prepared and not yet given, on either route and whatever it holds: the
    ward cannot see whether a content changed. accepted: what may become void; None: nobody is asked. Raises Refused
    before allocation, VoidsNotAccepted, InvalidInput for a wrong unit or value.
    """
    participant = locked(actor, number, Permission.CLEARANCE_RECORD)
    if participant.state != State.ALLOCATED:
        raise Refused(_("The first clearance is given when randomising."), code="not_allocated")
    rule, now = protocol_for(participant).renal_rule, clock.now()
    before = clearance_in_force(participant.uid, rule, now)
    new_clearance = make_clearance(actor, participant, clearance)
    after = clearance_in_force(participant.uid, rule, now)
    in_force = after is not None and after.value.pk == new_clearance.pk
    reduced = after is not None and after.reduced
    changed = before is not None and before.reduced != reduced
    voided = void_ready(participant, accepted=accepted) if changed else ()
    record(
        actor=actor,
        action="clearance.record",
        subject=participant.number,
        stream=participant.site_id,
        data={**clearance.as_data(), "in_force": in_force, "reduced": reduced, "voided": list(voided)},
    )
    instead = after.value.sampled_at if after is not None and not in_force else None
    return ClearanceRecorded(new_clearance, in_force, reduced, voided, instead)
