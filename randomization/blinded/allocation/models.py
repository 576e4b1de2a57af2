"""Positions with kit codes, and who was bound to them. What a position means is sealed elsewhere."""

from __future__ import annotations

import uuid
from typing import Any, ClassVar

from django.db import models
from django.utils.translation import gettext_noop as _

from randomization.blinded.screening.models import Participant
from randomization.blinded.sites.models import Site


class ListState(models.TextChoices):
    """One list is open for each site and stratum, the next version lies sealed in reserve; envelopes never open."""

    SEALED = "sealed", "sealed"
    OPEN = "open", "open"
    EXHAUSTED = "exhausted", "exhausted"
    SUPERSEDED = "superseded", "superseded"
    FALLBACK = "fallback", "fallback"


class AllocationList(models.Model):
    """A sealed list as the blinded side knows it: its row is the lock that keeps positions in order.

    Length, version and position are for the machine; people see `enough` or `low`.

    Blinding: blinded
    """

    uid = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    site = models.ForeignKey(Site, on_delete=models.PROTECT, related_name="lists")
    stratum_uid = models.UUIDField()
    version = models.PositiveIntegerField()
    length = models.PositiveIntegerField()
    next_position = models.PositiveIntegerField(default=1)
    state = models.CharField(max_length=12, choices=ListState.choices)
    root = models.CharField(max_length=64)
    sealed_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(fields=["stratum_uid", "version"], name="list_version_once"),
            models.UniqueConstraint(
                fields=["stratum_uid"], condition=models.Q(state=ListState.OPEN), name="one_open_list_a_stratum"
            ),
        ]

    def __str__(self) -> str:
        return f"list of {self.site_id}"


class Slot(models.Model):
    """One position of a list with its kit code. Whether it is used stands in `Allocation`.

    Blinding: blinded
    """

    append_only: ClassVar[tuple[str, ...]] = ("uid",)

    uid = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    list = models.ForeignKey(AllocationList, on_delete=models.PROTECT, related_name="slots")
    position = models.PositiveIntegerField()
    kit_code = models.CharField(max_length=8, unique=True)

    class Meta:
        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(fields=["list", "position"], name="slot_position_once"),
        ]

    def __str__(self) -> str:
        return self.kit_code


class Allocation(models.Model):
    """A participant bound to a slot, for good: never edited, never deleted, never used again (E6 4.2.2).

    `verdict_uid`: the eligible verdict it rests on; None for an envelope that was opened without one.

    Blinding: blinded
    """

    append_only: ClassVar[tuple[str, ...]] = ("participant_id",)

    participant = models.OneToOneField(Participant, on_delete=models.PROTECT, primary_key=True)
    slot = models.OneToOneField(Slot, on_delete=models.PROTECT)
    list = models.ForeignKey(AllocationList, on_delete=models.PROTECT)
    position = models.PositiveIntegerField()
    kit_code = models.CharField(max_length=8, unique=True)
    verdict_uid = models.UUIDField(null=True)
    signature = models.UUIDField(unique=True)
    allocated_by = models.CharField(max_length=64)
    allocated_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(fields=["list", "position"], name="allocation_position_once"),
        ]

    def __str__(self) -> str:
        return f"{self.participant.number} {self.kit_code}"


class MisallocationKind(models.TextChoices):
    """How a randomisation was wrong."""

    IN_ERROR = "in_error", _("randomised in error")
    WRONG_STRATUM = "wrong_stratum", _("randomised in the wrong stratum")
    WRONG_SITE = "wrong_site", _("randomised at the wrong site")


class Misallocation(models.Model):
    """That a randomisation was wrong, and the truth beside it; the allocation stays as it was (ICH E6(R3) 4.2.2).

    Blinding: blinded
    """

    append_only: ClassVar[tuple[str, ...]] = ("participant_id", "kind")

    participant = models.ForeignKey(Participant, on_delete=models.PROTECT, related_name="misallocations")
    kind = models.CharField(max_length=16, choices=MisallocationKind.choices)
    truth = models.TextField()
    recorded_by = models.CharField(max_length=64)
    recorded_at = models.DateTimeField()
    signature = models.UUIDField(unique=True)

    class Meta:
        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(fields=["participant", "kind"], name="misallocation_once"),
        ]

    def __str__(self) -> str:
        return f"{self.participant} {self.kind}"
