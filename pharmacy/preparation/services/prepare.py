"""Start a preparation: fix the times, then open the one assignment it needs."""

from __future__ import annotations

from uuid import UUID

from django.db import IntegrityError

from pharmacy.preparation.models import Preparation
from pharmacy.preparation.selectors import level_of
from pharmacy.preparation.states import PreparationState
from pharmacy.preparation.timing import earliest_opening, ready_time, use_before
from randomization.accounts.policies import check_can
from randomization.accounts.roles import Permission
from randomization.audit.record import record
from randomization.blinded.allocation.selectors import allocation_by_uid
from randomization.blinded.bedside.models import Dose
from randomization.blinded.bedside.selectors import ClearanceInForce, clearance_in_force, dose
from randomization.blinded.bedside.states import DoseState
from randomization.blinded.sites.selectors import protocol_in_force
from randomization.shared import clock
from randomization.shared.actor import Actor
from randomization.shared.entropy import new_uid
from randomization.shared.errors import NotFound, Refused
from randomization.shared.ids import new_kit_code
from randomization.shared.protocol import Protocol
from randomization.shared.service import savepoint, service
from randomization.unblinded.laboratory.selectors import frozen_class
from randomization.unblinded.lists.openings import open_assignment


def _check_dose(due: Dose, protocol: Protocol) -> ClearanceInForce:
    """The clearance that governs; raises Refused where nothing may be prepared now."""
    # Ready below while nothing is live here: a void is on its way down. The constraint keeps a second one out.
    if due.state not in {DoseState.PLANNED, DoseState.READY}:
        raise Refused("This dose is not waiting for a preparation.", code="not_due")
    clearance = clearance_in_force(due.course.participant_id, protocol.renal_rule, clock.now())
    if clearance is None:
        raise Refused("No creatinine clearance is recorded yet: ask the ward for it.", code="no_clearance")
    route = protocol.regimen.route(due.route)
    if clock.now() < earliest_opening(planned_at=due.planned_at, late=route.late, in_use=route.in_use):
        raise Refused(
            "Too early: the syringe would pass its use-before time within the window of this dose.", code="too_early"
        )
    return clearance


def _new_pack_code() -> str:
    while True:
        code = new_kit_code()
        if not Preparation.objects.filter(pack_code=code).exists():
            return code


@service
def prepare(*, actor: Actor, dose_uid: UUID) -> Preparation:
    """Start one preparation: everything the ward will see is fixed, then one assignment is opened, recorded.

    Raises NotFound at another site, and Refused: not_due, no_clearance, too_early, in_preparation.
    """
    due = dose(actor, dose_uid)
    person = due.course.participant
    check_can(actor, Permission.PREPARATION_MAKE, site_code=person.site_id)
    protocol = protocol_in_force(person.site_id)
    clearance = _check_dose(due, protocol)
    allocation = allocation_by_uid(person.uid)
    if allocation is None:
        raise NotFound()
    now, route = clock.now(), protocol.regimen.route(due.route)
    level = level_of(clearance)
    uid, pack_code = new_uid(), _new_pack_code()
    assignment = open_assignment(actor=actor, slot_uid=allocation.slot_id, kit_code=allocation.kit_code,
                                 purpose="preparation", reference=str(uid))  # fmt: skip
    content = assignment.plan.content(
        arm=assignment.arm, immune_class=frozen_class(allocation.verdict_uid), route=due.route, level=level
    )
    try:
        with savepoint():
            made = Preparation.objects.create(
                uid=uid, dose_uid=due.uid, participant_number=person.number, site_code=person.site_id,
                kit_code=allocation.kit_code, route=due.route, number=due.number, planned_at=due.planned_at,
                pack_code=pack_code, level=level, product=content.product,
                product_name=assignment.plan.products[content.product].name, amount=content.amount,
                diluent=assignment.plan.diluent, draw_ml=content.draw_ml, final_ml=content.final_ml, opened_at=now,
                opened_by=actor.user_name,
                ready_at=ready_time(opened_at=now, planned_at=due.planned_at, lead=protocol.regimen.ready_lead),
                use_before=use_before(opened_at=now, in_use=route.in_use), state=PreparationState.OPENED,
            )  # fmt: skip
    except IntegrityError as error:
        raise Refused(
            "This dose is being prepared already: open it from the worklist.", code="in_preparation"
        ) from error
    record(
        actor=actor, action="preparation.open", subject=str(uid), stream=person.site_id,
        data={"dose": str(due.uid), "kit_code": made.kit_code, "route": made.route, "number": made.number,
              "pack_code": pack_code, "level": str(level), "ready_at": clock.stamp(made.ready_at),
              "use_before": clock.stamp(made.use_before)},
    )  # fmt: skip
    return made
