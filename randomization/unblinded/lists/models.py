"""Plans, sealed lists and slots, wrapped keys, and every opening. No arm ever stands here in the clear."""

from __future__ import annotations

import uuid
from typing import Any, ClassVar

from django.db import models


class PlanVersion(models.Model):
    """The text of one plan file, never changed: a change is a new version.

    Blinding: unblinded
    """

    append_only: ClassVar[tuple[str, ...]] = ("version",)

    version = models.PositiveIntegerField(unique=True)
    text = models.TextField()
    plan_hash = models.CharField(max_length=64, unique=True)
    loaded_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"plan {self.version}"


class Custodian(models.Model):
    """The public half of a custodian's key; keys are replaced by adding, the newest counts.

    Blinding: unblinded
    """

    append_only: ClassVar[tuple[str, ...]] = ("id",)

    name = models.CharField(max_length=16)
    public_key = models.BinaryField()
    added_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.name


class Stratum(models.Model):
    """One sequence of lists: a site, a site and class, or a drill. The UID is all the blinded side knows.

    Blinding: unblinded
    """

    uid = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    site_code = models.CharField(max_length=4)
    scope = models.CharField(max_length=32, unique=True)
    immune_class = models.CharField(max_length=16, blank=True)
    is_drill = models.BooleanField(default=False)
    is_fallback = models.BooleanField(default=False)

    def __str__(self) -> str:
        return self.scope


class SealedList(models.Model):
    """One version of a stratum's list: generated, sealed and committed to before any patient.

    Blinding: unblinded
    """

    append_only: ClassVar[tuple[str, ...]] = ("uid",)

    uid = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    stratum = models.ForeignKey(Stratum, on_delete=models.PROTECT, related_name="lists")
    plan = models.ForeignKey(PlanVersion, on_delete=models.PROTECT)
    version = models.PositiveIntegerField()
    context = models.CharField(max_length=64, unique=True)
    asked_length = models.PositiveIntegerField()
    length = models.PositiveIntegerField()
    root = models.CharField(max_length=64)
    sealed_at = models.DateTimeField()
    sealed_by = models.CharField(max_length=64)

    class Meta:
        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(fields=["stratum", "version"], name="sealed_list_version_once"),
        ]

    def __str__(self) -> str:
        return self.context


class WrappedSecret(models.Model):
    """A list's key or seed, sealed by HPKE to one custodian.

    Blinding: unblinded
    """

    append_only: ClassVar[tuple[str, ...]] = ("id",)

    list = models.ForeignKey(SealedList, on_delete=models.PROTECT, related_name="secrets")
    custodian = models.CharField(max_length=16)
    kind = models.CharField(max_length=8, choices=[("key", "key"), ("seed", "seed")])
    wrapped = models.BinaryField()

    class Meta:
        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(fields=["list", "custodian", "kind"], name="wrapped_secret_once"),
            models.CheckConstraint(
                condition=~models.Q(kind="seed", custodian="service"), name="no_seed_for_the_service"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} of {self.list} to {self.custodian}"


class SealedSlot(models.Model):
    """One position: kit code, and what it means under the list's key (61 bytes whatever the arm).

    Blinding: unblinded
    """

    append_only: ClassVar[tuple[str, ...]] = ("uid",)

    uid = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    list = models.ForeignKey(SealedList, on_delete=models.PROTECT, related_name="slots")
    position = models.PositiveIntegerField()
    kit_code = models.CharField(max_length=8, unique=True)
    sealed = models.BinaryField()

    class Meta:
        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(fields=["list", "position"], name="sealed_slot_position_once"),
        ]

    def __str__(self) -> str:
        return self.kit_code


class AssignmentAccess(models.Model):
    """That one slot was opened: by whom, in which role, for what. What was seen is deliberately absent.

    Blinding: unblinded
    """

    append_only: ClassVar[tuple[str, ...]] = ("id",)

    slot = models.ForeignKey(SealedSlot, on_delete=models.PROTECT, related_name="accesses")
    purpose = models.CharField(max_length=16)
    reference = models.CharField(max_length=64)
    actor = models.CharField(max_length=64)
    role = models.CharField(max_length=32)
    opened_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.slot} {self.purpose}"
