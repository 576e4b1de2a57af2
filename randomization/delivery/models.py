"""What pages and API keep: the tablets of a site, and one-time keys."""

from __future__ import annotations

import uuid
from typing import Any, ClassVar

from django.db import models


class Tablet(models.Model):
    """A device of one site on which a nurse logs in with a badge or a PIN; it is known by a cookie.

    Blinding: blinded
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    site_code = models.CharField(max_length=4)
    name = models.CharField(max_length=64)
    digest = models.CharField(max_length=64, unique=True)
    enrolled_by = models.CharField(max_length=64)
    enrolled_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"{self.site_code} {self.name}"


class OneTimeKey(models.Model):
    """An act that was sent with a one-time key, and what was answered: the same again gets the same answer.

    Written in the transaction of the act, on the side where it was done, read there alone and dropped after a day.
    `content_hash` is over what was sent without its secrets; `answer` is the address that a page went on to, or the
    body of the API.

    Blinding: blinded
    """

    user_name = models.CharField(max_length=64)
    key = models.CharField(max_length=64)
    content_hash = models.CharField(max_length=64)
    status = models.PositiveSmallIntegerField(default=0)
    answer = models.TextField(default="")
    kept_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(fields=["user_name", "key"], name="one_time_key_once"),
        ]

    def __str__(self) -> str:
        return f"{self.user_name} {self.key}"
