"""An identity and a secret given again, for one meaning and one record."""

from __future__ import annotations

import uuid

from django.db import models


class Signature(models.Model):
    """An identity and a secret given again, for one meaning and one record (21 CFR 11.50, 11.70, 11.200).

    Given first as a grant that expires within minutes; `used_at` is set by the service that takes it.
    `trained_for`: the protocol versions the person was trained for when signing, comma-separated.

    Blinding: blinded
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    user_name = models.CharField(max_length=64)
    role = models.CharField(max_length=32)
    meaning = models.CharField(max_length=64)
    subject = models.CharField(max_length=64)
    content_hash = models.CharField(max_length=64)
    trained_for = models.CharField(max_length=32, blank=True)
    given_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"{self.user_name}: {self.meaning} {self.subject}"
