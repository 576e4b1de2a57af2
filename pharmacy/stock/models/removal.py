"""What one person took out of a lot, and what another said of it."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db import models

from pharmacy.stock.removing import RemovalState


class Removal(models.Model):
    """A line of the ledger by which one person took much out of a lot, or all of it; another person decides on it.

    `recorded_by`: who booked the movement, so that the database can refuse the same person. The reasons are in the
    trail, and every decision with it; here is the last one.

    Blinding: unblinded
    """

    movement = models.OneToOneField("stock.Movement", on_delete=models.PROTECT, related_name="removal")
    site_code = models.CharField(max_length=4)
    recorded_by = models.CharField(max_length=64)
    signature = models.UUIDField(unique=True)
    state = models.CharField(
        max_length=12, choices=[(item.value, item.value) for item in RemovalState], default=RemovalState.WAITING.value
    )
    decided_at = models.DateTimeField(null=True)
    decided_by = models.CharField(max_length=64, blank=True)
    decision_signature = models.UUIDField(null=True, unique=True)

    class Meta:
        constraints: ClassVar[list[Any]] = [
            models.CheckConstraint(
                condition=models.Q(
                    state=RemovalState.WAITING.value, decided_at=None, decided_by="", decision_signature=None
                )
                | (
                    ~models.Q(state=RemovalState.WAITING.value)
                    & ~models.Q(decided_at=None)
                    & ~models.Q(decided_by="")
                    & ~models.Q(decision_signature=None)
                ),
                name="removal_decided_and_signed",
            ),
            models.CheckConstraint(
                condition=~models.Q(decided_by=models.F("recorded_by")), name="removal_decided_by_another_person"
            ),
        ]
        indexes: ClassVar[list[Any]] = [models.Index(fields=["site_code", "state"], name="removal_open")]

    def __str__(self) -> str:
        return f"removal {self.pk}: {self.movement}"
