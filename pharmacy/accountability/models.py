"""Syringes that came back, what the unblinded monitor asked, and what was signed."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db import models

from pharmacy.preparation.models import Preparation


class SyringeReturn(models.Model):
    """A syringe that left the pharmacy, was not given, and came back to be destroyed.

    Blinding: unblinded
    """

    append_only: ClassVar[tuple[str, ...]] = ("preparation_id",)

    preparation = models.OneToOneField(Preparation, on_delete=models.PROTECT, primary_key=True)
    at = models.DateTimeField()
    by = models.CharField(max_length=64)

    def __str__(self) -> str:
        return f"return of {self.preparation}"


class SyringeDestruction(models.Model):
    """That a syringe which came back was destroyed.

    Blinding: unblinded
    """

    append_only: ClassVar[tuple[str, ...]] = ("returned_id",)

    returned = models.OneToOneField(
        SyringeReturn, on_delete=models.PROTECT, primary_key=True, related_name="destruction"
    )
    at = models.DateTimeField()
    by = models.CharField(max_length=64)

    def __str__(self) -> str:
        return f"destruction, {self.returned}"


class Query(models.Model):
    """A question of the unblinded monitor to a pharmacy; question and answer stand in the trail.

    Blinding: unblinded
    """

    site_code = models.CharField(max_length=4)
    subject = models.CharField(max_length=64)
    raised_by = models.CharField(max_length=64)
    raised_at = models.DateTimeField()
    answered_by = models.CharField(max_length=64, blank=True)
    answered_at = models.DateTimeField(null=True)
    closed_by = models.CharField(max_length=64, blank=True)
    closed_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name_plural = "queries"

    def __str__(self) -> str:
        return f"query {self.pk} at {self.site_code}"


class SignOff(models.Model):
    """The unblinded monitor's signature on a report, by the hash of what it said.

    Blinding: unblinded
    """

    append_only: ClassVar[tuple[str, ...]] = ("id",)

    site_code = models.CharField(max_length=4)
    sha256 = models.CharField(max_length=64)
    unexplained = models.PositiveIntegerField()
    signed_by = models.CharField(max_length=64)
    signed_at = models.DateTimeField()
    signature = models.UUIDField()

    class Meta:
        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(fields=["signature"], name="sign_off_by_one_signature"),
        ]

    def __str__(self) -> str:
        return f"{self.site_code} {self.sha256[:12]}"
