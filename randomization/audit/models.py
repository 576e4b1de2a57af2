"""The trail of one side: a chain for each site and one for the trial."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db import models


class Stream(models.Model):
    """The head of one chain; its row is what is locked, so that there is no global hot row.

    Blinding: blinded
    """

    name = models.CharField(max_length=16, primary_key=True)
    seq = models.PositiveBigIntegerField(default=0)
    head = models.CharField(max_length=64)

    def __str__(self) -> str:
        return self.name


class Event(models.Model):
    """One recorded act. Never updated, never deleted: triggers refuse it.

    `data` is canonical JSON as text, so that a database cannot reorder or round what was hashed.

    Blinding: blinded
    """

    append_only: ClassVar[tuple[str, ...]] = ("stream", "seq")

    stream = models.CharField(max_length=16)
    seq = models.PositiveBigIntegerField()
    at = models.CharField(max_length=27)
    actor = models.CharField(max_length=64)
    role = models.CharField(max_length=32)
    action = models.CharField(max_length=64)
    subject = models.CharField(max_length=64)
    data = models.TextField()
    previous = models.CharField(max_length=64)
    hash = models.CharField(max_length=64)

    class Meta:
        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(fields=["stream", "seq"], name="audit_event_once"),
        ]
        indexes: ClassVar[list[Any]] = [models.Index(fields=["subject"], name="audit_event_subject")]

    def __str__(self) -> str:
        return f"{self.stream} {self.seq} {self.action}"


class FreeText(models.Model):
    """A text written by a person, apart from the chain: the event holds its salted hash alone.

    Personal data typed by mistake can so be redacted by two people, and the chain stays valid.

    Blinding: blinded
    """

    append_only: ClassVar[tuple[str, ...]] = ("stream", "seq", "key")
    redactable: ClassVar[str] = "text"

    stream = models.CharField(max_length=16)
    seq = models.PositiveBigIntegerField()
    key = models.CharField(max_length=32)
    salt = models.CharField(max_length=64)
    text = models.TextField()

    class Meta:
        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(fields=["stream", "seq", "key"], name="audit_text_once"),
        ]

    def __str__(self) -> str:
        return f"{self.stream} {self.seq} {self.key}"


class Redaction(models.Model):
    """A request to blank one text, confirmed by a second person.

    Blinding: blinded
    """

    text = models.OneToOneField(FreeText, on_delete=models.PROTECT)
    requested_by = models.CharField(max_length=64)
    confirmed_by = models.CharField(max_length=64, default="")

    class Meta:
        constraints: ClassVar[list[Any]] = [
            models.CheckConstraint(
                condition=~models.Q(requested_by=models.F("confirmed_by")), name="redaction_by_two_people"
            ),
        ]

    def __str__(self) -> str:
        return f"redaction of {self.text}"
