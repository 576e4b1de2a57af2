"""Whether a site's pharmacy holds first doses of every product."""

from __future__ import annotations

from typing import ClassVar

from django.db import models


class SupplyStatement(models.Model):
    """A pharmacist's statement that first doses of *every* product are at hand, or are not; the last counts.

    Which product is short is deliberately absent: the flag that goes down is the same for each.

    Blinding: unblinded
    """

    append_only: ClassVar[tuple[str, ...]] = ("id",)

    site_code = models.CharField(max_length=4)
    may_supply = models.BooleanField()
    stated_by = models.CharField(max_length=64)
    stated_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.site_code} {'can' if self.may_supply else 'cannot'} supply"
