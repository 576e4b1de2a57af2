"""Orders of destruction and what was destroyed."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db import models

from pharmacy.stock.destroying import OrderState, Target


class DestructionOrder(models.Model):
    """That somebody ordered the destruction of at most `units`; the reason is in the trail.

    Nothing leaves the stock by an order. The constraints allow one open order for a hold, one for the rest of a lot and
    one for the returned syringes of a site.

    Blinding: unblinded
    """

    site_code = models.CharField(max_length=4)
    target = models.CharField(max_length=24, choices=[(item.value, item.value) for item in Target])
    lot = models.ForeignKey("stock.Lot", on_delete=models.PROTECT, null=True, related_name="destruction_orders")
    hold = models.ForeignKey("stock.Hold", on_delete=models.PROTECT, null=True, related_name="destruction_orders")
    consignment = models.ForeignKey("stock.Consignment", on_delete=models.PROTECT, null=True)
    about = models.CharField(max_length=96)
    units = models.PositiveIntegerField()
    ordered_at = models.DateTimeField()
    ordered_by = models.CharField(max_length=64)
    signature = models.UUIDField(unique=True)
    state = models.CharField(
        max_length=12, choices=[(item.value, item.value) for item in OrderState], default=OrderState.ORDERED.value
    )
    ended_at = models.DateTimeField(null=True)
    ended_by = models.CharField(max_length=64, blank=True)

    class Meta:
        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(
                fields=["lot"],
                condition=models.Q(state=OrderState.ORDERED.value, hold=None),
                name="one_open_order_a_lot",
            ),
            models.UniqueConstraint(
                fields=["hold"], condition=models.Q(state=OrderState.ORDERED.value), name="one_open_order_a_hold"
            ),
            models.UniqueConstraint(
                fields=["site_code"],
                condition=models.Q(state=OrderState.ORDERED.value, target=Target.SYRINGES.value),
                name="one_open_order_of_syringes",
            ),
            models.CheckConstraint(
                condition=models.Q(state=OrderState.ORDERED.value, ended_at=None)
                | (~models.Q(state=OrderState.ORDERED.value) & ~models.Q(ended_at=None)),
                name="order_ended_with_a_time",
            ),
            models.CheckConstraint(
                condition=models.Q(target=Target.SYRINGES.value, lot=None)
                | (~models.Q(target=Target.SYRINGES.value) & models.Q(lot__isnull=False)),
                name="order_of_a_lot_or_of_syringes",
            ),
            models.CheckConstraint(
                condition=~models.Q(state=OrderState.DESTROYED.value) | ~models.Q(ended_by=models.F("ordered_by")),
                name="destroyed_by_another_person",
            ),
        ]
        indexes: ClassVar[list[Any]] = [models.Index(fields=["site_code", "state"], name="destruction_order_open")]

    def __str__(self) -> str:
        return f"order {self.pk}: {self.about} at {self.site_code}"


class OrderedSyringe(models.Model):
    """A syringe that came back and that an order names, by its packaging code.

    Blinding: unblinded
    """

    append_only: ClassVar[tuple[str, ...]] = ("id",)

    order = models.ForeignKey(DestructionOrder, on_delete=models.PROTECT, related_name="syringes")
    pack_code = models.CharField(max_length=8)

    class Meta:
        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(fields=["order", "pack_code"], name="syringe_once_in_an_order"),
        ]

    def __str__(self) -> str:
        return f"{self.pack_code}, {self.order}"


class Destruction(models.Model):
    """What was destroyed at the site on an order, who saw it, and the signature of the person who did it.

    `movement`: the line of the ledger; None for syringes, whose units were used when they were made.

    Blinding: unblinded
    """

    append_only: ClassVar[tuple[str, ...]] = ("order_id",)

    order = models.OneToOneField(
        DestructionOrder, on_delete=models.PROTECT, primary_key=True, related_name="destruction"
    )
    units = models.PositiveIntegerField()
    method = models.CharField(max_length=200)
    witness = models.CharField(max_length=64)
    destroyed_at = models.DateTimeField()
    movement = models.OneToOneField("stock.Movement", on_delete=models.PROTECT, null=True)
    at = models.DateTimeField()
    by = models.CharField(max_length=64)
    signature = models.UUIDField(unique=True)

    def __str__(self) -> str:
        return f"{self.units} destroyed, {self.order}"
