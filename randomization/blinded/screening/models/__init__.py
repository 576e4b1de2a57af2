"""Participants before allocation. No name, no date of birth, no hospital number, no laboratory value."""

from __future__ import annotations

from randomization.blinded.screening.models.deviations import (
    Answer,
    Deviation,
    DeviationKind,
    LaterConsent,
    Scope,
    Withdrawal,
)
from randomization.blinded.screening.models.file import Assessment, Confirmation, Consent, Draft, Sample
from randomization.blinded.screening.models.participants import Attestation, Participant, SamePerson, Transfer

__all__ = [
    "Answer",
    "Assessment",
    "Attestation",
    "Confirmation",
    "Consent",
    "Deviation",
    "DeviationKind",
    "Draft",
    "LaterConsent",
    "Participant",
    "SamePerson",
    "Sample",
    "Scope",
    "Transfer",
    "Withdrawal",
]
