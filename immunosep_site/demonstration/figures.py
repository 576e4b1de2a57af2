"""The published figures of the trial as cases to play (JAMA 2025, doi:10.1001/jama.2025.24175).

672 screened: 355 unclassified, 36 excluded for other reasons (14 + 8 + 5 + 2 + 2 + 2 + 2 + 1), 281 randomised
(48 MALS, 233 SIP). Which reason has which of the eight counts is not in our sources [choice]; so is the
spread over sites, 33 of them, a few large and many small.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final

from immunosep_site.demonstration.play import Case
from randomization.shared.entropy import between, shuffled

UNCLASSIFIED: Final = 355
MALS: Final = 48
SIP: Final = 233


class Exclusion(StrEnum):
    """Why somebody was screened and not randomised, beside the class, as the table of the demonstration says it."""

    WINDOW_OVER = "window over"
    OTHER_SOURCE = "sepsis from another source"
    NEUTROPENIA = "neutropenia"
    MALIGNANCY = "stage IV malignancy"
    DO_NOT_RESUSCITATE = "do-not-resuscitate decision"
    COVID19 = "COVID-19 without eligibility"
    AUTOIMMUNE = "autoimmune disease"
    HIV = "HIV"


EXCLUDED: Final = (
    (Exclusion.WINDOW_OVER, 14),
    (Exclusion.OTHER_SOURCE, 8),
    (Exclusion.NEUTROPENIA, 5),
    (Exclusion.MALIGNANCY, 2),
    (Exclusion.DO_NOT_RESUSCITATE, 2),
    (Exclusion.COVID19, 2),
    (Exclusion.AUTOIMMUNE, 2),
    (Exclusion.HIV, 1),
)
ANSWERS: Final = {
    Exclusion.OTHER_SOURCE: "other_source",
    Exclusion.MALIGNANCY: "malignancy",
    Exclusion.DO_NOT_RESUSCITATE: "do_not_resuscitate",
    Exclusion.AUTOIMMUNE: "autoimmune",
    Exclusion.HIV: "hiv",
}
"""The key of the eligibility question whose answer excludes."""
SCREENED: Final = UNCLASSIFIED + MALS + SIP + sum(count for _exclusion, count in EXCLUDED)


@dataclass(frozen=True, slots=True)
class Played:
    """One case with what should become of it."""

    case: Case
    outcome: str


def _values(kind: str) -> tuple[str, str]:
    """Ferritin and HLA-DR."""
    if kind == "MALS":
        return str(between(4421, 40000)), str(between(3000, 20000))
    if kind == "SIP":
        return str(between(200, 4420)), str(between(800, 4999))
    return str(between(200, 4420)), str(between(5000, 30000))


def _drawn(site_code: str, kind: str) -> Case:
    clearance = between(8, 29) if between(1, 100) <= 17 else between(30, 140)
    return Case(
        site_code,
        *_values(kind),
        sepsis_hours_ago=between(12, 60),
        clearance_ml_min=str(clearance),
        sex="female" if between(1, 2) == 1 else "male",
        year_of_birth=between(1935, 2004),
    )


def _excluded(case: Case, exclusion: Exclusion) -> Case:
    match exclusion:
        case Exclusion.WINDOW_OVER:
            return replace(case, sepsis_hours_ago=between(73, 90))
        case Exclusion.NEUTROPENIA:
            return replace(case, neutrophils_per_mm3=between(100, 1499))
        case Exclusion.COVID19:
            return replace(case, covid19=True)
        case _:
            return replace(case, answers={ANSWERS[exclusion]: True})


def _sites(site_codes: Sequence[str], count: int) -> list[str]:
    """Sites of cases: every third site is twice as large."""
    weighted = [code for order, code in enumerate(site_codes) for _turn in range(2 if order % 3 == 0 else 1)]
    return [weighted[order % len(weighted)] for order in range(count)]


def cases(site_codes: Sequence[str]) -> list[Played]:
    """All 672, in random order within the sites."""
    outcomes: list[str] = ["unclassified"] * UNCLASSIFIED + ["MALS"] * MALS + ["SIP"] * SIP
    outcomes += [exclusion for exclusion, count in EXCLUDED for _turn in range(count)]
    played = []
    for site_code, outcome in zip(_sites(site_codes, SCREENED), shuffled(outcomes), strict=True):
        if isinstance(outcome, Exclusion):
            played.append(Played(_excluded(_drawn(site_code, "SIP"), outcome), outcome))
        else:
            played.append(Played(_drawn(site_code, outcome), outcome))
    return played
