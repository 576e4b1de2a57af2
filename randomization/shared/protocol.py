"""The protocol as frozen values: eligibility, immune rules, regimen, renal rule, label words.

Blinded: it holds no arm and nothing that tells what one participant gets. Figures and their sources
stand in `fixtures/protocol.toml`; a trial like this one is a new file and no change of code.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from enum import StrEnum
from pathlib import Path
from typing import Final

from randomization.shared.tomlfile import Table, read_text

ROUTE_CODES: Final = ("IV", "SC")
CLASSES: Final = ("MALS", "SIP")
LABEL_WORDS: Final = (
    "clinical_trial_use", "keep_out_of_reach", "store_refrigerated", "use_before", "route_IV", "route_SC",
    "patient", "dose", "kit", "sponsor", "investigator", "or_placebo", "volume", "planned", "reduced_dose",
    "directions", "code", "trial", "site", "contact", "units",
)  # fmt: skip
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
class Route:
    """One route of the double dummy: the same for every participant, whatever the arm."""

    code: str
    interval: timedelta
    doses: int
    volume_ml: Decimal
    early: timedelta
    late: timedelta
    least_interval: timedelta
    in_use: timedelta
    in_use_source: str
    strength: str
    reduced_strength: str


@dataclass(frozen=True, slots=True)
class Regimen:
    """All routes, with the lead time that fixes when a ward sees a prepared dose."""

    routes: tuple[Route, ...]
    ready_lead: timedelta
    first_dose_after: timedelta

    def route(self, code: str) -> Route:
        """The route of that code; KeyError where the protocol has none."""
        for route in self.routes:
            if route.code == code:
                return route
        raise KeyError(code)


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
    regimen: Regimen
    renal_rule: RenalRule
    keep_out_of_reach: bool
    label_words: Mapping[str, Mapping[str, Word]]


def _hours(table: Table, key: str, *, or_equal: bool = False) -> timedelta:
    return timedelta(seconds=int(table.decimal(key, or_equal=or_equal) * 3600))


def _criterion(table: Table) -> Criterion:
    criterion = Criterion(
        key=table.text("key"),
        kind=CriterionKind(table.one_of("kind", [kind.value for kind in CriterionKind])),
        text=table.text("text"),
        reason=table.text("reason"),
    )
    table.done()
    return criterion


def _eligibility(table: Table) -> Eligibility:
    eligibility = Eligibility(
        least_age_years=table.integer("least_age_years"),
        least_neutrophils_per_mm3=table.integer("least_neutrophils_per_mm3"),
        window=_hours(table, "window_hours"),
        shipping=_hours(table, "shipping_hours"),
        criteria=tuple(_criterion(entry) for entry in table.tables("criterion")),
    )
    keys = [criterion.key for criterion in eligibility.criteria]
    if len(set(keys)) != len(keys):
        raise table.refuse("criterion", "two criteria have the same key: rename one.")
    table.done()
    return eligibility


def _immune_rules(table: Table) -> ImmuneRules:
    rules = ImmuneRules(
        mals_ferritin_above_ng_ml=table.decimal("mals_ferritin_above_ng_ml"),
        sip_hla_dr_below_per_monocyte=table.decimal("sip_hla_dr_below_per_monocyte"),
        eligible=table.some_of("eligible", CLASSES),
        eligible_with_covid19=table.some_of("eligible_with_covid19", CLASSES),
    )
    table.done()
    return rules


def _route(table: Table) -> Route:
    route = Route(
        code=table.one_of("code", ROUTE_CODES),
        interval=_hours(table, "every_hours"),
        doses=table.integer("doses", most=1000),
        volume_ml=table.decimal("volume_ml"),
        early=_hours(table, "early_hours", or_equal=True),
        late=_hours(table, "late_hours", or_equal=True),
        least_interval=_hours(table, "least_interval_hours"),
        in_use=_hours(table, "in_use_hours"),
        in_use_source=table.text("in_use_source"),
        strength=table.text("strength"),
        reduced_strength=table.text("reduced_strength"),
    )
    if route.least_interval > route.interval:
        raise table.refuse("least_interval_hours", "is longer than every_hours: shorten it.")
    table.done()
    return route


def _regimen(table: Table) -> Regimen:
    regimen = Regimen(
        routes=tuple(_route(entry) for entry in table.tables("route")),
        ready_lead=timedelta(minutes=table.integer("ready_lead_minutes", most=24 * 60)),
        first_dose_after=_hours(table, "first_dose_after_hours"),
    )
    if len({route.code for route in regimen.routes}) != len(regimen.routes):
        raise table.refuse("route", "the same route stands twice: join the two.")
    table.done()
    return regimen


def _renal_rule(table: Table) -> RenalRule:
    rule = RenalRule(table.decimal("reduced_below_ml_min"), _hours(table, "warn_after_hours"))
    table.done()
    return rule


def _words(table: Table) -> Mapping[str, Mapping[str, Word]]:
    catalogue: dict[str, Mapping[str, Word]] = {}
    for language in LANGUAGES:
        words = table.table(language)
        entries: dict[str, Word] = {}
        for key in LABEL_WORDS:
            if not words.has(key):
                raise words.refuse(key, f"the translation into {language!r} is missing: add it.")
            word = words.table(key)
            entries[key] = Word(word.text("text"), word.one_of("mark", ["S", "Q", "o"]))
            word.done()
        words.done()
        catalogue[language] = entries
    table.done()
    return catalogue


def parse_protocol(text: str, *, name: str = "protocol") -> Protocol:
    """Read the text of a protocol file.

    Raises ConfigurationError naming the key, for anything missing, unknown or out of range.
    """
    top = Table.read(text, name)
    protocol = Protocol(
        trial=top.text("trial"),
        version=top.text("version"),
        title=top.text("title"),
        reference=top.text("reference"),
        sponsor=top.text("sponsor"),
        sponsor_contact=top.text("sponsor_contact"),
        consent_versions=top.texts("consent_versions"),
        eligibility=_eligibility(top.table("eligibility")),
        immune_rules=_immune_rules(top.table("immune_rules")),
        regimen=_regimen(top.table("regimen")),
        renal_rule=_renal_rule(top.table("renal_rule")),
        keep_out_of_reach=top.flag("keep_out_of_reach"),
        label_words=_words(top.table("label_words")),
    )
    top.done()
    return protocol


def load_protocol(path: str | Path) -> Protocol:
    """Read a protocol file; see `parse_protocol`."""
    return parse_protocol(read_text(path), name=Path(path).name)
