"""What every change of a screening file shares: the lock, the reason, and the signature that it voids."""

from __future__ import annotations

from typing import Any

from randomization.accounts.policies import check_can
from randomization.accounts.roles import Permission
from randomization.audit.record import record
from randomization.blinded.screening.models import Participant
from randomization.blinded.screening.selectors import participant
from randomization.blinded.screening.states import State, check_transition
from randomization.shared.actor import Actor
from randomization.shared.errors import InvalidInput, Refused


def locked(actor: Actor, number: str, permission: Permission) -> Participant:
    """The participant's row under lock, for a person who may change it; NotFound outside reach."""
    found = participant(actor, number)
    check_can(actor, permission, site_code=found.site_id)
    return Participant.objects.select_for_update().select_related(None).get(uid=found.uid)


def open_for_change(actor: Actor, number: str, permission: Permission) -> Participant:
    """As `locked`, and refused once allocated: what was randomised upon stays as it was."""
    found = locked(actor, number, permission)
    if found.state == State.ALLOCATED:
        raise Refused(f"{number} is randomised: its screening file is closed.", code="already_allocated")
    return found


def need_reason(is_correction: bool, reason: str) -> None:
    """A correction states its reason (ICH E6(R3) 4.2.4)."""
    if is_correction and not reason.strip():
        raise InvalidInput("This replaces what was recorded before: say why.", field="reason", code="reason_missing")


def move(found: Participant, state: State) -> None:
    """Change the state along the table of transitions."""
    check_transition(State(found.state), state)
    if found.state != state:
        found.state = state
        found.save(update_fields=["state"])


def record_change(
    actor: Actor, found: Participant, action: str, *, old: dict[str, Any] | None, new: dict[str, Any], reason: str = ""
) -> None:
    """Record old and new value with the reason; an earlier verdict of eligibility no longer stands."""
    if found.state != State.ALLOCATED:
        move(found, State.SCREENING)
    record(
        actor=actor, action=action, subject=found.number, stream=found.site_id,
        data={"old": old, "new": new}, texts={"reason": reason},
    )  # fmt: skip
