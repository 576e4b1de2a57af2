"""The facts by which the gates of an allocation are open or closed, read in one place."""

from __future__ import annotations

from datetime import datetime

from randomization.blinded.allocation.gates import Facts, FileFacts, Signed
from randomization.blinded.screening.eligibility import window_is_over
from randomization.blinded.screening.identity import Identity
from randomization.blinded.screening.models import Participant
from randomization.blinded.screening.selectors import protocol_for
from randomization.blinded.screening.services.confirm_eligibility import ConfirmEligibility
from randomization.blinded.screening.states import State
from randomization.blinded.sites.selectors import facts_of_site


def signed_as_it_is(participant: Participant) -> Signed:
    """What the last signature of a physician says about the file as it is now."""
    confirmation = participant.confirmation
    if confirmation is None:
        return Signed.NOT_YET
    if (
        participant.state == State.SCREENING
        or confirmation.content_hash != ConfirmEligibility(participant).content_hash()
    ):
        return Signed.BEFORE_A_CHANGE
    return Signed.ELIGIBLE if confirmation.eligible else Signed.NOT_ELIGIBLE


def facts_of(participant: Participant, identity: Identity, at: datetime) -> Facts:
    """What decides whether this participant can be randomised at `at`; `identity`: what is known of who it is."""
    sample = participant.sample
    file = FileFacts(
        has_consent=participant.consent is not None,
        is_withdrawn=participant.state == State.WITHDRAWN,
        signed=signed_as_it_is(participant),
        has_verdict=sample is not None and sample.verdict_uid is not None,
        window_is_over=window_is_over(participant.sepsis_at, protocol_for(participant).eligibility, at),
    )
    return Facts(file, identity, facts_of_site(participant.site))
