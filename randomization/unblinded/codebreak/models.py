"""Who broke which code, when and why. What a slot holds is not kept here: the slot says it again."""

from __future__ import annotations

import uuid
from typing import Any, ClassVar

from django.db import models

from randomization.unblinded.codebreak.categories import Category, Necessity, Way


class CodeBreak(models.Model):
    """One patient's code broken, or a rehearsal (then without a participant).

    `broken_by` is who asked for it; `seen_by` is who has seen the answer, which may be somebody else: a user name, or
    name, function and telephone of a third party.

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
    way = models.CharField(max_length=16, choices=Way.choices, default=Way.SCREEN)
    broken_by = models.CharField(max_length=64)
    seen_by = models.CharField(max_length=300, default="")
    role = models.CharField(max_length=32)
    broken_at = models.DateTimeField()
    signature = models.UUIDField(unique=True)

    def __str__(self) -> str:
        return f"{self.category} {self.participant_number or self.kit_code}"


class Invitation(models.Model):
    """A code with which a third party reads one patient's treatment, once, before it runs out.

    Only the SHA-256 of the code is kept. That it was used is said by the code break that has its signature.

    Blinding: unblinded
    """

    append_only: ClassVar[tuple[str, ...]] = ("uid",)

    uid = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    digest = models.CharField(max_length=64, unique=True)
    participant_number = models.CharField(max_length=12)
    site_code = models.CharField(max_length=4)
    category = models.CharField(max_length=16, choices=Category.choices)
    reason = models.TextField()
    invited_by = models.CharField(max_length=64)
    role = models.CharField(max_length=32)
    invited_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    signature = models.UUIDField(unique=True)

    def __str__(self) -> str:
        return f"{self.participant_number} until {self.expires_at:%H:%M}"


class ImpactAssessment(models.Model):
    """What an unblinding means for the trial, signed by the safety function (ICH E6(R3) 4.1.4); the last one counts.

    Blinding: unblinded
    """

    append_only: ClassVar[tuple[str, ...]] = ("id",)

    code_break = models.ForeignKey(CodeBreak, on_delete=models.PROTECT, related_name="assessments")
    necessity = models.CharField(max_length=16, choices=Necessity.choices)
    spread = models.TextField()
    effect = models.TextField()
    measures = models.TextField()
    assessed_by = models.CharField(max_length=64)
    assessed_at = models.DateTimeField()
    signature = models.UUIDField(unique=True)

    def __str__(self) -> str:
        return f"{self.code_break}: {self.necessity}"


class KnownPatient(models.Model):
    """What a code break needs to know of a randomised patient, as last read below: for when nothing answers there.

    Neither arm nor class stands here. `last_given` is JSON: by route, the number and moment (UTC) of the last dose.
    `verdict_uid`: None for an envelope without an eligible verdict.

    Blinding: unblinded
    """

    participant_uid = models.UUIDField(primary_key=True, editable=False)
    number = models.CharField(max_length=12, unique=True)
    site_code = models.CharField(max_length=4)
    slot_uid = models.UUIDField()
    kit_code = models.CharField(max_length=8, unique=True)
    verdict_uid = models.UUIDField(null=True)
    allocated_at = models.DateTimeField()
    reduced = models.BooleanField()
    last_given = models.TextField()
    administration_id = models.BigIntegerField()
    clearance_id = models.BigIntegerField()
    read_at = models.DateTimeField()

    class Meta:
        indexes: ClassVar[list[Any]] = [models.Index(fields=["allocated_at"], name="known_patient_allocated")]

    def __str__(self) -> str:
        return self.number


class CopyCheck(models.Model):
    """When the copy was last compared with what stands below: doses recorded later may be missing in it.

    Blinding: unblinded
    """

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M}"
