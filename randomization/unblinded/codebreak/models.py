"""Who broke which code, when and why. What a slot holds is not kept here: the slot says it again."""

from __future__ import annotations

import uuid
from typing import ClassVar

from django.db import models

from randomization.unblinded.codebreak.categories import Category


class CodeBreak(models.Model):
    """One patient's code broken, or a rehearsal (then without a participant).

    Blinding: unblinded
    """

    append_only: ClassVar[tuple[str, ...]] = ("uid",)

    uid = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    participant_uid = models.UUIDField(null=True)
    participant_number = models.CharField(max_length=12, blank=True)
    site_code = models.CharField(max_length=4)
    slot_uid = models.UUIDField()
    kit_code = models.CharField(max_length=8)
    category = models.CharField(max_length=16, choices=Category.choices)
    reason = models.TextField()
    shown = models.CharField(max_length=200)
    broken_by = models.CharField(max_length=64)
    role = models.CharField(max_length=32)
    broken_at = models.DateTimeField()
    signature = models.UUIDField(unique=True)

    def __str__(self) -> str:
        return f"{self.category} {self.participant_number or self.kit_code}"
