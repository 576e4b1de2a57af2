"""What openings of a short route owe, the same in every arm; the next delivery note pays."""

from __future__ import annotations

from typing import Final

from django.db import IntegrityError

from pharmacy.stock.models import Debt
from randomization.shared import clock
from randomization.shared.service import current_scope, savepoint

ATTEMPTS: Final = 3
"""Where no lot lies there, two openings at once have nothing to lock: the second follows the first."""


def owed(site_code: str, product: str) -> int:
    """Units of a product that a site owes."""
    last = Debt.objects.filter(site_code=site_code, product=product).order_by("-sequence").first()
    return last.owed if last else 0


def owed_at(site_code: str) -> dict[str, int]:
    """What a site owes, by product; nothing for what is paid."""
    newest = {debt.product: debt.owed for debt in Debt.objects.filter(site_code=site_code).order_by("sequence")}
    return {product: units for product, units in newest.items() if units}


def owe(site_code: str, product: str, units: int, reference: str) -> None:
    """Note that an opening counted units as taken which no lot had."""
    _append(site_code, product, units, reference)


def pay(site_code: str, product: str, units: int, reference: str) -> int:
    """Let a delivery note of `units` pay what is owed; returns how many units it paid."""
    # The lock is on what was owed before: two notes at once pay one after the other.
    list(Debt.objects.select_for_update().filter(site_code=site_code, product=product).values_list("pk", flat=True))
    paid = min(units, owed(site_code, product))
    if paid:
        _append(site_code, product, -paid, reference)
    return paid


def _append(site_code: str, product: str, units: int, reference: str) -> None:
    current_scope()
    for attempt in range(ATTEMPTS):
        last = Debt.objects.filter(site_code=site_code, product=product).order_by("-sequence").first()
        sequence, before = (last.sequence, last.owed) if last else (0, 0)
        try:
            with savepoint():
                Debt.objects.create(
                    site_code=site_code,
                    product=product,
                    sequence=sequence + 1,
                    units=units,
                    owed=before + units,
                    reference=reference,
                    at=clock.now(),
                )
        except IntegrityError:
            if attempt == ATTEMPTS - 1:
                raise
        else:
            return
