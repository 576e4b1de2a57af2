"""What a protocol file says, as frozen values. Blinded: no arm, and nothing that tells what one participant gets.

Pure: no Django.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import Final

ROUTE_CODES: Final = ("IV", "SC")
CLASSES: Final = ("MALS", "SIP")
ANALYTES: Final = ("ferritin", "hla_dr", "neutrophils", "creatinine", "weight", "clearance")
LABEL_WORDS: Final = (
    "clinical_trial_use",
    "keep_out_of_reach",
    "store_refrigerated",
    "use_before",
    "route_IV",
    "route_SC",
    "patient",
    "dose",
    "kit",
    "sponsor",
    "investigator",
    "or_placebo",
    "volume",
    "planned",
    "reduced_dose",
    "directions",
    "code",
    "trial",
    "site",
    "contact",
    "units",
)
LANGUAGES: Final = ("de", "el", "en", "fr", "it", "nl", "ro")


class CriterionKind(StrEnum):
    """What an answer of "yes" means."""

    INCLUSION = "inclusion"
    EXCLUSION = "exclusion"


@dataclass(frozen=True, slots=True)
class Criterion:
    """One question of the eligibility form: inclusion wants yes, exclusion wants no."""

    key: str
    kind: CriterionKind
    text: str
    reason: str

    def met(self, answer: bool) -> bool:
        """Whether `answer` lets the participant go on."""
        return answer is (self.kind is CriterionKind.INCLUSION)


@dataclass(frozen=True, slots=True)
class Eligibility:
    """Who may enter. `window`: elapsed time from sepsis within which allocation happens (exclusive)."""

    least_age_years: int
    least_neutrophils_per_mm3: int
    window: timedelta
    shipping: timedelta
    criteria: tuple[Criterion, ...]


@dataclass(frozen=True, slots=True)
class ImmuneRules:
    """Bounds of the immune classes: ferritin in ng/mL, HLA-DR in molecules per monocyte."""

    mals_ferritin_above_ng_ml: Decimal
    sip_hla_dr_below_per_monocyte: Decimal
    eligible: tuple[str, ...]
    eligible_with_covid19: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Analyte:
    """One thing that is measured: its unit, how many decimals are kept, and what is plausible, both ends included."""

    key: str
    unit: str
    decimals: int
    plausible_from: Decimal
    plausible_to: Decimal

    def is_plausible(self, value: Decimal) -> bool:
        """Whether a value, in the unit, lies in the plausible range."""
        return self.plausible_from <= value <= self.plausible_to


@dataclass(frozen=True, slots=True)
class Moments:
    """How far a moment or a day may plausibly lie away when it is recorded.

    sepsis, clearance, recorded, stored: before now. before_sepsis: of consent, sample and clearance. expiry: after
    today. oldest_years: age by the year of birth.
    """

    sepsis: timedelta
    before_sepsis: timedelta
    clearance: timedelta
    recorded: timedelta
    stored: timedelta
    expiry: timedelta
    oldest_years: int


@dataclass(frozen=True, slots=True)
class Route:
    """One route of the double dummy: the same for every participant, whatever the arm.

    usable_after: use-before is the printed planned time plus this. ready_lead: how long before the planned time the
    ward sees a prepared dose. Both count from planned times, never from the pharmacy's work (docs/decisions/0030).
    ward_hours: the local hours at which the ward gives it, to which a one-time shift may move dose 2; none: no shift.
    """

    code: str
    interval: timedelta
    doses: int
    volume_ml: Decimal
    early: timedelta
    late: timedelta
    least_interval: timedelta
    in_use: timedelta
    in_use_source: str
    usable_after: timedelta
    ready_lead: timedelta
    strength: str
    reduced_strength: str
    ward_hours: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Regimen:
    """All routes, how far ahead the first dose may be planned, and when a dose is planned or shown after its cause.

    first_dose_after: the provisional first dose after allocation. first_ready_after: the ward sees first doses no
    earlier than this after allocation. replacement_after: a replacement is planned and shown no earlier than this after
    what caused it. late_shown_every: a dose released too late shows at the next multiple of this after 00:00 UTC.
    """

    routes: tuple[Route, ...]
    first_dose_after: timedelta
    first_dose_ahead: timedelta
    first_ready_after: timedelta
    replacement_after: timedelta
    late_shown_every: timedelta

    def route(self, code: str) -> Route:
        """The route of that code; KeyError where the protocol has none."""
        for route in self.routes:
            if route.code == code:
                return route
        raise KeyError(code)

    @property
    def shifted(self) -> Route | None:
        """The route whose doses may be moved, once, to the ward's hours; None where the protocol has none."""
        return next((route for route in self.routes if route.ward_hours), None)

    @property
    def length(self) -> timedelta:
        """The whole days of treatment, from the first dose: what would fall later is dropped (15 days, 360 h)."""
        last = max((route.doses - 1) * route.interval for route in self.routes)
        return timedelta(days=last // timedelta(days=1) + 1)


@dataclass(frozen=True, slots=True)
class Logistics:
    """How long the steps before the first dose usually take: for the countdown that looks back from the window.

    caution: with less of the window left, a reason is asked of the person who randomises.
    """

    courier: timedelta
    laboratory: timedelta
    signature: timedelta
    caution: timedelta


@dataclass(frozen=True, slots=True)
class Recruitment:
    """How many shall be randomised, from when on, in how many months."""

    target: int
    starts: date
    months: int


@dataclass(frozen=True, slots=True)
class RenalRule:
    """Below this clearance (mL/min), or on renal replacement, the reduced level holds."""

    reduced_below_ml_min: Decimal
    warn_after: timedelta


@dataclass(frozen=True, slots=True)
class Word:
    """One label text; `mark` tells where it comes from: S official source, Q template, o own translation."""

    text: str
    mark: str


@dataclass(frozen=True, slots=True)
class Protocol:
    """One version of the protocol file."""

    trial: str
    version: str
    title: str
    reference: str
    sponsor: str
    sponsor_contact: str
    consent_versions: tuple[str, ...]
    eligibility: Eligibility
    immune_rules: ImmuneRules
    analytes: Mapping[str, Analyte]
    moments: Moments
    regimen: Regimen
    renal_rule: RenalRule
    keep_out_of_reach: bool
    label_words: Mapping[str, Mapping[str, Word]]
    logistics: Logistics | None = None
    recruitment: Recruitment | None = None
