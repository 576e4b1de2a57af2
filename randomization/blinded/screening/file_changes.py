"""What every change of a screening file shares: the lock, the reason, and the signature that it voids."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import connections

from randomization.accounts.policies import check_can
from randomization.accounts.roles import Permission
from randomization.audit.record import record
from randomization.blinded.screening.models import Draft, Participant
from randomization.blinded.screening.selectors import FILE_BY_NUMBER
from randomization.blinded.screening.states import State, check_transition
from randomization.shared.actor import Actor
from randomization.shared.errors import InvalidInput, NotFound, Refused
from randomization.shared.ids import as_participant_number
from randomization.shared.plausible import check_not_before
from randomization.shared.sentences import sentence as _
from randomization.shared.service import current_scope


def locked(actor: Actor, number: str, permission: Permission) -> Participant:
    """The participant under lock, then read with the whole file, for a person who may change it.

    The lock is a statement of its own: rows joined to a locked one may be older than the lock (PostgreSQL
    re-reads the locked row alone). SQLite has no row lock: there the transaction is the lock. Raises NotFound
    outside reach.
    """
    alias, wanted = current_scope().alias, as_participant_number(number)
    if connections[alias].features.has_select_for_update:
        list(Participant.objects.select_for_update().filter(number=wanted).values_list("uid"))
    participant = FILE_BY_NUMBER.get(alias, wanted)
    if participant is None or not actor.reaches(participant.site_id):
        raise NotFound()
    check_can(actor, permission)
    return participant


def open_for_change(actor: Actor, number: str, permission: Permission) -> Participant:
    """As `locked`, and refused once allocated: what was randomised upon stays as it was."""
    participant = locked(actor, number, permission)
    if participant.state == State.ALLOCATED:
        raise Refused(
            _("%(number)s is randomised: its screening file is closed.", number=number), code="already_allocated"
        )
    if participant.state == State.WITHDRAWN:
        raise Refused(_("Consent of %(number)s was withdrawn: its file is closed.", number=number), code="withdrawn")
    return participant


def need_reason(is_correction: bool, reason: str) -> None:
    """A correction states its reason (ICH E6(R3) 4.2.4)."""
    if is_correction and not reason.strip():
        raise InvalidInput(_("This replaces what was recorded before: say why."), field="reason", code="reason_missing")


def move(participant: Participant, state: State) -> None:
    """Change the state along the table of transitions and save it with the pointers into the file."""
    check_transition(State(participant.state), state)
    participant.state = state
    if state is State.WITHDRAWN:
        Draft.objects.filter(participant=participant).delete()
    Participant.objects.filter(uid=participant.uid).update(
        state=state,
        consent_id=participant.consent_id,
        assessment_id=participant.assessment_id,
        sample_id=participant.sample_id,
        confirmation_id=participant.confirmation_id,
    )


def record_change(
    actor: Actor,
    participant: Participant,
    action: str,
    *,
    old: dict[str, Any] | None,
    new: dict[str, Any],
    reason: str = "",
) -> None:
    """Record old and new value with the reason; an earlier confirmation of eligibility no longer stands."""
    move(participant, State.SCREENING)
    record(
        actor=actor,
        action=action,
        subject=participant.number,
        stream=participant.site_id,
        data={"old": old, "new": new},
        texts={"reason": reason},
    )


def check_after_consent(participant: Participant, at: datetime) -> None:
    """Raise InvalidInput for a time before consent, or before sepsis where no consent is recorded."""
    earliest = participant.consent.given_at if participant.consent else participant.sepsis_at
    check_not_before(
        at, earliest, field="at", sentence=_("The time lies before the patient consented: check day, month and year.")
    )
