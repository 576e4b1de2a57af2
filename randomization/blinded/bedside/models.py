"""Treatment as the ward sees it: kit code, timetable, packaging that is ready, what was given.

What a syringe holds, and how long its preparation took, is deliberately absent.

Blinding: blinded
"""

from __future__ import annotations

import uuid
from typing import Any, ClassVar

from django.db import models

from randomization.blinded.bedside.states import DoseState, Wish
from randomization.blinded.screening.models import Participant


class Method(models.TextChoices):
    """How creatinine clearance was found."""

    MEASURED = "measured", "measured"
    COCKCROFT_GAULT = "cockcroft_gault", "Cockcroft-Gault"
    RENAL_REPLACEMENT = "renal_replacement", "renal replacement therapy"


class Course(models.Model):
    """The treatment of one allocated participant.

    Blinding: blinded
    """

    uid = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    participant = models.OneToOneField(Participant, on_delete=models.PROTECT, related_name="course")
    kit_code = models.CharField(max_length=8, unique=True)
    first_dose_at = models.DateTimeField()
    code_broken_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"{self.participant.number} {self.kit_code}"


class Dose(models.Model):
    """One dose of the timetable.

    Blinding: blinded
    """

    uid = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    course = models.ForeignKey(Course, on_delete=models.PROTECT, related_name="doses")
    route = models.CharField(max_length=2)
    number = models.PositiveSmallIntegerField()
    planned_at = models.DateTimeField()
    state = models.CharField(
        max_length=12, choices=[(state.value, state.value) for state in DoseState], default=DoseState.PLANNED
    )

    class Meta:
        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(fields=["course", "route", "number"], name="dose_once"),
        ]
        indexes: ClassVar[list[Any]] = [models.Index(fields=["state", "planned_at"], name="dose_due")]

    def __str__(self) -> str:
        return f"{self.route} {self.number}"


class Packaging(models.Model):
    """One packaging operation of a dose as announced through the hatch; a voided one is never accepted.

    Blinding: blinded
    """

    dose = models.ForeignKey(Dose, on_delete=models.PROTECT, related_name="packagings")
    pack_code = models.CharField(max_length=8, unique=True)
    ready_at = models.DateTimeField()
    use_before = models.DateTimeField()
    voided_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(
                fields=["dose"], condition=models.Q(voided_at=None), name="one_packaging_ready_for_a_dose"
            ),
        ]

    def __str__(self) -> str:
        return self.pack_code


class WardRequest(models.Model):
    """One of the fixed things the ward may tell the pharmacy about a dose; once for each packaging.

    Blinding: blinded
    """

    append_only: ClassVar[tuple[str, ...]] = ("dose_id", "wish", "pack_code")

    dose = models.ForeignKey(Dose, on_delete=models.PROTECT, related_name="requests")
    wish = models.CharField(max_length=24, choices=[(wish.value, wish.value) for wish in Wish])
    pack_code = models.CharField(max_length=8, blank=True)
    at = models.DateTimeField()
    by = models.CharField(max_length=64)

    class Meta:
        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(fields=["dose", "wish", "pack_code"], name="ward_request_once"),
        ]

    def __str__(self) -> str:
        return f"{self.dose}: {self.wish}"


class Clearance(models.Model):
    """A creatinine clearance in mL/min (never per 1.73 m2), or renal replacement therapy.

    Blinding: blinded
    """

    append_only: ClassVar[tuple[str, ...]] = ("id",)

    participant = models.ForeignKey(Participant, on_delete=models.PROTECT, related_name="clearances")
    value_ml_min = models.DecimalField(max_digits=6, decimal_places=1, null=True)
    method = models.CharField(max_length=24, choices=Method.choices)
    sampled_at = models.DateTimeField()
    recorded_by = models.CharField(max_length=64)
    recorded_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar[list[Any]] = [
            models.CheckConstraint(
                condition=models.Q(method=Method.RENAL_REPLACEMENT, value_ml_min=None)
                | (~models.Q(method=Method.RENAL_REPLACEMENT) & models.Q(value_ml_min__gt=0)),
                name="clearance_value_fits_method",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.participant.number} {self.sampled_at:%Y-%m-%d %H:%M}"


class Administration(models.Model):
    """What was given of a dose, by whom, from which packaging.

    Blinding: blinded
    """

    append_only: ClassVar[tuple[str, ...]] = ("dose_id",)

    dose = models.OneToOneField(Dose, on_delete=models.PROTECT, related_name="administration")
    pack_code = models.CharField(max_length=8, blank=True)
    outcome = models.CharField(max_length=12, choices=[(s, s) for s in ("given", "part_given", "missed")])
    volume_ml = models.DecimalField(max_digits=5, decimal_places=2, null=True)
    at = models.DateTimeField()
    given_by = models.CharField(max_length=64)
    recorded_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.dose} {self.outcome}"
