"""Lots, the ledger of movements, consignments, and what short openings owe."""

from __future__ import annotations

from datetime import date
from typing import Any, ClassVar

from django.db import models

from pharmacy.stock.ledger import Kind
from randomization.shared.canonical_field import LONGER, CanonicalField
from randomization.shared.identifiers import MOST_LETTERS
from randomization.unblinded.formulary.contents import Source


class Lot(models.Model):
    """One lot of a product at one site. What is left of it is deliberately absent: its last movement says it.

    `number` is shown as it was typed first; the canonical one is compared, and there once.

    Blinding: unblinded
    """

    append_only: ClassVar[tuple[str, ...]] = ("site_code", "product", "number")

    site_code = models.CharField(max_length=4)
    product = models.CharField(max_length=32)
    number = models.CharField(max_length=MOST_LETTERS)
    canonical_number = CanonicalField(of="number", max_length=LONGER * MOST_LETTERS)
    expires_on = models.DateField()
    source = models.CharField(max_length=8, choices=[(item.value, item.value) for item in Source])
    first_at = models.DateTimeField()

    @property
    def last_day(self) -> date:
        """The last day of use: as typed first, or as corrected since."""
        newest = max(self.corrections.all(), key=lambda correction: correction.pk, default=None)
        return newest.expires_on if newest else self.expires_on

    class Meta:
        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(fields=["site_code", "product", "canonical_number"], name="lot_once"),
        ]

    def __str__(self) -> str:
        return f"{self.product} {self.number} at {self.site_code}"


class Movement(models.Model):
    """One line of the ledger, with both balances after it: the newest line of a lot is its balance.

    `consignment`: what was scanned when units were taken, where that is known. The constraints refuse a balance below
    zero, and two movements that follow the same one.

    Blinding: unblinded
    """

    append_only: ClassVar[tuple[str, ...]] = ("lot_id", "sequence")

    lot = models.ForeignKey(Lot, on_delete=models.PROTECT, related_name="movements")
    sequence = models.PositiveIntegerField()
    kind = models.CharField(max_length=24, choices=[(kind.value, kind.value) for kind in Kind])
    quantity = models.IntegerField()
    balance = models.IntegerField()
    arm_neutral = models.IntegerField()
    arm_neutral_balance = models.IntegerField()
    reference = models.CharField(max_length=64, blank=True)
    consignment = models.ForeignKey("stock.Consignment", on_delete=models.PROTECT, null=True, related_name="movements")
    at = models.DateTimeField()
    by = models.CharField(max_length=64)

    class Meta:
        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(fields=["lot", "sequence"], name="movement_follows_once"),
            models.CheckConstraint(condition=models.Q(balance__gte=0), name="stock_not_below_zero"),
            models.CheckConstraint(condition=models.Q(arm_neutral_balance__gte=0), name="arm_neutral_not_below_zero"),
        ]
        indexes: ClassVar[list[Any]] = [models.Index(fields=["reference"], name="movement_reference")]

    def __str__(self) -> str:
        return f"{self.lot} {self.sequence}: {self.quantity:+d}"


class ExpiryCorrection(models.Model):
    """The expiry of a lot that was typed wrongly, as it is printed; the last one counts, the reason is in the trail.

    Blinding: unblinded
    """

    append_only: ClassVar[tuple[str, ...]] = ("id",)

    lot = models.ForeignKey(Lot, on_delete=models.PROTECT, related_name="corrections")
    expires_on = models.DateField()
    at = models.DateTimeField()
    by = models.CharField(max_length=64)

    def __str__(self) -> str:
        return f"{self.lot}: {self.expires_on}"


class Consignment(models.Model):
    """What one receipt brought of a lot, under a shelf label with a code of its own: what is on hold can be told apart.

    The code is made like a packaging code. `units`: as on the delivery note, or as counted where it was received
    provisionally, without a note. A receipt counts those of its units that had been received provisionally before.

    Blinding: unblinded
    """

    append_only: ClassVar[tuple[str, ...]] = ("code",)

    code = models.CharField(max_length=8, primary_key=True)
    lot = models.ForeignKey(Lot, on_delete=models.PROTECT, related_name="consignments")
    movement = models.OneToOneField(Movement, on_delete=models.PROTECT, related_name="brought")
    units = models.PositiveIntegerField()
    delivery_note = models.CharField(max_length=64, blank=True)
    received_at = models.DateTimeField()

    @property
    def site_code(self) -> str:
        """Where it lies."""
        return self.lot.site_code

    def __str__(self) -> str:
        return f"{self.lot}, {self.code}"


class Mixing(models.Model):
    """That units of several delivery notes of a lot cannot be told apart any more: a hold falls on all of it.

    Blinding: unblinded
    """

    append_only: ClassVar[tuple[str, ...]] = ("lot_id",)

    lot = models.OneToOneField(Lot, on_delete=models.PROTECT, primary_key=True)
    at = models.DateTimeField()
    by = models.CharField(max_length=64)

    def __str__(self) -> str:
        return f"{self.lot}: mixed"


class ProvisionalMixing(models.Model):
    """That units received provisionally cannot be told apart from those of a delivery note of the lot.

    Only a syringe with drug in it makes somebody receive units provisionally: a hold on one consignment keeps people
    from taking units of any that came until then, and what counts as there follows that consignment alone.

    Blinding: unblinded
    """

    append_only: ClassVar[tuple[str, ...]] = ("lot_id",)

    lot = models.OneToOneField(Lot, on_delete=models.PROTECT, primary_key=True)
    at = models.DateTimeField()
    by = models.CharField(max_length=64)

    def __str__(self) -> str:
        return f"{self.lot}: mixed with units received provisionally"


class MatchedReceipt(models.Model):
    """Units of a provisional receipt that a delivery note turned out to hold.

    `receipt`: None for those matched before notes were booked in full; those counted as there from the start.

    Blinding: unblinded
    """

    append_only: ClassVar[tuple[str, ...]] = ("id",)

    provisional = models.ForeignKey(Movement, on_delete=models.PROTECT, related_name="matches")
    receipt = models.ForeignKey(Movement, on_delete=models.PROTECT, null=True, related_name="matched")
    units = models.PositiveIntegerField()
    delivery_note = models.CharField(max_length=64)
    at = models.DateTimeField()
    by = models.CharField(max_length=64)

    class Meta:
        constraints: ClassVar[list[Any]] = [
            models.CheckConstraint(condition=models.Q(units__gt=0), name="match_of_some_units"),
        ]

    def __str__(self) -> str:
        return f"{self.units} of {self.provisional}: {self.delivery_note}"


class Debt(models.Model):
    """Units that openings of a short route counted as taken and no lot had; the next delivery note pays.

    The same in every arm: an opening owes what its route may need, whatever the syringe holds.

    Blinding: unblinded
    """

    append_only: ClassVar[tuple[str, ...]] = ("site_code", "product", "sequence")

    site_code = models.CharField(max_length=4)
    product = models.CharField(max_length=32)
    sequence = models.PositiveIntegerField()
    units = models.IntegerField()
    owed = models.IntegerField()
    reference = models.CharField(max_length=64)
    at = models.DateTimeField()

    class Meta:
        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(fields=["site_code", "product", "sequence"], name="debt_follows_once"),
            models.CheckConstraint(condition=models.Q(owed__gte=0), name="debt_not_below_zero"),
        ]

    def __str__(self) -> str:
        return f"{self.site_code} {self.product}: {self.units:+d}, owed {self.owed}"
