"""Reads of the print log."""

from __future__ import annotations

from pharmacy.labels.models import Print


def was_printed(pack_code: str) -> bool:
    """Whether the labels of a packaging were printed at least once."""
    return Print.objects.filter(pack_code=pack_code).exists()
