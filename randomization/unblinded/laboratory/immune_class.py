"""The immune class from ferritin and HLA-DR. UNBLINDED.

Bounds of the trial: ferritin above 4420 ng/mL is MALS and wins; else HLA-DR below 5000 molecules per
monocyte is SIP (JAMA 2025, doi:10.1001/jama.2025.24175).

Pure: no Django.
"""

from __future__ import annotations

from decimal import Decimal
from enum import StrEnum

from randomization.shared.protocol import ImmuneRules
from randomization.shared.verdict import Verdict


class ImmuneClass(StrEnum):
    """What the laboratory finds; never shown below the blinding line."""

    MALS = "MALS"
    SIP = "SIP"
    UNCLASSIFIED = "UNCLASSIFIED"
    PENDING = "PENDING"


def classify(*, ferritin_ng_ml: Decimal | None, hla_dr_per_monocyte: Decimal | None, rules: ImmuneRules) -> ImmuneClass:
    """The class of one sample.

    ferritin_ng_ml: ng/mL. hla_dr_per_monocyte: molecules per CD45/CD14 monocyte. None: not measured
    yet. A ferritin value that is missing leaves the class pending, since MALS would win.
    Raises ValueError for a negative value.
    """
    for value in (ferritin_ng_ml, hla_dr_per_monocyte):
        if value is not None and not value >= 0:
            raise ValueError("a laboratory value cannot be negative")
    if ferritin_ng_ml is None:
        return ImmuneClass.PENDING
    if ferritin_ng_ml > rules.mals_ferritin_above_ng_ml:
        return ImmuneClass.MALS
    if hla_dr_per_monocyte is None:
        return ImmuneClass.PENDING
    if hla_dr_per_monocyte < rules.sip_hla_dr_below_per_monocyte:
        return ImmuneClass.SIP
    return ImmuneClass.UNCLASSIFIED


def verdict_of(immune_class: ImmuneClass, *, covid19: bool, rules: ImmuneRules) -> Verdict:
    """All that a blinded person learns of a class."""
    if immune_class is ImmuneClass.PENDING:
        return Verdict.PENDING
    allowed = rules.eligible_with_covid19 if covid19 else rules.eligible
    return Verdict.ELIGIBLE if immune_class in allowed else Verdict.NOT_ELIGIBLE
