"""What was said about supply."""

from __future__ import annotations

from typing import ClassVar

from django.db import models


class SupplyStatement(models.Model):
    """A pharmacist's word that the pharmacy can work, or cannot for now; the last counts, none means it can.

    Why not is deliberately absent: the flag that goes down is the same for each reason.

    Blinding: unblinded
    """

    append_only: ClassVar[tuple[str, ...]] = ("id",)

    site_code = models.CharField(max_length=4)
    may_supply = models.BooleanField()
    stated_by = models.CharField(max_length=64)
    stated_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.site_code} {'can' if self.may_supply else 'cannot'} supply"


class SupplyFlag(models.Model):
    """What the blinded side was told of a site: the statement and the as-if balances together.

    Blinding: unblinded
    """

    append_only: ClassVar[tuple[str, ...]] = ("id",)

    site_code = models.CharField(max_length=4)
    may_supply = models.BooleanField()
    at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.site_code} {'may' if self.may_supply else 'may not'} allocate"
