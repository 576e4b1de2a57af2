"""What preparations took out of stock."""

from __future__ import annotations

from pharmacy.stock.ledger import Kind
from pharmacy.stock.models import Movement
from randomization.shared.read_once import read_once


@read_once
def uses_of(reference: str) -> list[Movement]:
    """What one preparation took, by lot; two statements."""
    uses = Movement.objects.filter(reference=reference, kind=Kind.USE).select_related("lot")
    return list(uses.prefetch_related("lot__corrections").order_by("id"))


def uses_by_reference(site_code: str) -> dict[str, list[Movement]]:
    """What every preparation of a site took, by its UID; one statement."""
    movements: dict[str, list[Movement]] = {}
    uses = Movement.objects.filter(lot__site_code=site_code, kind=Kind.USE).select_related("lot").order_by("id")
    for use in uses:
        movements.setdefault(use.reference, []).append(use)
    return movements
