"""The outbox of one side: what must be told, written in the transaction that caused it."""

from __future__ import annotations

import uuid
from enum import StrEnum
from typing import Any, ClassVar

from django.db import models


class Channel(models.TextChoices):
    """Where an entry goes: down through the hatch, or to people of this side."""

    HATCH = "hatch"
    PEOPLE = "people"


class Entry(models.Model):
    """One thing to tell. Never changed once written; that it was delivered stands beside it.

    `deliver_at` is fixed when the entry is written, so that a delay tells nothing about what was done. `tie` orders
    entries of the same moment, by what they are about: the order of writing would tell who was quicker.

    Blinding: blinded
    """

    append_only: ClassVar[tuple[str, ...]] = ("uid",)

    uid = models.UUIDField(unique=True, default=uuid.uuid4, editable=False)
    channel = models.CharField(max_length=8, choices=Channel.choices)
    kind = models.CharField(max_length=32)
    site_code = models.CharField(max_length=4, blank=True)
    roles = models.CharField(max_length=128, blank=True)
    payload = models.TextField()
    created_at = models.DateTimeField()
    deliver_at = models.DateTimeField()
    tie = models.CharField(max_length=40, blank=True)

    def __str__(self) -> str:
        return f"{self.id} {self.kind}"


class Numbered(models.Model):
    """The place of an entry in the order of delivery of its channel, given once it is due.

    Numbers are taken under a lock: the order of identities is not the order of commits. Whether it
    arrived is asked of the place of arrival, so that a crash between two databases heals by itself. An entry of
    the hatch is signed together with its number: `previous` is the digest of the entry before, `digest` its own.

    Blinding: blinded
    """

    append_only: ClassVar[tuple[str, ...]] = ("entry_id",)

    entry = models.OneToOneField(Entry, on_delete=models.PROTECT, primary_key=True)
    channel = models.CharField(max_length=8, choices=Channel.choices)
    number = models.PositiveBigIntegerField()
    previous = models.CharField(max_length=64, blank=True)
    digest = models.CharField(max_length=64, blank=True)
    signature = models.CharField(max_length=128, blank=True)

    class Meta:
        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(fields=["channel", "number"], name="notice_number_once"),
        ]

    def __str__(self) -> str:
        return f"{self.channel} {self.number}"


class Mailed(models.Model):
    """That an entry for people was sent by e-mail to everybody it concerns, and to how many.

    Blinding: blinded
    """

    append_only: ClassVar[tuple[str, ...]] = ("entry_id",)

    entry = models.OneToOneField(Entry, on_delete=models.PROTECT, primary_key=True, related_name="mailed")
    recipients = models.PositiveIntegerField()
    at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.entry_id} to {self.recipients}"


class Head(models.Model):
    """The last number given in a channel and the digest of its entry, locked while the next is taken.

    Blinding: blinded
    """

    name = models.CharField(max_length=8, primary_key=True)
    last = models.PositiveBigIntegerField(default=0)
    digest = models.CharField(max_length=64, default="0" * 64)

    def __str__(self) -> str:
        return f"{self.name} {self.last}"


class AlarmKind(StrEnum):
    """What can be wrong between the two sides."""

    HATCH_STOPPED = "hatch_stopped"
    MESSAGE_PARKED = "message_parked"
    SIDES_DIFFER = "sides_differ"


class Alarm(models.Model):
    """Something that is wrong with the machinery of this side, from when to when; once at a time for each thing.

    `about` is one of a kind's fixed words or an identifier of ours, never what somebody outside wrote.

    Blinding: blinded
    """

    kind = models.CharField(max_length=20)
    site_code = models.CharField(max_length=4, blank=True)
    about = models.CharField(max_length=64, blank=True)
    raised_at = models.DateTimeField()
    over_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(
                fields=["kind", "site_code", "about"], condition=models.Q(over_at=None), name="alarm_once"
            ),
        ]

    def __str__(self) -> str:
        return " ".join(filter(None, (self.kind, self.site_code, self.about)))
