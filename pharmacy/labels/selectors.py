"""Reads of the print log."""

from __future__ import annotations

from pharmacy.labels.media import LabelKind
from pharmacy.labels.models import Print


def was_printed(pack_code: str, kind: LabelKind = LabelKind.SYRINGE) -> bool:
    """Whether a label of a packaging was printed at least once."""
    return Print.objects.filter(pack_code=pack_code, kind=kind).exists()
