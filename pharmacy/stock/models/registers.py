"""What proves a pack at the bench: article numbers beyond those of the plan, and the register of opened cartons."""

from __future__ import annotations

from enum import StrEnum
from typing import Any, ClassVar

from django.db import models

from randomization.shared.canonical_field import LONGER, CanonicalField


class Read(StrEnum):
    """How lot and expiry became known."""

    SCANNED = "scanned"
    SHELF_LABEL = "shelf label"
    TYPED = "typed"


class Article(models.Model):
    """An article number (GTIN) that a site's pharmacy signed to be a product; it proves packs at that site alone.

    Blinding: unblinded
    """

    site_code = models.CharField(max_length=4)
    product = models.CharField(max_length=32)
    gtin = models.CharField(max_length=14)
    added_at = models.DateTimeField()
    added_by = models.CharField(max_length=64)
    signature = models.UUIDField()
    withdrawn_at = models.DateTimeField(null=True)
    withdrawn_by = models.CharField(max_length=64, blank=True)

    class Meta:
        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(
                fields=["site_code", "gtin"], condition=models.Q(withdrawn_at=None), name="article_is_one_product"
            ),
            models.CheckConstraint(
                condition=models.Q(withdrawn_at=None, withdrawn_by="")
                | (~models.Q(withdrawn_at=None) & ~models.Q(withdrawn_by="")),
                name="article_withdrawn_by_somebody",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.gtin} {self.product} at {self.site_code}"


class Carton(models.Model):
    """A carton as it was opened: the units in it carry no code, and their lot and expiry are known from here.

    `consignment`: where the shelf label was scanned. `expires_on`: as read when it was opened. `units`: where they were
    counted. Why lot and expiry were typed and not scanned is in the trail. One that was opened in error is closed as
    well: nothing is taken from it.

    Blinding: unblinded
    """

    lot = models.ForeignKey("stock.Lot", on_delete=models.PROTECT, related_name="cartons")
    consignment = models.ForeignKey("stock.Consignment", on_delete=models.PROTECT, null=True, related_name="cartons")
    gtin = models.CharField(max_length=14, blank=True)
    serial = models.CharField(max_length=32, blank=True)
    canonical_serial = CanonicalField(of="serial", max_length=LONGER * 32)
    read = models.CharField(max_length=16, choices=[(way.value, way.value) for way in Read])
    expires_on = models.DateField()
    units = models.PositiveIntegerField(null=True)
    opened_at = models.DateTimeField()
    opened_by = models.CharField(max_length=64)
    closed_at = models.DateTimeField(null=True)
    closed_by = models.CharField(max_length=64, blank=True)
    in_error_at = models.DateTimeField(null=True)
    in_error_by = models.CharField(max_length=64, blank=True)

    class Meta:
        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(
                fields=["gtin", "canonical_serial"],
                condition=models.Q(closed_at=None) & ~models.Q(serial=""),
                name="carton_opened_once",
            ),
            models.CheckConstraint(condition=models.Q(units=None) | models.Q(units__gt=0), name="carton_holds_units"),
            models.CheckConstraint(
                condition=models.Q(closed_at=None, closed_by="")
                | (~models.Q(closed_at=None) & ~models.Q(closed_by="")),
                name="carton_closed_by_somebody",
            ),
            models.CheckConstraint(
                condition=models.Q(in_error_at=None, in_error_by="")
                | (~models.Q(in_error_at=None) & ~models.Q(in_error_by="") & ~models.Q(closed_at=None)),
                name="carton_in_error_is_closed",
            ),
        ]

    def __str__(self) -> str:
        return f"carton {self.pk}: {self.lot}"


class CartonUse(models.Model):
    """Units that one preparation took from an opened carton.

    Blinding: unblinded
    """

    append_only: ClassVar[tuple[str, ...]] = ("id",)

    carton = models.ForeignKey(Carton, on_delete=models.PROTECT, related_name="uses")
    preparation_uid = models.UUIDField(db_index=True)
    units = models.PositiveIntegerField()

    class Meta:
        constraints: ClassVar[list[Any]] = [
            models.CheckConstraint(condition=models.Q(units__gt=0), name="carton_use_takes_something"),
        ]

    def __str__(self) -> str:
        return f"{self.units} of carton {self.carton_id}"
