"""The gates that the file of a participant keeps before an allocation: consent, signature, eligible verdict, window."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from randomization.blinded.screening.models import Confirmation, Participant
from randomization.blinded.screening.services.confirm_eligibility import ConfirmEligibility
from randomization.blinded.screening.states import State
from randomization.shared.errors import Refused
from randomization.shared.protocol import Protocol
from randomization.shared.sentences import sentence as _


def check_signed(person: Participant) -> Confirmation:
    """The physician's signature over the file as it is now; raises Refused `not_signed` or `changed`."""
    confirmation = person.confirmation
    if confirmation is None:
        raise Refused(_("A delegated physician has not signed the eligibility yet."), code="not_signed")
    content = ConfirmEligibility(person).content_hash()
    if person.state == State.SCREENING or confirmation.content_hash != content:
        raise Refused(_("Something was changed since the physician signed: it must be signed again."), code="changed")
    return confirmation


def verdict_to_rest_on(person: Participant, protocol: Protocol, at: datetime) -> UUID:
    """The verdict that an allocation at `at` rests on; raises Refused with a code of its own for each gate."""
    if person.consent is None:
        raise Refused(_("No consent is recorded."), code="no_consent")
    if person.state == State.WITHDRAWN:
        raise Refused(_("Consent was withdrawn: this participant is not randomised."), code="withdrawn")
    confirmation, sample = check_signed(person), person.sample
    if not confirmation.eligible or sample is None or sample.verdict_uid is None:
        raise Refused(_("This participant is not eligible."), code="not_eligible")
    if at - person.sepsis_at >= protocol.eligibility.window:
        raise Refused(_("The window from sepsis to treatment is over."), code="window_over")
    return sample.verdict_uid
