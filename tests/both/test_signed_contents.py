"""What is signed of each act stays as it is: its hash lies beside every signature that was ever given."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Final
from uuid import UUID

import pytest

from randomization.blinded.screening.models import Assessment, Consent, Participant, Sample
from randomization.blinded.screening.services.confirm_eligibility import ConfirmEligibility
from randomization.blinded.screening.services.correct_covid19 import CorrectCovid19
from randomization.signatures.command import SignedCommand

AT: Final = datetime(2026, 3, 1, 12, 30, tzinfo=UTC)
UID: Final = UUID(int=7)
NUMBER: Final = "GR01-001"


def screened() -> Participant:
    """A file that a physician can sign; nothing of it is stored."""
    sample = Sample(uid=UID, covid19=False, drawn_at=AT, verdict="eligible", verdict_uid=UUID(int=8))
    assessment = Assessment(pk=4, answers='{"age": true}', sex="female", year_of_birth=1950, neutrophils_per_mm3=900)
    consent = Consent(pk=3, given_at=AT)
    return Participant(number=NUMBER, sepsis_at=AT, consent=consent, assessment=assessment, sample=sample)


SIGNED: Final[list[tuple[SignedCommand, str, str, str]]] = [
    (
        ConfirmEligibility(screened()),
        "eligibility confirmed",
        NUMBER,
        "12d14b0b6c69c10e699d086bcbedc8349362d07d92d76f31b834830140370363",
    ),
    (
        CorrectCovid19("gr01 001", True, " wrong swab "),
        "COVID-19 answer corrected",
        NUMBER,
        "c4a6d645e6ad50d6e0d6b2e39de75be70aa84acd2d0c8e2ab5a28fa64a0d5381",
    ),
]


@pytest.mark.requirement("R34")
@pytest.mark.parametrize(
    ("command", "meaning", "subject", "content_hash"), SIGNED, ids=[type(row[0]).__name__ for row in SIGNED]
)
def test_what_is_signed_stays_as_it_is(command: SignedCommand, meaning: str, subject: str, content_hash: str) -> None:
    assert (command.meaning, command.subject) == (meaning, subject)
    assert command.content_hash() == content_hash
