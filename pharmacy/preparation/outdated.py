"""Whether a syringe that is prepared and not yet given may still be given.

Pure: no Django.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from pharmacy.preparation.states import VoidCause
from randomization.shared.errors import Refused
from randomization.shared.sentences import sentence as _
from randomization.unblinded.formulary.contents import Level
from randomization.unblinded.laboratory.immune_class import ImmuneClass


@dataclass(frozen=True, slots=True)
class Syringe:
    """What was prepared, and what happened to it since.

    is_struck: a quarantine hit its route after it was opened. is_void_on_ward: the ward voided it for itself.
    """

    site_code: str
    opened_at: datetime
    use_before: datetime
    level: Level
    immune_class: ImmuneClass
    is_struck: bool
    is_void_on_ward: bool


@dataclass(frozen=True, slots=True)
class DoseNow:
    """The dose of a syringe as it stands now.

    is_due: it waits, and treatment is neither on hold nor stopped. site_code: where the patient is treated.
    planned_again_at: when a wrong "missed" was last taken back. fits_its_time: a syringe with that printed time and
    use-before time may be given at the planned time of now. level: what the
    clearance calls for. immune_class: by which it is prepared now; None where no other class was decided.
    """

    is_due: bool
    site_code: str
    planned_again_at: datetime | None
    fits_its_time: bool
    window_is_over: bool
    level: Level
    immune_class: ImmuneClass | None


@dataclass(frozen=True, slots=True)
class Words:
    """Code and sentence with which a release is refused."""

    code: str
    sentence: str


_MOVED: Final = Words(
    "moved",
    _(
        "The dose was held, stopped, recorded or moved since, or the patient is treated "
        "elsewhere: void it, look at the worklist."
    ),
)
WORDS: Final[Mapping[VoidCause, Words]] = {
    VoidCause.EXPIRED: Words("expired", _("This syringe is past its use-before time: void it and prepare again.")),
    VoidCause.COURSE: _MOVED,
    VoidCause.STOCK: Words(
        "quarantine", _("A quarantine hit this route after it was opened: void it and prepare again.")
    ),
    VoidCause.TIME: _MOVED,
    VoidCause.LEVEL: Words(
        "level", _("The creatinine clearance changed the dose level since: void it and prepare again.")
    ),
    VoidCause.CLASS: Words("class", _("Another class was decided for this dose since: void it and prepare again.")),
}
"""Every cause that the rule below can name."""


def causes_against(syringe: Syringe, dose: DoseNow, now: datetime) -> Iterator[VoidCause]:
    """Every cause for which it must not be given any more; it becomes void for the first.

    What was opened before a wrong "missed" was taken back is prepared again in every case: whether the sweep voided it
    in between would otherwise depend on how far the pharmacy had come.
    """
    if now >= syringe.use_before:
        yield VoidCause.EXPIRED
    again = dose.planned_again_at
    if not dose.is_due or dose.site_code != syringe.site_code or (again is not None and syringe.opened_at <= again):
        yield VoidCause.COURSE
    if syringe.is_struck:
        yield VoidCause.STOCK
    if not dose.fits_its_time:
        yield VoidCause.TIME
    if syringe.level != dose.level:
        yield VoidCause.LEVEL
    if dose.immune_class not in {None, syringe.immune_class}:
        yield VoidCause.CLASS
    if syringe.is_void_on_ward:
        yield VoidCause.COURSE


def becomes_void_for(syringe: Syringe, dose: DoseNow, now: datetime) -> VoidCause | None:
    """For what a syringe that nobody gave becomes void by itself; None where it stays.

    One past its use-before time becomes void only while its dose may still be given: then it is replaced.
    """
    cause = next(causes_against(syringe, dose, now), None)
    if cause is VoidCause.EXPIRED and (not dose.is_due or dose.window_is_over):
        return None
    return cause


def refuse_outdated(causes: Iterable[VoidCause]) -> None:
    """Raise Refused for the first cause; do nothing where there is none."""
    for cause in causes:
        raise Refused(WORDS[cause].sentence, code=WORDS[cause].code)
