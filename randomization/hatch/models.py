"""The table into which the unblinded side inserts messages, and the rows in it that were not its messages.

Both lie in the blinded database. The unblinded side may INSERT messages and nothing else, anywhere on the blinded side.
"""

from __future__ import annotations

from typing import Any, ClassVar

from django.db import models


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
