"""The protocol as frozen values: eligibility, immune rules, regimen, renal rule, label words.

Blinded: it holds no arm and nothing that tells what one participant gets. Figures and their sources
stand in `fixtures/protocol.toml`; a trial like this one is a new file and no change of code.
"""

from randomization.shared.protocol.reading import load_protocol, parse_protocol
from randomization.shared.protocol.values import (
    CLASSES,
    LABEL_WORDS,
    LANGUAGES,
    ROUTE_CODES,
    Criterion,
    CriterionKind,
    Eligibility,
    ImmuneRules,
    Logistics,
    Protocol,
    Recruitment,
    Regimen,
    RenalRule,
    Route,
    Word,
)

__all__ = [
    "CLASSES",
    "LABEL_WORDS",
    "LANGUAGES",
    "ROUTE_CODES",
    "Criterion",
    "CriterionKind",
    "Eligibility",
    "ImmuneRules",
    "Logistics",
    "Protocol",
    "Recruitment",
    "Regimen",
    "RenalRule",
    "Route",
    "Word",
    "load_protocol",
    "parse_protocol",
]
