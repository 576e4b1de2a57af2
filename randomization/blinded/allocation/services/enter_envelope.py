"""Enter, after an outage, which envelope was opened for a participant: a position of the site's fallback list."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from randomization.accounts.roles import Permission
from randomization.blinded.allocation.models import Allocation, ListState, Slot
from randomization.blinded.allocation.services.allocate import AllocationResult, bind, verdict_to_rest_on
from randomization.blinded.bedside.services.record_clearance import ClearanceInput, check_clearance
from randomization.blinded.screening.file_changes import locked, move
from randomization.blinded.screening.identity import check_identity
from randomization.blinded.screening.models import Participant
from randomization.blinded.screening.same_person import identity_of
from randomization.blinded.screening.selectors import protocol_for
from randomization.blinded.screening.states import State
from randomization.shared import clock
from randomization.shared.actor import Actor
from randomization.shared.errors import InvalidInput, Refused
from randomization.shared.ids import parse_kit_code
from randomization.shared.sentences import sentence as _
from randomization.shared.service import service
from randomization.signatures.services.sign import use_signature

MEANING = "envelope opened in an outage"
ENTERED_WITHIN = timedelta(days=4)
"""How long after its opening an envelope may be entered [choice]."""


def signed_content(
    number: str, kit_code: str, opened_at: datetime, clearance: ClearanceInput, first_dose_at: datetime
) -> dict[str, Any]:
    """What the person who enters the envelope signs."""
    return {
        "participant": number,
        "kit_code": kit_code,
        "opened_at": clock.stamp(opened_at),
        "first_dose_at": clock.stamp(first_dose_at),
        "clearance": clearance.as_data(),
    }


def _check_times(person: Participant, opened_at: datetime, first_dose_at: datetime) -> None:
    """An envelope is opened after consent and sample, its first dose follows within a day, and it is entered soon."""
    now, consent, sample = clock.now(), person.consent, person.sample
    earliest = max(
        [
            person.sepsis_at,
            now - ENTERED_WITHIN,
            *([consent.given_at] if consent else []),
            *([sample.drawn_at] if sample else []),
        ]
    )
    if not earliest <= opened_at <= now:
        raise InvalidInput(
            _(
                "The envelope was opened after consent and sample, in the last four days and not in the "
                "future: check the time."
            ),
            field="opened_at",
        )
    if not opened_at <= first_dose_at <= opened_at + protocol_for(person).regimen.first_dose_ahead:
        raise InvalidInput(
            _("The first dose came within 24 hours after the envelope was opened."), field="first_dose_at"
        )


def _gates_closed(person: Participant) -> list[str]:
    """What would have refused the same patient online: nothing is refused afterwards, but it is said."""
    site = person.site
    gates = {
        "site_closed": not site.is_open,
        "drill_not_done": site.drill_done_at is None,
        "messages_stopped": site.messages_stopped,
        "no_supply": not site.may_supply,
    }
    return [name for name, closed in gates.items() if closed]


def _rest_on_what_held(person: Participant, opened_at: datetime) -> None:
    """Who was eligible when the envelope was opened is so for it, though the end of the window was signed later.

    Where an answer changed since, the signature of then does not hold, as ever.
    """
    if person.state != State.NOT_ELIGIBLE:
        return
    held = person.confirmations.filter(signed_at__lte=opened_at).order_by("signed_at", "id").last()
    if held is not None and held.eligible:
        person.confirmation = held
        move(person, State.ELIGIBLE)


@service
def enter_envelope(
    *,
    actor: Actor,
    number: str,
    kit_code: str,
    opened_at: datetime,
    first_dose_at: datetime,
    clearance: ClearanceInput,
    grant: UUID,
    out_of_order_reason: str = "",
) -> AllocationResult:
    """Bind a participant to the envelope that was opened; flagged in the trail, and by the list it stands on.

    opened_at, first_dose_at: as they were (UTC). out_of_order_reason: why an earlier envelope was left closed.
    The file must be complete, as for any allocation; the window is
    that of the opening. Raises NotFound outside reach, InvalidInput for a kit that is no envelope of this site or a
    time in the future, Refused for each gate of the file or an envelope that was used.
    """
    person = locked(actor, number, Permission.ALLOCATION_CREATE)
    kit_code = parse_kit_code(kit_code)
    if person.state == State.ALLOCATED:
        existing = Allocation.objects.get(participant=person)
        if existing.kit_code != kit_code:
            raise Refused(_("This participant has another kit already: call the trial manager."), code="allocated")
        return AllocationResult(person.number, existing.kit_code, existing.allocated_at, created=False)
    slot = Slot.objects.select_related("list").filter(kit_code=kit_code, list__state=ListState.FALLBACK).first()
    if slot is None or slot.list.site_id != person.site_id:
        raise InvalidInput(_("This kit is no envelope of this site: read it again."), field="kit_code")
    if Allocation.objects.filter(slot=slot).exists():
        raise Refused(_("This envelope is entered for another participant: read the kit again."), code="envelope_used")
    _check_times(person, opened_at, first_dose_at)
    check_clearance(clearance, protocol=protocol_for(person), sepsis_at=person.sepsis_at)
    _rest_on_what_held(person, opened_at)
    verdict_uid = verdict_to_rest_on(person, protocol_for(person), opened_at)
    check_identity(identity_of(person))
    earlier = Slot.objects.filter(list=slot.list, position__lt=slot.position, allocation=None).exists()
    if earlier and not out_of_order_reason.strip():
        raise InvalidInput(
            _("An earlier envelope is not entered: enter that one first, or say why it was left closed."),
            field="out_of_order_reason",
            code="out_of_order",
        )
    signature = use_signature(
        actor=actor,
        grant=grant,
        meaning=MEANING,
        subject=person.number,
        content=signed_content(person.number, kit_code, opened_at, clearance, first_dose_at),
        training=protocol_for(person).version,
    )
    return bind(
        actor,
        person,
        slot,
        verdict_uid=verdict_uid,
        signature=signature.id,
        first_dose_at=first_dose_at,
        clearance=clearance,
        facts={"envelope_opened_at": clock.stamp(opened_at), "gates_closed": _gates_closed(person)},
        texts={"out_of_order": out_of_order_reason if earlier else ""},
    )
