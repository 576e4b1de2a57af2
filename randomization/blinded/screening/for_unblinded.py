"""All that the upper side reads of participants and samples.

Nothing above the line imports anything else of this package.
"""

from __future__ import annotations

from randomization.blinded.screening.eligibility import (
    tells_the_class,
)
from randomization.blinded.screening.models import Participant, Sample
from randomization.blinded.screening.same_person import identity_of
from randomization.blinded.screening.selectors import protocol_for, transferred
from randomization.blinded.screening.states import State
from randomization.shared.errors import NotFound
from randomization.shared.ids import as_participant_number

__all__ = [
    "Participant",
    "Sample",
    "is_randomised",
    "may_be_judged",
    "participant_by_number",
    "protocol_for",
    "samples_to_judge",
    "transferred",
]


def is_randomised(participant: Participant) -> bool:
    """Whether a participant is randomised; for the laboratory's reads from above."""
    return participant.state == State.ALLOCATED


def may_be_judged(sample: Sample) -> bool:
    """Whether a verdict over a sample may go down; for the laboratory's reads from above."""
    return sample.unusable_at is None and not tells_the_class(
        covid19=sample.covid19, was_judged_with_covid19=identity_of(sample.participant).was_judged_with_covid19
    )


def participant_by_number(number: str) -> Participant:
    """One participant with the site, without the file; for reads from above that checked the reach already.

    Raises NotFound where there is none.
    """
    participant = Participant.objects.select_related("site").filter(number=as_participant_number(number)).first()
    if participant is None:
        raise NotFound()
    return participant


def samples_to_judge() -> list[Sample]:
    """Shipped samples without a verdict of those not randomised; for the laboratory's reads from above."""
    samples = Sample.objects.select_related("participant").filter(
        verdict_uid=None,
        unusable_at=None,
        shipped_at__isnull=False,
        participant__state__in=(State.SCREENING, State.ELIGIBLE, State.NOT_ELIGIBLE),
    )
    return list(samples.order_by("shipped_at", "uid"))
