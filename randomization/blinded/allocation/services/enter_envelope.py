"""Enter, after an outage, which envelope was opened for a participant: a position of the site's fallback list."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, ClassVar, Final
from uuid import UUID

from randomization.accounts.roles import Permission
from randomization.blinded.allocation.envelope_departures import (
    WORDS,
    Basis,
    Departure,
    basis_of,
    departures_of,
    signed_then,
)
from randomization.blinded.allocation.gate_facts import facts_of
from randomization.blinded.allocation.gates import COMPLETED_AFTERWARDS, Facts, FileGate, against_allocation
from randomization.blinded.allocation.models import Allocation, ListState, Slot
from randomization.blinded.allocation.services.allocate import AllocationResult, bind
from randomization.blinded.bedside.firstdose import check_first_dose
from randomization.blinded.bedside.services.record_clearance import ClearanceInput, check_clearance
from randomization.blinded.bedside.services.steer_course import end_course
from randomization.blinded.bedside.states import StopCause
from randomization.blinded.screening.deviations import note_deviation
from randomization.blinded.screening.file_changes import locked, move
from randomization.blinded.screening.identity import Identity
from randomization.blinded.screening.models import DeviationKind, Participant
from randomization.blinded.screening.same_person import identity_of
from randomization.blinded.screening.selectors import open_reasons, protocol_for
from randomization.blinded.screening.states import State
from randomization.blinded.sites.gates import against_randomising
from randomization.shared import clock
from randomization.shared.actor import Actor
from randomization.shared.entropy import new_uid
from randomization.shared.errors import InvalidInput, Refused
from randomization.shared.ids import parse_kit_code
from randomization.shared.obstacles import refuse
from randomization.shared.plausible import check_recent
from randomization.shared.protocol import Protocol
from randomization.shared.sentences import joined
from randomization.shared.sentences import sentence as _
from randomization.shared.service import service
from randomization.signatures.command import ParticipantCommand
from randomization.signatures.services.sign import use_signature

WITHOUT_VERDICT: Final = frozenset({"no_sample", "verdict_pending"})
"""Reasons against a signature that only the laboratory, or a sample, could take away."""


@dataclass(frozen=True, slots=True)
class EnterEnvelope(ParticipantCommand):
    """Which envelope was opened for a participant; opened_at, first_dose_at: as they were (UTC).

    without_verdict: that it is entered without an eligible verdict, and treatment ends with it; nothing changes where
    there is one.
    """

    meaning: ClassVar[str] = "envelope opened in an outage"
    kit_code: str
    opened_at: datetime
    first_dose_at: datetime
    clearance: ClearanceInput
    without_verdict: bool = False

    def content(self) -> dict[str, Any]:
        return {
            "participant": self.subject,
            "kit_code": self.kit_code,
            "opened_at": clock.stamp(self.opened_at),
            "first_dose_at": clock.stamp(self.first_dose_at),
            "clearance": self.clearance.as_data(),
            **({"without_verdict": True} if self.without_verdict else {}),
        }


def _check_times(opened_at: datetime, first_dose_at: datetime, protocol: Protocol) -> None:
    """What cannot be true: an opening in the future or long ago, and a first dose before it or too far ahead."""
    check_recent(opened_at, protocol.moments.recorded, field="opened_at")
    if first_dose_at < opened_at:
        raise InvalidInput(
            _("The first dose comes after the envelope was opened: check day and hour."), field="first_dose_at"
        )
    now = clock.now()
    if first_dose_at > now:
        check_first_dose(first_dose_at, protocol.regimen, now, field="first_dose_at")


def _slot_of(participant: Participant, kit_code: str) -> Slot:
    """The slot of an envelope of this site that is not entered yet; raises InvalidInput or Refused for another kit."""
    slot = Slot.objects.select_related("list").filter(kit_code=kit_code, list__state=ListState.FALLBACK).first()
    if slot is None or slot.list.site_id != participant.site_id:
        raise InvalidInput(_("This kit is no envelope of this site: read it again."), field="kit_code")
    if Allocation.objects.filter(slot=slot).exists():
        raise Refused(_("This envelope is entered for another participant: read the kit again."), code="envelope_used")
    return slot


def _check_file(participant: Participant, facts: Facts, identity: Identity, protocol: Protocol, basis: Basis) -> None:
    """Raise Refused while somebody can still complete the file.

    A physician signs no file that waits for a verdict: without one the rest of the file must be complete.
    """
    if participant.consent is None:
        raise Refused(
            _(
                "No consent is recorded: record it first. If there is none, call the trial manager, %(contact)s.",
                contact=protocol.sponsor_contact,
            ),
            code="no_consent",
        )
    if participant.state == State.WITHDRAWN:
        return
    reasons = open_reasons(participant, protocol, identity)
    may_be_signed = not reasons or any(reason.final for reason in reasons)
    completed = COMPLETED_AFTERWARDS
    if basis.verdict_uid is None and not may_be_signed:
        missing = [reason.sentence for reason in reasons if reason.code not in WITHOUT_VERDICT]
        _check_complete(missing, protocol)
        completed -= {FileGate.NOT_SIGNED, FileGate.CHANGED}
    refuse(obstacle for obstacle in against_allocation(facts) if obstacle.gate in completed)


def _check_complete(missing: Sequence[str], protocol: Protocol) -> None:
    """Raise Refused for what is missing in the file but the verdict."""
    if missing:
        raise Refused(
            _(
                "%(missing)s Complete the file first. If nobody can, call the trial manager, %(contact)s.",
                missing=joined(missing),
                contact=protocol.sponsor_contact,
            ),
            code="incomplete",
        )


def _check_verdict(basis: Basis, *, without_verdict: bool) -> None:
    """Raise InvalidInput without an eligible verdict, unless somebody says that the envelope is entered so."""
    if basis.verdict_uid is None and not without_verdict:
        raise InvalidInput(
            _(
                "There is no eligible verdict of the laboratory. If one can still come, wait for it: call the "
                "laboratory, and enter the envelope then. Entered without one, treatment ends with it, since nothing "
                "more can be prepared. If that is how it is, say so here."
            ),
            field="without_verdict",
            code="no_verdict",
        )


def _settle_state(participant: Participant, departures: Sequence[Departure], opened_at: datetime) -> None:
    """Take a file that was closed since to where it can be allocated; the deviations say what is wrong with it.

    One allocation a person: a file of somebody who is randomised already becomes a person of its own.
    """
    if participant.state == State.NOT_ELIGIBLE and Departure.NOT_ELIGIBLE not in departures:
        participant.confirmation = signed_then(participant, opened_at)
    if participant.state in {State.NOT_ELIGIBLE, State.SCREENING}:
        move(participant, State.ELIGIBLE)
    if Departure.RANDOMISED_BEFORE in departures:
        Participant.objects.filter(uid=participant.uid).update(person_uid=new_uid())


def _check_reasons(
    departures: Sequence[Departure], departure_reason: str, *, earlier: bool, earlier_reason: str
) -> None:
    """Raise InvalidInput where something was against the rules and nobody says why."""
    if departures and not departure_reason.strip():
        raise InvalidInput(
            _(
                "%(wrong)s If that is how it was, say why: it is recorded as a deviation.",
                wrong=joined(WORDS[departure] for departure in departures),
            ),
            field="departure_reason",
            code="departure",
        )
    if earlier and not earlier_reason.strip():
        raise InvalidInput(
            _("An earlier envelope is not entered: enter that one first, or say why it was left closed."),
            field="out_of_order_reason",
            code="out_of_order",
        )


def _end_treatment(
    actor: Actor, participant: Participant, departures: Sequence[Departure], first_dose_at: datetime, reason: str
) -> None:
    """Who withdrew, or has no eligible verdict, is treated no further.

    From the withdrawal on, or from now where the envelope was opened all the same. Without an eligible verdict nothing
    may be prepared, whatever class there may be: else the ward would read from that which one it is.
    """
    if Departure.WITHDRAWN not in departures:
        if Departure.NO_VERDICT in departures:
            end_course(actor, participant, StopCause.NO_VERDICT, clock.now(), reason, accepted=None)
        return
    withdrawn_at = participant.withdrawals.order_by("at").values_list("at", flat=True).first()
    at = withdrawn_at if withdrawn_at is not None and withdrawn_at > first_dose_at else clock.now()
    end_course(actor, participant, StopCause.WITHDRAWAL, at, reason, accepted=None)


@service
def enter_envelope(
    *,
    actor: Actor,
    command: EnterEnvelope,
    grant: UUID,
    out_of_order_reason: str = "",
    departure_reason: str = "",
) -> AllocationResult:
    """Bind a participant to the envelope that was opened; flagged in the trail, and by the list it belongs to.

    What was against the protocol is no reason to refuse, since the syringe was given: each departure is noted as a
    deviation. out_of_order_reason: why an earlier envelope was left closed. departure_reason: why it was opened
    against the protocol.
    Raises NotFound outside reach, InvalidInput for a kit that is no envelope of this site, times that cannot be, a
    missing reason, or without an eligible verdict where nobody says so (no_verdict), and Refused where the file can
    still be completed (no_consent, not_signed, changed, incomplete, same_person_open), and for an envelope or a
    participant that is bound already (envelope_used, allocated).
    """
    participant = locked(actor, command.number, Permission.ALLOCATION_CREATE)
    kit_code, opened_at, clearance = parse_kit_code(command.kit_code), command.opened_at, command.clearance
    if participant.state == State.ALLOCATED:
        existing = Allocation.objects.get(participant=participant)
        if existing.kit_code != kit_code:
            raise Refused(_("This participant has another kit already: call the trial manager."), code="allocated")
        return AllocationResult(participant.number, existing.kit_code, existing.allocated_at, created=False)
    slot, protocol, identity = _slot_of(participant, kit_code), protocol_for(participant), identity_of(participant)
    _check_times(opened_at, command.first_dose_at, protocol)
    check_clearance(clearance, protocol=protocol, sepsis_at=participant.sepsis_at, used_at=opened_at)
    facts, basis = facts_of(participant, identity, clock.now()), basis_of(participant)
    _check_file(participant, facts, identity, protocol, basis)
    _check_verdict(basis, without_verdict=command.without_verdict)
    departures = departures_of(participant, basis, identity, opened_at, protocol)
    earlier = Slot.objects.filter(list=slot.list, position__lt=slot.position, allocation=None).exists()
    _check_reasons(departures, departure_reason, earlier=earlier, earlier_reason=out_of_order_reason)
    signature = use_signature(
        actor=actor,
        grant=grant,
        command=replace(command, kit_code=kit_code),
        training=protocol.version,
    )
    _settle_state(participant, departures, opened_at)
    result = bind(
        actor,
        participant,
        slot,
        verdict_uid=basis.verdict_uid,
        signature=signature.id,
        first_dose_at=command.first_dose_at,
        clearance=clearance,
        clearance_used_at=opened_at,
        facts={
            "envelope_opened_at": clock.stamp(opened_at),
            "gates_closed": [obstacle.code for obstacle in against_randomising(facts.site)],
            **({"departures": [str(departure) for departure in departures]} if departures else {}),
        },
        texts={
            "out_of_order": out_of_order_reason if earlier else "",
            "departure": departure_reason if departures else "",
        },
    )
    for departure in departures:
        note_deviation(actor, participant, DeviationKind.ENVELOPE, str(departure))
    _end_treatment(actor, participant, departures, command.first_dose_at, departure_reason)
    return result
