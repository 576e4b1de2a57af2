"""Read a protocol file strictly; every error names the key and what to do.

Pure: no Django.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from decimal import Decimal
from functools import partial
from pathlib import Path
from typing import Final

from randomization.shared.exact import PLACES
from randomization.shared.protocol.values import (
    ANALYTES,
    CLASSES,
    LABEL_WORDS,
    LANGUAGES,
    ROUTE_CODES,
    Analyte,
    Criterion,
    CriterionKind,
    Eligibility,
    ImmuneRules,
    Logistics,
    Moments,
    Protocol,
    Recruitment,
    Regimen,
    RenalRule,
    Route,
    Word,
)
from randomization.shared.toml_file import Table, read_text

COMPUTED_PLACES: Final = 3
"""Of a bound with which a computed clearance is compared: it is cut off after as many decimals."""
REPORTED_PLACES: Final = 2
"""Of a bound with which a laboratory value is compared: values are kept with as many decimals."""
REPORTED: Final = ("ferritin", "hla_dr")
UNITS: Final = {
    "ferritin": ("ng/mL",),
    "neutrophils": ("per mm3",),
    "creatinine": ("umol/L",),
    "weight": ("kg",),
    "clearance": ("mL/min",),
}
"""Units in which rules and forms count; another one in the file would change the meaning of every bound."""


def _hours(table: Table, key: str, *, or_equal: bool = False) -> timedelta:
    seconds = table.decimal(key, or_equal=or_equal) * 3600
    if seconds != int(seconds):
        table.collect(table.refuse(key, "is no whole number of seconds: it would be rounded."))
    return timedelta(seconds=int(seconds))


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
        criteria=table.each("criterion", _criterion),
    )
    table.done()
    keys = [criterion.key for criterion in eligibility.criteria]
    if len(set(keys)) != len(keys):
        raise table.refuse("criterion", "two criteria have the same key: rename one.")
    return eligibility


def _immune_rules(table: Table) -> ImmuneRules:
    rules = ImmuneRules(
        mals_ferritin_above_ng_ml=table.decimal("mals_ferritin_above_ng_ml", places=REPORTED_PLACES),
        sip_hla_dr_below_per_monocyte=table.decimal("sip_hla_dr_below_per_monocyte", places=REPORTED_PLACES),
        eligible=table.some_of("eligible", CLASSES),
        eligible_with_covid19=table.some_of("eligible_with_covid19", CLASSES),
    )
    table.done()
    return rules


def _analytes(table: Table) -> Mapping[str, Analyte]:
    analytes = {key: table.part(key, partial(_analyte, key)) for key in ANALYTES}
    table.done()
    return analytes


def _analyte(key: str, entry: Table) -> Analyte:
    decimals = entry.integer("decimals", least=0, most=REPORTED_PLACES if key in REPORTED else PLACES)
    analyte = Analyte(
        key,
        entry.text("unit"),
        decimals,
        entry.decimal("plausible_from", or_equal=True, places=decimals),
        entry.decimal("plausible_to", places=decimals),
    )
    entry.done()
    if analyte.unit not in UNITS.get(key, (analyte.unit,)):
        raise entry.refuse("unit", f"is {analyte.unit!r}: the rules of this trial count in {UNITS[key][0]}.")
    if analyte.plausible_from >= analyte.plausible_to:
        raise entry.refuse("plausible_to", "is not above plausible_from: correct one of them.")
    return analyte


def _moments(table: Table) -> Moments:
    moments = Moments(
        sepsis=_hours(table, "sepsis_within_hours"),
        before_sepsis=_hours(table, "before_sepsis_hours"),
        clearance=_hours(table, "clearance_within_hours"),
        recorded=_hours(table, "recorded_within_hours"),
        stored=_hours(table, "stored_within_hours"),
        expiry=timedelta(days=table.integer("expiry_within_days", most=36_500)),
        oldest_years=table.integer("oldest_years", most=150),
    )
    table.done()
    return moments


def _check_bounds(top: Table, protocol: Protocol) -> None:
    """A bound outside the plausible range of what it is compared with would make every value implausible."""
    bounds = {
        "ferritin": protocol.immune_rules.mals_ferritin_above_ng_ml,
        "hla_dr": protocol.immune_rules.sip_hla_dr_below_per_monocyte,
        "neutrophils": Decimal(protocol.eligibility.least_neutrophils_per_mm3),
        "clearance": protocol.renal_rule.reduced_below_ml_min,
    }
    for key, limit in bounds.items():
        if not protocol.analytes[key].is_plausible(limit):
            raise top.refuse("analytes", f"{key}: the bound {limit} lies outside the plausible range: correct one.")


def _route(table: Table) -> Route:
    route = Route(
        code=table.one_of("code", ROUTE_CODES),
        interval=_hours(table, "every_hours"),
        doses=table.integer("doses", most=1000),
        volume_ml=table.decimal("volume_ml", places=PLACES),
        early=_hours(table, "early_hours", or_equal=True),
        late=_hours(table, "late_hours", or_equal=True),
        least_interval=_hours(table, "least_interval_hours"),
        in_use=_hours(table, "in_use_hours"),
        in_use_source=table.text("in_use_source"),
        usable_after=_hours(table, "usable_after_hours"),
        ready_lead=_hours(table, "ready_lead_hours", or_equal=True),
        strength=table.text("strength"),
        reduced_strength=table.text("reduced_strength"),
        ward_hours=table.integers("ward_hours") if table.has("ward_hours") else (),
    )
    table.done()
    if any(not 0 <= hour <= 23 for hour in route.ward_hours):
        raise table.refuse("ward_hours", "hours run from 0 to 23.")
    if route.least_interval > route.interval:
        raise table.refuse("least_interval_hours", "is longer than every_hours: shorten it.")
    if route.usable_after + route.ready_lead >= route.in_use:
        raise table.refuse(
            "in_use_hours", "leaves no time to prepare: usable_after_hours and ready_lead_hours together are as long."
        )
    return route


def _regimen(table: Table) -> Regimen:
    """What a file does not say of first doses and replacements is as long as its `first_dose_after_hours`."""
    first_dose_after = _hours(table, "first_dose_after_hours")
    shown = {
        key: _hours(table, f"{key}_hours") if table.has(f"{key}_hours") else first_dose_after
        for key in ("first_ready_after", "replacement_after")
    }
    late_shown_every = _hours(table, "late_shown_every_hours")
    regimen = Regimen(
        routes=table.each("route", _route),
        first_dose_after=first_dose_after,
        first_dose_ahead=_hours(table, "first_dose_ahead_hours"),
        late_shown_every=late_shown_every,
        **shown,
    )
    table.done()
    if timedelta(days=1) % late_shown_every:
        raise table.refuse("late_shown_every_hours", "does not divide a day: times would differ from day to day.")
    if regimen.first_dose_ahead < regimen.first_dose_after:
        raise table.refuse("first_dose_ahead_hours", "is shorter than first_dose_after_hours: lengthen it.")
    if len({route.code for route in regimen.routes}) != len(regimen.routes):
        raise table.refuse("route", "the same route stands twice: join the two.")
    return regimen


def _renal_rule(table: Table) -> RenalRule:
    rule = RenalRule(table.decimal("reduced_below_ml_min", places=COMPUTED_PLACES), _hours(table, "warn_after_hours"))
    table.done()
    return rule


def _logistics(table: Table) -> Logistics:
    keys = ("courier_hours", "laboratory_hours", "signature_hours", "caution_hours")
    logistics = Logistics(*(_hours(table, key) for key in keys))
    table.done()
    return logistics


def _recruitment(table: Table) -> Recruitment:
    target, months, text = table.integer("target"), table.integer("months", most=600), table.text("starts")
    table.done()
    try:
        starts = date.fromisoformat(text)
    except ValueError as error:
        raise table.refuse("starts", f"is {text!r}: write a day like 2021-08-05.") from error
    return Recruitment(target, starts, months)


def _words(table: Table) -> Mapping[str, Mapping[str, Word]]:
    catalogue = {language: table.part(language, partial(_words_in, language)) for language in LANGUAGES}
    table.done()
    return catalogue


def _words_in(language: str, words: Table) -> Mapping[str, Word]:
    for key in LABEL_WORDS:
        if not words.has(key):
            words.collect(words.refuse(key, f"the translation into {language!r} is missing: add it."))
    entries = {key: words.part(key, _word) for key in LABEL_WORDS if words.has(key)}
    words.done()
    return entries


def _word(table: Table) -> Word:
    word = Word(table.text("text"), table.one_of("mark", ["S", "Q", "o"]))
    table.done()
    return word


def parse_protocol(text: str, *, name: str = "protocol") -> Protocol:
    """Read the text of a protocol file.

    Raises ConfigurationError naming every key that is missing, unknown or out of range.
    """
    return Table.parsed(text, name, _protocol)


def _protocol(top: Table) -> Protocol:
    protocol = Protocol(
        trial=top.text("trial"),
        version=top.text("version"),
        title=top.text("title"),
        reference=top.text("reference"),
        sponsor=top.text("sponsor"),
        sponsor_contact=top.text("sponsor_contact"),
        consent_versions=top.texts("consent_versions"),
        eligibility=top.part("eligibility", _eligibility),
        immune_rules=top.part("immune_rules", _immune_rules),
        analytes=top.part("analytes", _analytes),
        moments=top.part("moments", _moments),
        regimen=top.part("regimen", _regimen),
        renal_rule=top.part("renal_rule", _renal_rule),
        keep_out_of_reach=top.flag("keep_out_of_reach"),
        label_words=top.part("label_words", _words),
        logistics=top.part("logistics", _logistics) if top.has("logistics") else None,
        recruitment=top.part("recruitment", _recruitment) if top.has("recruitment") else None,
    )
    top.done()
    _check_bounds(top, protocol)
    return protocol


def load_protocol(path: str | Path) -> Protocol:
    """Read a protocol file; see `parse_protocol`."""
    return parse_protocol(read_text(path), name=Path(path).name)
