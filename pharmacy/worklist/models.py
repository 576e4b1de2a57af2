"""Calls of who is on duty, who took a new kit over, and the night sheets that were kept."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db import models

from randomization.shared.ids import show_code


class Call(models.Model):
    """One call of a person on duty for a newly allocated kit.

    Blinding: unblinded
    """

    append_only: ClassVar[tuple[str, ...]] = ("kit_code", "order")

    kit_code = models.CharField(max_length=8)
    site_code = models.CharField(max_length=4)
    order = models.PositiveSmallIntegerField()
    user_name = models.CharField(max_length=64)
    called_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(fields=["kit_code", "order"], name="duty_call_once"),
        ]

    def __str__(self) -> str:
        return f"{show_code(self.kit_code)} call {self.order}"


class Acknowledgement(models.Model):
    """Who took over a newly allocated kit; the first answer stands.

    Blinding: unblinded
    """

    append_only: ClassVar[tuple[str, ...]] = ("kit_code",)

    kit_code = models.CharField(max_length=8, primary_key=True)
    user_name = models.CharField(max_length=64)
    at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{show_code(self.kit_code)} {self.user_name}"


class NightSheet(models.Model):
    """The night sheet of a site as it was made at 16:00, local time: on paper when nothing can be reached.

    Blinding: unblinded
    """

    append_only: ClassVar[tuple[str, ...]] = ("site_code", "day")

    site_code = models.CharField(max_length=4)
    day = models.DateField()
    content = models.BinaryField()
    made_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(fields=["site_code", "day"], name="night_sheet_once_a_day"),
        ]

    def __str__(self) -> str:
        return f"{self.site_code} {self.day}"
