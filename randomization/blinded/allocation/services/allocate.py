"""Bind a participant to the next position of the site's list; the arm is not needed and not here."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar
from uuid import UUID

from django.db.models import OuterRef, Subquery

from randomization.accounts.roles import Permission, Role
from randomization.audit.record import record
from randomization.blinded.allocation.gate_facts import facts_of
from randomization.blinded.allocation.gates import against_allocation
from randomization.blinded.allocation.models import Allocation, AllocationList, ListState, Slot
from randomization.blinded.bedside.firstdose import check_first_dose
from randomization.blinded.bedside.services.lay_down_course import lay_down_course
from randomization.blinded.bedside.services.record_clearance import ClearanceInput, check_clearance
from randomization.blinded.screening.file_changes import locked, move
from randomization.blinded.screening.models import Participant
from randomization.blinded.screening.same_person import identity_of
from randomization.blinded.screening.selectors import protocol_for
from randomization.blinded.screening.states import State
from randomization.notices.models import Channel
from randomization.notices.outbox import queue
from randomization.shared import clock
from randomization.shared.actor import Actor
from randomization.shared.errors import ProgrammingError, Refused
from randomization.shared.obstacles import refuse
from randomization.shared.protocol import Protocol
from randomization.shared.sentences import sentence as _
from randomization.shared.service import service
from randomization.signatures.command import ParticipantCommand
from randomization.signatures.services.sign import use_signature


@dataclass(frozen=True, slots=True)
class AllocationResult:
    """The answer: the kit, and whether this call made it (201) or found it (200)."""

    participant: str
    kit_code: str
    allocated_at: datetime
    created: bool


@dataclass(frozen=True, slots=True)
class Allocate(ParticipantCommand):
    """Whom to randomise, with the first creatinine clearance.

    first_dose_at: planned first dose (UTC), by default the protocol's lead after now. Whose allocation exists is
    answered without a clearance.
    """

    meaning: ClassVar[str] = "randomise"
    clearance: ClearanceInput | None
    first_dose_at: datetime | None = None

    def content(self) -> dict[str, Any]:
        clearance = self.clearance.as_data() if self.clearance else None
        planned = clock.stamp(self.first_dose_at) if self.first_dose_at else None
        return {"participant": self.subject, "clearance": clearance, "first_dose_at": planned}


def _first_dose(asked: datetime | None, protocol: Protocol, now: datetime) -> datetime:
    if asked is None:
        return (now + protocol.regimen.first_dose_after).replace(second=0, microsecond=0)
    check_first_dose(asked, protocol.regimen, now, field="first_dose_at")
    return asked


def _verdict_to_rest_on(participant: Participant) -> UUID:
    """The verdict of the sample that counts, which the gates have seen."""
    if participant.sample is None or participant.sample.verdict_uid is None:
        raise ProgrammingError("An allocation without a verdict: a gate is open that must be closed.")
    return participant.sample.verdict_uid


def _take_slot(participant: Participant, stratum_uid: UUID | None) -> Slot:
    """The next position under the list's lock; the last position opens the reserve."""
    following = Slot.objects.filter(list_id=OuterRef("uid"), position=OuterRef("next_position"))
    lists = AllocationList.objects.select_for_update().filter(site_id=participant.site_id, state=ListState.OPEN)
    if stratum_uid is not None:
        lists = lists.filter(stratum_uid=stratum_uid)
    # Read with the list: who waited for its row sees the row as it became, and slots never change.
    lists = lists.annotate(slot_uid=Subquery(following.values("uid")), slot_kit=Subquery(following.values("kit_code")))
    # Asked twice: who waited for the row of a list that ended meanwhile sees neither it nor its reserve at first.
    current = next(iter(lists.order_by("uid")), None) or next(iter(lists.order_by("uid")), None)
    if current is None:
        raise Refused(_("This site has no list to randomise from: call the trial manager."), code="no_list")
    annotated: Any = current
    slot = Slot(uid=annotated.slot_uid, list=current, position=current.next_position, kit_code=annotated.slot_kit)
    current.next_position += 1
    if slot.position < current.length:
        current.save(update_fields=["next_position"])
        return slot
    current.state = ListState.EXHAUSTED
    current.save(update_fields=["next_position", "state"])
    reserve = (
        AllocationList.objects.select_for_update()
        .filter(stratum_uid=current.stratum_uid, state=ListState.SEALED)
        .order_by("version")
        .first()
    )
    if reserve is not None:
        reserve.state = ListState.OPEN
        reserve.save(update_fields=["state"])
    return slot


@service
def allocate(
    *,
    actor: Actor,
    command: Allocate,
    grant: UUID | None,
    warned: Sequence[str] = (),
    caution_reason: str = "",
) -> AllocationResult:
    """Randomise one participant, once and for good.

    warned, caution_reason: of what `ask_reason` warned, and why all the same; both are recorded.
    An allocation that exists is the answer before any check but reach. Raises NotFound outside reach, and
    Refused with the code of the first gate that is closed (`allocation/gates.py`), or no_list; nothing is changed then.
    """
    participant = locked(actor, command.number, Permission.ALLOCATION_CREATE)
    if participant.state == State.ALLOCATED:
        existing = Allocation.objects.get(participant=participant)
        return AllocationResult(participant.number, existing.kit_code, existing.allocated_at, created=False)
    protocol = protocol_for(participant)
    refuse(against_allocation(facts_of(participant, identity_of(participant), clock.now())))
    clearance = command.clearance
    if clearance is None:
        raise Refused(_("Give the first creatinine clearance."), code="no_clearance")
    check_clearance(clearance, protocol=protocol, sepsis_at=participant.sepsis_at)
    if grant is None:
        raise Refused(_("Randomising takes a signature."), code="no_signature")
    signature = use_signature(actor=actor, grant=grant, command=command, training=protocol.version)
    slot = _take_slot(participant, participant.sample.stratum_uid if participant.sample else None)
    now = clock.now()  # under the lock of the list: moments follow positions
    start = _first_dose(command.first_dose_at, protocol, now)
    return bind(
        actor,
        participant,
        slot,
        verdict_uid=_verdict_to_rest_on(participant),
        signature=signature.id,
        first_dose_at=start,
        clearance=clearance,
        facts={"cautions": list(warned)} if warned else None,
        texts={"caution_reason": caution_reason},
        at=now,
    )


def bind(
    actor: Actor,
    participant: Participant,
    slot: Slot,
    *,
    verdict_uid: UUID | None,
    signature: UUID,
    first_dose_at: datetime,
    clearance: ClearanceInput,
    facts: Mapping[str, Any] | None = None,
    texts: Mapping[str, str] | None = None,
    at: datetime | None = None,
    clearance_used_at: datetime | None = None,
) -> AllocationResult:
    """Inside the running service: bind a participant to a slot, lay down the course, record, queue the notice.

    facts, texts: further facts and words of the event, as those of an envelope. at: the moment from which the default
    start was counted (UTC), so that both agree; now where it is left out. clearance_used_at: as in `check_clearance`.
    """
    now, protocol = at or clock.now(), protocol_for(participant)
    Allocation.objects.create(
        participant=participant,
        slot=slot,
        list_id=slot.list_id,
        position=slot.position,
        kit_code=slot.kit_code,
        verdict_uid=verdict_uid,
        signature=signature,
        allocated_by=actor.user_name,
        allocated_at=now,
    )
    lay_down_course(
        actor=actor,
        participant=participant,
        kit_code=slot.kit_code,
        first_dose_at=first_dose_at,
        regimen=protocol.regimen,
        clearance=clearance,
        clearance_used_at=clearance_used_at,
    )
    move(participant, State.ALLOCATED)
    record(
        actor=actor,
        action="participant.allocate",
        subject=participant.number,
        stream=participant.site_id,
        data={
            "kit_code": slot.kit_code,
            "slot": str(slot.uid),
            "signature": str(signature),
            "first_dose_at": clock.stamp(first_dose_at),
            "clearance": clearance.as_data(),
            **(facts or {}),
        },
        texts=texts,
    )
    queue(
        channel=Channel.PEOPLE,
        kind="allocated",
        site_code=participant.site_id,
        roles=[Role.COORDINATOR, Role.INVESTIGATOR, Role.NURSE],
        payload={"participant": participant.number, "kit_code": slot.kit_code},
    )
    return AllocationResult(participant.number, slot.kit_code, now, created=True)
