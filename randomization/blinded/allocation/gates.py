"""What stands against an allocation: the participant's file, who the person is, and the site.

Pure: no Django.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum, StrEnum, auto
from typing import Final

from randomization.blinded.screening.identity import Identity, IdentityGate
from randomization.blinded.screening.identity import obstacle as obstacle_of_identity
from randomization.blinded.sites.gates import SiteFacts, against_randomising
from randomization.shared.obstacles import Obstacle
from randomization.shared.sentences import sentence as _


class FileGate(StrEnum):
    """A gate of the participant's file, by the code of its refusal, in the order in which they are named."""

    NO_CONSENT = "no_consent"
    WITHDRAWN = "withdrawn"
    NOT_SIGNED = "not_signed"
    CHANGED = "changed"
    NOT_ELIGIBLE = "not_eligible"
    WINDOW_OVER = "window_over"


class Signed(Enum):
    """What the physician's signature says about the file as it is now."""

    NOT_YET = auto()
    BEFORE_A_CHANGE = auto()
    NOT_ELIGIBLE = auto()
    ELIGIBLE = auto()


@dataclass(frozen=True, slots=True)
class FileFacts:
    """What decides in the file. has_verdict: whether the sample that counts has a verdict of the laboratory."""

    has_consent: bool
    is_withdrawn: bool
    signed: Signed
    has_verdict: bool
    window_is_over: bool


@dataclass(frozen=True, slots=True)
class Facts:
    """Everything that decides but the list, whose next position is read under its lock."""

    file: FileFacts
    identity: Identity
    site: SiteFacts


COMPLETED_AFTERWARDS: Final = frozenset({FileGate.NOT_SIGNED, FileGate.CHANGED, IdentityGate.OPEN})
"""Gates that somebody can still open before an envelope is entered: what is missing then is no fact of the outage."""


def _against_signature(signed: Signed) -> Iterator[Obstacle]:
    """That no physician's signature stands over the file as it is now."""
    if signed is Signed.NOT_YET:
        yield Obstacle(FileGate.NOT_SIGNED, _("A delegated physician has not signed the eligibility yet."))
    if signed is Signed.BEFORE_A_CHANGE:
        sentence = _("Something was changed since the physician signed: it must be signed again.")
        yield Obstacle(FileGate.CHANGED, sentence)


def _against_file(file: FileFacts) -> Iterator[Obstacle]:
    if not file.has_consent:
        yield Obstacle(FileGate.NO_CONSENT, _("No consent is recorded."))
    if file.is_withdrawn:
        sentence = _("Consent was withdrawn: this participant is not randomised.")
        yield Obstacle(FileGate.WITHDRAWN, sentence)
    unsigned = list(_against_signature(file.signed))
    yield from unsigned
    if not unsigned and (file.signed is Signed.NOT_ELIGIBLE or not file.has_verdict):
        yield Obstacle(FileGate.NOT_ELIGIBLE, _("This participant is not eligible."))
    if file.window_is_over:
        yield Obstacle(FileGate.WINDOW_OVER, _("The window from sepsis to treatment is over."))


def against_allocation(facts: Facts) -> tuple[Obstacle, ...]:
    """Every closed gate; an allocation is refused with the first."""
    of_identity = obstacle_of_identity(facts.identity)
    return (
        *_against_file(facts.file),
        *([of_identity] if of_identity else []),
        *against_randomising(facts.site),
    )
