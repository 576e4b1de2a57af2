"""Lots, the ledger of movements, excursions and holds, and what was said about supply."""

from __future__ import annotations

from datetime import date
from typing import Any, ClassVar

from django.db import models

from pharmacy.stock.holding import HoldCause, Outcome
from pharmacy.stock.ledger import Kind
from randomization.shared.canonicalfield import LONGER, CanonicalField
from randomization.shared.exactfield import ExactDecimalField
from randomization.shared.identifiers import MOST_LETTERS
from randomization.unblinded.lists.plan import Source


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
        corrected = self.corrections.order_by("-id").values_list("expires_on", flat=True).first()
        return corrected or self.expires_on

    class Meta:
        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(fields=["site_code", "product", "canonical_number"], name="lot_once"),
        ]

    def __str__(self) -> str:
        return f"{self.product} {self.number} at {self.site_code}"


class Movement(models.Model):
    """One line of the ledger, with both balances after it: the newest line of a lot is its balance.

    The constraints refuse a balance below zero, and two movements that follow the same one.

    Blinding: unblinded
    """

    append_only: ClassVar[tuple[str, ...]] = ("lot_id", "sequence")

    lot = models.ForeignKey(Lot, on_delete=models.PROTECT, related_name="movements")
    sequence = models.PositiveIntegerField()
    kind = models.CharField(max_length=24, choices=[(kind.value, kind.value) for kind in Kind])
    quantity = models.IntegerField()
    balance = models.IntegerField()
    as_if = models.IntegerField()
    as_if_balance = models.IntegerField()
    reference = models.CharField(max_length=64, blank=True)
    at = models.DateTimeField()
    by = models.CharField(max_length=64)

    class Meta:
        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(fields=["lot", "sequence"], name="movement_follows_once"),
            models.CheckConstraint(condition=models.Q(balance__gte=0), name="stock_not_below_zero"),
            models.CheckConstraint(condition=models.Q(as_if_balance__gte=0), name="as_if_not_below_zero"),
        ]
        indexes: ClassVar[list[Any]] = [models.Index(fields=["reference"], name="movement_reference")]

    def __str__(self) -> str:
        return f"{self.lot} {self.sequence}: {self.quantity:+d}"


class Confirmation(models.Model):
    """A provisional receipt, booked in afterwards against its delivery note.

    Blinding: unblinded
    """

    append_only: ClassVar[tuple[str, ...]] = ("movement_id",)

    movement = models.OneToOneField(Movement, on_delete=models.PROTECT, primary_key=True)
    delivery_note = models.CharField(max_length=64)
    at = models.DateTimeField()
    by = models.CharField(max_length=64)

    def __str__(self) -> str:
        return f"{self.movement}: {self.delivery_note}"


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
    """A quarantine of one lot, until it is released or destroyed by decision.

    Blinding: unblinded
    """

    lot = models.ForeignKey(Lot, on_delete=models.PROTECT, related_name="holds")
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
