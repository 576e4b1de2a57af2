"""Start a preparation: fix the times, ask whether the route can be prepared at all, then open the one assignment."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Final
from uuid import UUID

from django.db import IntegrityError

from pharmacy.preparation.fixed_times import Times
from pharmacy.preparation.label_facts import label_facts
from pharmacy.preparation.models import EnvelopeLabel, Preparation, RiskToBlind
from pharmacy.preparation.route_stock import route_stock
from pharmacy.preparation.selectors import level_of, live_preparation
from pharmacy.preparation.states import PreparationState, Risk
from pharmacy.preparation.times_of_doses import times_of
from pharmacy.stock.selectors import local_date
from randomization.accounts.policies import check_can
from randomization.accounts.roles import Permission, Role
from randomization.audit.record import record
from randomization.blinded.allocation.for_unblinded import allocation_by_kit, allocation_by_uid
from randomization.blinded.bedside.for_unblinded import (
    ClearanceInForce,
    Dose,
    clearance_in_force,
    dose,
    due_doses,
    is_due,
    is_too_late,
)
from randomization.blinded.sites.for_unblinded import protocol_in_force
from randomization.notices.models import Channel
from randomization.notices.outbox import queue
from randomization.shared import clock
from randomization.shared.actor import Actor
from randomization.shared.entropy import new_uid
from randomization.shared.errors import InvalidInput, NotFound, Refused
from randomization.shared.ids import new_kit_code
from randomization.shared.protocol import Protocol
from randomization.shared.sentences import joined
from randomization.shared.sentences import sentence as _
from randomization.shared.service import savepoint, service
from randomization.unblinded.laboratory.selectors import class_for_dose
from randomization.unblinded.lists.assignment_access import open_assignment
from randomization.unblinded.lists.plan_and_protocol import check_syringes_agree
from randomization.unblinded.witness.comparison import binding_of
from randomization.unblinded.witness.services.note_seen import see_kit

DAY: Final = timedelta(hours=24)


def _check_dose(due: Dose, protocol: Protocol, times: Times) -> ClearanceInForce:
    """The clearance that governs; raises Refused where nothing may be prepared now."""
    # Ready below while nothing is live here: a void is on its way down. The constraint keeps a second one out.
    if not is_due(due):
        raise Refused(_("This dose is not waiting for a preparation."), code="not_due")
    now = clock.now()
    if is_too_late(due, protocol.regimen, now):
        raise Refused(
            _(
                "The window of this dose is over: nobody may give it any more. The ward records it as "
                "missed, or plans the first dose anew."
            ),
            code="too_late",
        )
    clearance = clearance_in_force(due.course.participant_id, protocol.renal_rule, now)
    if clearance is None:
        raise Refused(_("No creatinine clearance is recorded yet: ask the ward for it."), code="no_clearance")
    if now < times.opens_at:
        raise Refused(
            _("Too early: the syringe would not last until the use-before time on its label."), code="too_early"
        )
    return clearance


def new_pack_code() -> str:
    """A packaging code that no preparation and no envelope has."""
    while True:
        code = new_kit_code()
        taken = Preparation.objects.filter(pack_code=code), EnvelopeLabel.objects.filter(pack_code=code)
        if not any(records.exists() for records in taken):
            return code


@service
def prepare(*, actor: Actor, dose_uid: UUID, override_reason: str = "") -> Preparation:
    """Start one preparation: everything the ward will see is fixed, then one assignment is opened, recorded.

    A route is prepared only while every product that it may need is usable here, whatever this syringe holds;
    override_reason: prepare all the same, recorded as a risk to the blind.
    Raises NotFound at another site, and Refused: not_due, no_clearance, too_early, too_late, kit_of_another,
    plan_and_protocol, route_short, in_preparation.
    """
    due = dose(actor, dose_uid)
    participant = due.course.participant
    check_can(actor, Permission.PREPARATION_MAKE, site_code=participant.site_id)
    protocol, times = protocol_in_force(participant.site_id), times_of([due])[due.uid]
    clearance = _check_dose(due, protocol, times)
    allocation = allocation_by_uid(participant.uid)
    if allocation is None:
        raise NotFound()
    see_kit(actor=actor, binding=binding_of(allocation))
    check_syringes_agree(allocation.slot_id, protocol)
    route, ends = protocol.regimen.route(due.route), times.use_before
    level = level_of(clearance)
    stock = route_stock(
        allocation.kit_code,
        participant.site_id,
        due.route,
        level,
        local_date(max(due.planned_at + route.late, ends), participant.site.time_zone),
    )
    missing = stock.missing()
    if missing and not override_reason.strip():
        raise Refused(
            _(
                "Not enough %(missing)s is usable here, and any %(route)s syringe may need it: order it, "
                "or prepare all the same with a reason, which is reported as a risk to the blind.",
                missing=", ".join(missing),
                route=due.route,
            ),
            code="route_short",
        )
    uid, pack_code = new_uid(), new_pack_code()
    stock.reserve(actor, str(uid), missing)
    assignment = open_assignment(
        actor=actor,
        slot_uid=allocation.slot_id,
        kit_code=allocation.kit_code,
        purpose="preparation",
        reference=str(uid),
    )
    immune_class = class_for_dose(participant.uid, allocation.verdict_uid, due.route, due.number)
    content = assignment.plan.content(arm=assignment.arm, immune_class=immune_class, route=due.route, level=level)
    try:
        with savepoint():
            preparation = Preparation.objects.create(
                uid=uid,
                dose_uid=due.uid,
                participant_number=participant.number,
                site_code=participant.site_id,
                kit_code=allocation.kit_code,
                route=due.route,
                number=due.number,
                planned_at=times.printed_at,
                pack_code=pack_code,
                level=level,
                immune_class=immune_class,
                product=content.product,
                product_name=assignment.plan.products[content.product].name,
                amount=content.amount,
                diluent=assignment.plan.diluent,
                draw_ml=content.draw_ml,
                final_ml=content.final_ml,
                opened_at=clock.now(),
                opened_by=actor.user_name,
                ready_at=times.ready_at,
                use_before=ends,
                state=PreparationState.OPENED,
                label_facts=label_facts(participant.site),
            )
    except IntegrityError as error:
        raise Refused(
            _("This dose is being prepared already: open it from the worklist."), code="in_preparation"
        ) from error
    record(
        actor=actor,
        action="preparation.open",
        subject=str(uid),
        stream=participant.site_id,
        data={
            "dose": str(due.uid),
            "kit_code": preparation.kit_code,
            "route": preparation.route,
            "number": preparation.number,
            "pack_code": pack_code,
            "level": str(level),
            "ready_at": clock.stamp(preparation.ready_at),
            "use_before": clock.stamp(preparation.use_before),
        },
    )
    if missing:
        note_risk(actor, preparation, Risk.SHORT_ROUTE, override_reason)
    return preparation


def note_risk(
    actor: Actor, preparation: Preparation, kind: Risk, reason: str, *, site_code: str | None = None
) -> RiskToBlind:
    """Report something that could tell the ward, inside the running service. Raises InvalidInput without a reason.

    site_code: the site where it happened, if that is not the one that prepared.
    """
    if not reason.strip():
        raise InvalidInput(
            _("Say why: it is reported to the unblinded monitor."), field="reason", code="reason_missing"
        )
    site_code = site_code or preparation.site_code
    risk = RiskToBlind.objects.create(
        site_code=site_code, kind=kind, preparation=preparation, at=clock.now(), by=actor.user_name
    )
    record(
        actor=actor,
        action="blind.risk",
        subject=str(preparation.uid),
        stream=site_code,
        data={"kind": str(kind)},
        texts={"reason": reason},
    )
    queue(
        channel=Channel.PEOPLE,
        kind="blind_risk",
        site_code=site_code,
        roles=[Role.UNBLINDED_MONITOR],
        payload={"kit_code": preparation.kit_code},
    )
    return risk


@dataclass(frozen=True, slots=True)
class DayStarted:
    """What was started of a patient's day, and why the rest was not, in sentences by dose."""

    made: list[Preparation]
    left: list[str]


@service
def prepare_day(*, actor: Actor, kit_code: str) -> DayStarted:
    """Start every dose of one patient in the coming 24 hours that can be prepared now, in order of time.

    What cannot be prepared stays on the worklist, and its reason is told. Raises NotFound at another site, and the
    first reason where nothing could be started.
    """
    allocation = allocation_by_kit(kit_code)
    if allocation is None:
        raise NotFound()
    check_can(actor, Permission.PREPARATION_MAKE, site_code=allocation.participant.site_id)
    preparations, refusals, left = [], [], []
    for due in due_doses(actor, within=DAY):
        if due.course.kit_code != kit_code or live_preparation(due.uid):
            continue
        try:
            with savepoint():
                preparations.append(prepare(actor=actor, dose_uid=due.uid))
        except Refused as refusal:
            refusals.append(refusal)
            left.append(joined((str(due), refusal.sentence), ": "))
    if not preparations:
        raise (
            refusals[0] if refusals else Refused(_("Nothing of this patient is left to prepare today."), code="not_due")
        )
    return DayStarted(preparations, left)
