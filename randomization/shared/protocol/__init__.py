"""The protocol as frozen values: eligibility, immune rules, regimen, renal rule, label words.

Blinded: it holds no arm and nothing that tells what one participant gets. Figures and their sources
stand in `fixtures/protocol.toml`; a trial like this one is a new file and no change of code.

Pure: no Django.
"""

from randomization.shared.protocol.reading import load_protocol, parse_protocol
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

__all__ = [
    "ANALYTES",
    "CLASSES",
    "LABEL_WORDS",
    "LANGUAGES",
    "ROUTE_CODES",
    "Analyte",
    "Criterion",
    "CriterionKind",
    "Eligibility",
    "ImmuneRules",
    "Logistics",
    "Moments",
    "Protocol",
    "Recruitment",
    "Regimen",
    "RenalRule",
    "Route",
    "Word",
    "load_protocol",
    "parse_protocol",
]
