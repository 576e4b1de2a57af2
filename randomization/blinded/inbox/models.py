"""The hatch. The other side may INSERT messages here and nothing else, anywhere on this side."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db import models

from randomization.hatch.message import FIRST_PREVIOUS


class InboxMessage(models.Model):
    """One row from above, believed only once its signature is verified; never changed, but for a payload blanked.

    Its key is the signature: nobody without the private key can take the place of a true message, neither by its number
    nor by its uid. True numbers run in the order of sending, without gap.

    Blinding: blinded
    """

    append_only: ClassVar[tuple[str, ...]] = ("signature",)
    redactable: ClassVar[str] = "payload"

    number = models.PositiveBigIntegerField()
    uid = models.UUIDField()
    kind = models.CharField(max_length=32)
    payload = models.TextField()
    installation = models.UUIDField()
    epoch = models.PositiveIntegerField()
    previous = models.CharField(max_length=64)
    signature = models.CharField(max_length=128, primary_key=True)

    class Meta:
        indexes: ClassVar[list[Any]] = [models.Index(fields=["number"], name="inbox_number")]

    def __str__(self) -> str:
        return f"{self.number} {self.kind}"


class Applied(models.Model):
    """That a message was applied or refused, once by its uid; `digest` says which content that was.

    Blinding: blinded
    """

    append_only: ClassVar[tuple[str, ...]] = ("number",)

    number = models.PositiveBigIntegerField(primary_key=True)
    uid = models.UUIDField(unique=True)
    outcome = models.CharField(max_length=8, choices=[("applied", "applied"), ("refused", "refused")])
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


class ForeignRow(models.Model):
    """A row of the inbox that is not the next message of the other side; the hatch stops until somebody looked at it.

    What stands in the row itself is shown nowhere: a row could carry a word down.

    Blinding: blinded
    """

    number = models.PositiveBigIntegerField()
    why = models.CharField(max_length=20)
    noted_at = models.DateTimeField()
    released_at = models.DateTimeField(null=True)
    released_by = models.CharField(max_length=64, blank=True)
    row = models.CharField(max_length=128, primary_key=True)

    def __str__(self) -> str:
        return f"{self.why} {self.noted_at:%Y-%m-%d %H:%M}"


class Cursor(models.Model):
    """The last message dealt with and its digest; locked while the next is applied.

    Blinding: blinded
    """

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    last = models.PositiveBigIntegerField(default=0)
    digest = models.CharField(max_length=64, default=FIRST_PREVIOUS)

    def __str__(self) -> str:
        return str(self.last)
