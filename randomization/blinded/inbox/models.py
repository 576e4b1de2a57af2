"""The hatch. The other side may INSERT messages here and nothing else, anywhere on this side."""

from __future__ import annotations

from typing import ClassVar

from django.db import models


class InboxMessage(models.Model):
    """One message from above, never changed; numbers run in the order of sending, without gap.

    Blinding: blinded
    """

    append_only: ClassVar[tuple[str, ...]] = ("number",)

    number = models.PositiveBigIntegerField(primary_key=True)
    uid = models.UUIDField(unique=True)
    kind = models.CharField(max_length=32)
    payload = models.TextField()

    def __str__(self) -> str:
        return f"{self.number} {self.kind}"


class Applied(models.Model):
    """That a message was applied or refused, once.

    Blinding: blinded
    """

    append_only: ClassVar[tuple[str, ...]] = ("message_id",)

    message = models.OneToOneField(InboxMessage, on_delete=models.PROTECT, primary_key=True)
    outcome = models.CharField(max_length=8, choices=[("applied", "applied"), ("refused", "refused")])
    detail = models.CharField(max_length=200, blank=True)
    at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.message_id} {self.outcome}"


class Cursor(models.Model):
    """The last message dealt with; locked while the next is applied.

    Blinding: blinded
    """

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    last = models.PositiveBigIntegerField(default=0)

    def __str__(self) -> str:
        return str(self.last)
