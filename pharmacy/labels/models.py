"""Every print of a label: which, when, by whom, as which copy."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db import models

from pharmacy.labels.media import LabelKind, Medium


class Print(models.Model):
    """One print of one label of a packaging, copies of each kind numbered from 1; a reprint has a reason in the trail.

    `sha256` is of what was delivered: several labels printed in one go have the same.

    Blinding: unblinded
    """

    append_only: ClassVar[tuple[str, ...]] = ("pack_code", "kind", "copy")

    pack_code = models.CharField(max_length=8)
    copy = models.PositiveSmallIntegerField()
    kind = models.CharField(
        max_length=8, choices=[(kind.value, kind.value) for kind in LabelKind], default=LabelKind.SYRINGE
    )
    medium = models.CharField(max_length=4, choices=[(medium.value, medium.value) for medium in Medium])
    printed_by = models.CharField(max_length=64)
    printed_at = models.DateTimeField()
    sha256 = models.CharField(max_length=64)

    class Meta:
        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(fields=["pack_code", "kind", "copy"], name="print_copy_once"),
        ]

    def __str__(self) -> str:
        return f"{self.pack_code} {self.kind} copy {self.copy}"
