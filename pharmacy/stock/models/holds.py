"""Excursions, holds, recalls, and which prepared syringes they strike."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db import models

from pharmacy.stock.hold_causes import HoldCause, Outcome
from randomization.shared.canonical_field import LONGER, CanonicalField
from randomization.shared.exact_field import ExactDecimalField
from randomization.shared.identifiers import MOST_LETTERS


class Excursion(models.Model):
    """A period in which a storage left its limits; both readings None: no readings. Degrees Celsius.

    Blinding: unblinded
    """

    append_only: ClassVar[tuple[str, ...]] = ("id",)

    site_code = models.CharField(max_length=4)
    storage = models.CharField(max_length=32)
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    lowest_c = ExactDecimalField(max_digits=5, decimal_places=1, null=True)
    highest_c = ExactDecimalField(max_digits=5, decimal_places=1, null=True)
    at = models.DateTimeField()
    by = models.CharField(max_length=64)

    class Meta:
        constraints: ClassVar[list[Any]] = [
            models.CheckConstraint(condition=models.Q(ends_at__gt=models.F("starts_at")), name="excursion_has_a_span"),
        ]

    def __str__(self) -> str:
        return f"{self.site_code} {self.storage} {self.starts_at:%Y-%m-%d %H:%M}"


class Hold(models.Model):
    """A quarantine of one consignment, or of a whole lot, until it is released or destroyed by decision.

    `units`, `arm_neutral_units`: what of the consignment lay there at that moment, and what of it counted as there;
    fixed, so that what counts as there never depends on what is really used afterwards. None for a whole lot.

    Blinding: unblinded
    """

    lot = models.ForeignKey("stock.Lot", on_delete=models.PROTECT, related_name="holds")
    consignment = models.ForeignKey("stock.Consignment", on_delete=models.PROTECT, null=True, related_name="holds")
    units = models.PositiveIntegerField(null=True)
    arm_neutral_units = models.PositiveIntegerField(null=True)
    cause = models.CharField(max_length=16, choices=[(cause.value, cause.value) for cause in HoldCause])
    excursion = models.ForeignKey(Excursion, on_delete=models.PROTECT, null=True)
    placed_at = models.DateTimeField()
    placed_by = models.CharField(max_length=64)
    outcome = models.CharField(max_length=16, blank=True, choices=[(item.value, item.value) for item in Outcome])
    decided_at = models.DateTimeField(null=True)
    decided_by = models.CharField(max_length=64, blank=True)

    class Meta:
        constraints: ClassVar[list[Any]] = [
            models.CheckConstraint(
                condition=models.Q(outcome="", decided_at=None) | (~models.Q(outcome="") & ~models.Q(decided_at=None)),
                name="hold_decided_with_a_time",
            ),
            models.CheckConstraint(
                condition=models.Q(consignment=None, units=None, arm_neutral_units=None)
                | models.Q(consignment__isnull=False, units__isnull=False, arm_neutral_units__isnull=False),
                name="hold_of_a_consignment_with_units",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.lot}: {self.cause}"


class Recall(models.Model):
    """A lot that was recalled, whether or not a site has it yet: what is booked in later goes on hold as well.

    Blinding: unblinded
    """

    append_only: ClassVar[tuple[str, ...]] = ("id",)

    product = models.CharField(max_length=32)
    number = models.CharField(max_length=MOST_LETTERS)
    canonical_number = CanonicalField(of="number", max_length=LONGER * MOST_LETTERS, db_index=True)
    at = models.DateTimeField()
    by = models.CharField(max_length=64)

    def __str__(self) -> str:
        return f"{self.product} {self.number}"


class NamedHold(models.Model):
    """A lot number that a site put on hold, whether or not it is booked in there: its first delivery note goes on hold.

    Blinding: unblinded
    """

    append_only: ClassVar[tuple[str, ...]] = ("id",)

    site_code = models.CharField(max_length=4)
    product = models.CharField(max_length=32)
    number = models.CharField(max_length=MOST_LETTERS)
    canonical_number = CanonicalField(of="number", max_length=LONGER * MOST_LETTERS, db_index=True)
    at = models.DateTimeField()
    by = models.CharField(max_length=64)

    def __str__(self) -> str:
        return f"{self.product} {self.number} at {self.site_code}"


class Strike(models.Model):
    """That every syringe of the routes which may need a product, opened in a span at a site, must not be given.

    Whether a syringe holds the product, and whether a lot of it lay there, is deliberately absent: both depend on who
    got what. `site_code`: empty for every site. `opened_from`: None for however early.

    Blinding: unblinded
    """

    append_only: ClassVar[tuple[str, ...]] = ("id",)

    site_code = models.CharField(max_length=4, blank=True)
    product = models.CharField(max_length=32)
    opened_from = models.DateTimeField(null=True)
    at = models.DateTimeField()
    cause = models.CharField(max_length=16, choices=[(cause.value, cause.value) for cause in HoldCause])
    by = models.CharField(max_length=64)

    class Meta:
        indexes: ClassVar[list[Any]] = [models.Index(fields=["at"], name="strike_at")]

    def __str__(self) -> str:
        return f"{self.product} at {self.site_code or 'every site'}: {self.cause}"
