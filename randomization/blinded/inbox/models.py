"""The hatch. The other side may INSERT messages here and nothing else, anywhere on this side."""

from __future__ import annotations

from enum import StrEnum
from typing import ClassVar

from django.db import models

from randomization.hatch.signed_content import FIRST_PREVIOUS


class Outcome(StrEnum):
    """What came of a verified message, in stored words; what is parked is tried again."""

    APPLIED = "applied"
    REFUSED = "refused"
    PARKED = "parked"


class Applied(models.Model):
    """That a message was applied or refused, once by its uid; `digest` says which content that was.

    Blinding: blinded
    """

    append_only: ClassVar[tuple[str, ...]] = ("number",)

    number = models.PositiveBigIntegerField(primary_key=True)
    uid = models.UUIDField(unique=True)
    outcome = models.CharField(
        max_length=8, choices=[(kept.value, kept.value) for kept in (Outcome.APPLIED, Outcome.REFUSED)]
    )
    detail = models.CharField(max_length=200, blank=True)
    at = models.DateTimeField()
    digest = models.CharField(max_length=64)
    signature = models.CharField(max_length=128, unique=True)

    def __str__(self) -> str:
        return f"{self.number} {self.outcome}"


class Parked(models.Model):
    """A message whose subject is not here yet: tried again until it is, while later ones go on.

    What concerns the same `subject` waits behind it. Deleted once it was applied or refused.

    Blinding: blinded
    """

    number = models.PositiveBigIntegerField(primary_key=True)
    uid = models.UUIDField(unique=True)
    subject = models.CharField(max_length=64)
    detail = models.CharField(max_length=200)
    since = models.DateTimeField()
    digest = models.CharField(max_length=64)
    signature = models.CharField(max_length=128, unique=True)

    def __str__(self) -> str:
        return f"{self.number} {self.detail}"


class Cursor(models.Model):
    """The last message dealt with and its digest; locked while the next is applied.

    Blinding: blinded
    """

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    last = models.PositiveBigIntegerField(default=0)
    digest = models.CharField(max_length=64, default=FIRST_PREVIOUS)

    def __str__(self) -> str:
        return str(self.last)
