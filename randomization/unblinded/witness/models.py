"""What was seen of the blinded side. It only ever grows there: what is less now, or something else, is another copy."""

from __future__ import annotations

import uuid
from typing import ClassVar

from django.db import models


class SeenHead(models.Model):
    """The head of one chain of the blinded trail, as last seen: the event of this number must keep this hash.

    Blinding: unblinded
    """

    stream = models.CharField(max_length=16, primary_key=True)
    seq = models.PositiveBigIntegerField()
    hash = models.CharField(max_length=64)
    seen_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.stream} {self.seq}"


class SeenList(models.Model):
    """How far a list was used, as last seen: positions are never given back.

    Blinding: unblinded
    """

    list_uid = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    site_code = models.CharField(max_length=4)
    next_position = models.PositiveIntegerField()

    def __str__(self) -> str:
        return f"{self.site_code} {self.next_position}"


class SeenKit(models.Model):
    """Which participant a kit was bound to when it was first seen: for good.

    Blinding: unblinded
    """

    append_only: ClassVar[tuple[str, ...]] = ("kit_code",)

    kit_code = models.CharField(max_length=8, primary_key=True)
    participant_uid = models.UUIDField(unique=True)
    participant_number = models.CharField(max_length=12)
    site_code = models.CharField(max_length=4)
    seen_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.kit_code} {self.participant_number}"


class SeenMessage(models.Model):
    """The last message that was seen in the inbox.

    Blinding: unblinded
    """

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    number = models.PositiveBigIntegerField()
    signature = models.CharField(max_length=128)

    def __str__(self) -> str:
        return str(self.number)
