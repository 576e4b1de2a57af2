"""Scores by day, milestones, and handovers of duty.

Blinding: blinded
"""

from __future__ import annotations

from typing import Any, ClassVar

from django.db import models

from randomization.blinded.outcomes.states import LAST_DAY, ORGANS, MilestoneKind
from randomization.blinded.screening.models import Participant
from randomization.blinded.sites.models import Site


class SofaDay(models.Model):
    """The SOFA score of one day by organ, 0 to 4 each, days 1 to 15; a correction is a new row, the last counts.

    Blinding: blinded
    """

    append_only: ClassVar[tuple[str, ...]] = ("id",)

    participant = models.ForeignKey(Participant, on_delete=models.PROTECT, related_name="sofa_days")
    day = models.PositiveSmallIntegerField()
    respiration = models.PositiveSmallIntegerField()
    coagulation = models.PositiveSmallIntegerField()
    liver = models.PositiveSmallIntegerField()
    cardiovascular = models.PositiveSmallIntegerField()
    nervous = models.PositiveSmallIntegerField()
    renal = models.PositiveSmallIntegerField()
    recorded_by = models.CharField(max_length=64)
    recorded_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar[list[Any]] = [
            models.CheckConstraint(condition=models.Q(day__gte=1, day__lte=LAST_DAY), name="sofa_day_of_the_course"),
            models.CheckConstraint(
                condition=models.Q(**{f"{organ}__lte": 4 for organ in ORGANS}), name="sofa_organ_up_to_4"
            ),
        ]
        indexes: ClassVar[list[Any]] = [models.Index(fields=["participant", "day"], name="sofa_participant_day")]

    def __str__(self) -> str:
        return f"{self.participant} day {self.day}"

    @property
    def total(self) -> int:
        """0 to 24."""
        return sum(getattr(self, organ) for organ in ORGANS)


class Milestone(models.Model):
    """Discharge, death or loss to follow-up, with its time; a correction is a new row, the last of a kind counts.

    Blinding: blinded
    """

    append_only: ClassVar[tuple[str, ...]] = ("id",)

    participant = models.ForeignKey(Participant, on_delete=models.PROTECT, related_name="milestones")
    kind = models.CharField(max_length=24, choices=[(kind.value, kind.value) for kind in MilestoneKind])
    at = models.DateTimeField()
    recorded_by = models.CharField(max_length=64)
    recorded_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.participant} {self.kind}"


class Handover(models.Model):
    """One duty handed to the next, signed: what was open then, as it was shown.

    Blinding: blinded
    """

    append_only: ClassVar[tuple[str, ...]] = ("id",)

    site = models.ForeignKey(Site, on_delete=models.PROTECT, related_name="handovers")
    signed_by = models.CharField(max_length=64)
    signed_at = models.DateTimeField()
    to = models.CharField(max_length=64)
    shown = models.TextField()
    signature = models.UUIDField(unique=True)

    def __str__(self) -> str:
        return f"{self.site_id} {self.signed_at:%Y-%m-%d %H:%M}"
