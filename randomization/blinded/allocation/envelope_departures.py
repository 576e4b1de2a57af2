"""What was against the protocol when an envelope was opened: recorded, since the syringe was given. What cannot be
true at all is refused in `enter_envelope`.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final
from uuid import UUID

from randomization.blinded.screening.eligibility import window_is_over
from randomization.blinded.screening.identity import Identity
from randomization.blinded.screening.models import Confirmation, Participant, Sample
from randomization.blinded.screening.services.confirm_eligibility import ConfirmEligibility
from randomization.blinded.screening.states import State
from randomization.shared.protocol import Protocol
from randomization.shared.sentences import sentence as _
from randomization.shared.verdict import Verdict


class Departure(StrEnum):
    """What a deviation of an envelope is about, in stored words."""

    BEFORE_CONSENT = "opened before consent"
    BEFORE_SAMPLE = "opened before the sample was drawn"
    AFTER_WINDOW = "opened after the window from sepsis"
    NOT_ELIGIBLE = "signed as not eligible"
    NO_VERDICT = "randomised without an eligible verdict"
    WITHDRAWN = "consent was withdrawn"
    UNKNOWN_PERSON = "asked too late who the person is"
    RANDOMISED_BEFORE = "randomised before"
    RANDOMISED_ELSEWHERE = "randomised at another site"


WORDS: Final = {
    Departure.BEFORE_CONSENT: _("The envelope was opened before consent was given."),
    Departure.BEFORE_SAMPLE: _("The envelope was opened before the sample was drawn."),
    Departure.AFTER_WINDOW: _("The envelope was opened after the window from sepsis to treatment."),
    Departure.NOT_ELIGIBLE: _("A physician signed that the participant is not eligible."),
    Departure.NO_VERDICT: _("There is no eligible verdict of the laboratory."),
    Departure.WITHDRAWN: _("Consent was withdrawn."),
    Departure.UNKNOWN_PERSON: _("Nobody answered whether the person was here before."),
    Departure.RANDOMISED_BEFORE: _("The same person is randomised under another number."),
    Departure.RANDOMISED_ELSEWHERE: _("This person was randomised at another site of the trial."),
}
"""Each departure in a sentence, as the person who enters the envelope reads it."""


def signed_then(participant: Participant, opened_at: datetime) -> Confirmation | None:
    """The last signature of a physician at or before the opening (UTC)."""
    return participant.confirmations.filter(signed_at__lte=opened_at).order_by("signed_at", "id").last()


@dataclass(frozen=True, slots=True)
class Basis:
    """What the allocation of an envelope rests on: an eligible verdict with its sample.

    verdict_uid: None without one; then `sample` is the one that counts, None where none was drawn or all are unusable.
    """

    sample: Sample | None
    verdict_uid: UUID | None


def basis_of(participant: Participant) -> Basis:
    """The sample with an eligible verdict, the one that counts first, and its verdict; or what is there without one."""
    judged = list(participant.samples.filter(verdict=Verdict.ELIGIBLE, unusable_at=None).order_by("-drawn_at", "uid"))
    for sample in sorted(judged, key=lambda sample: sample.uid != participant.sample_id):
        if sample.verdict_uid is not None:
            return Basis(sample, sample.verdict_uid)
    return Basis(participant.sample, None)


def departures_of(
    participant: Participant, basis: Basis, identity: Identity, opened_at: datetime, protocol: Protocol
) -> list[Departure]:
    """What was against the protocol when the envelope was opened (UTC), of a participant with consent."""
    consent, sample, withdrawn = participant.consent, basis.sample, participant.state == State.WITHDRAWN
    wrong = {
        Departure.BEFORE_CONSENT: consent is not None and opened_at < consent.given_at,
        Departure.BEFORE_SAMPLE: sample is not None and opened_at < sample.drawn_at,
        Departure.AFTER_WINDOW: window_is_over(participant.sepsis_at, protocol.eligibility, opened_at),
        Departure.NOT_ELIGIBLE: _is_not_eligible(participant, signed_then(participant, opened_at)),
        Departure.NO_VERDICT: basis.verdict_uid is None,
        Departure.WITHDRAWN: withdrawn,
        Departure.UNKNOWN_PERSON: withdrawn and identity.is_open,
        Departure.RANDOMISED_BEFORE: identity.randomised_as is not None,
        Departure.RANDOMISED_ELSEWHERE: identity.elsewhere is True,
    }
    return [departure for departure, holds in wrong.items() if holds]


def _is_not_eligible(participant: Participant, signed: Confirmation | None) -> bool:
    """Signed as not eligible, unless a physician had signed the same answers as eligible when it was opened.

    That the window ended since then is no departure.
    """
    if signed is not None and signed.eligible and signed.content_hash == ConfirmEligibility(participant).content_hash():
        return False
    return participant.confirmation is not None and not participant.confirmation.eligible
