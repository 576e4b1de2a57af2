"""Treatment as the ward sees it: kit code, timetable, packaging that is ready, what was given.

What a syringe holds, and how long its preparation took, is deliberately absent.

Blinding: blinded
"""

from __future__ import annotations

import uuid
from typing import Any, ClassVar

from django.db import models

from randomization.blinded.bedside.states import NOT_RECORDED, DoseState, StopCause, WardRequestKind
from randomization.blinded.screening.models import Participant
from randomization.shared.exact import DIGITS, PLACES
from randomization.shared.exact_field import ExactDecimalField
from randomization.shared.ids import dose_name


class Method(models.TextChoices):
    """How creatinine clearance was found."""

    MEASURED = "measured", "measured"
    COCKCROFT_GAULT = "cockcroft_gault", "Cockcroft-Gault"
    RENAL_REPLACEMENT = "renal_replacement", "renal replacement therapy"


class Course(models.Model):
    """The treatment of one allocated participant.

    `first_dose_at` is planned until `anchored_at`: then it is when the first dose would have been due by the first one
    really given. `shift_minutes`: how far the one-time shift to the ward's hours moved doses from number 2 on; 0: not
    used. On hold nothing is prepared or given. `steered_at`: when somebody last resumed, moved or transferred it, or
    corrected a dose that moved it: what is prepared after that counts from then, as a replacement does.

    Blinding: blinded
    """

    uid = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    participant = models.OneToOneField(Participant, on_delete=models.PROTECT, related_name="course")
    kit_code = models.CharField(max_length=8, unique=True)
    first_dose_at = models.DateTimeField()
    code_broken_at = models.DateTimeField(null=True)
    anchored_at = models.DateTimeField(null=True)
    shift_minutes = models.SmallIntegerField(default=0)
    held_at = models.DateTimeField(null=True)
    steered_at = models.DateTimeField(null=True)
    stopped_at = models.DateTimeField(null=True)
    stop_cause = models.CharField(
        max_length=24, blank=True, choices=[(cause.value, cause.value) for cause in StopCause]
    )

    class Meta:
        constraints: ClassVar[list[Any]] = [
            models.CheckConstraint(
                condition=models.Q(stopped_at=None, stop_cause="")
                | (~models.Q(stopped_at=None) & ~models.Q(stop_cause="")),
                name="course_stopped_with_a_cause",
            ),
            models.CheckConstraint(
                condition=models.Q(stopped_at=None) | models.Q(held_at=None), name="course_held_or_stopped"
            ),
        ]

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

    @property
    def last_record(self) -> Administration | None:
        """The record in force, also one that takes "missed" back; `recorded()` of the selectors reads it along."""
        rows: list[Administration] | None = getattr(self, "in_force", None)
        return next(iter(self.administrations.filter(corrected=None) if rows is None else rows), None)

    @property
    def administration(self) -> Administration | None:
        """What is recorded of it and in force; None where nothing was, or where "missed" was taken back."""
        row = self.last_record
        return None if row is None or row.outcome == NOT_RECORDED else row

    @property
    def next_record(self) -> dict[str, Any]:
        """The place of the next record of this dose: its sequence, and the record that it replaces."""
        row = self.last_record
        return {"sequence": 1 if row is None else row.sequence + 1, "corrects": row}

    def __str__(self) -> str:
        return dose_name(self.route, self.number)


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

    append_only: ClassVar[tuple[str, ...]] = ("dose_id", "kind", "pack_code")

    dose = models.ForeignKey(Dose, on_delete=models.PROTECT, related_name="requests")
    kind = models.CharField(max_length=24, choices=[(kind.value, kind.value) for kind in WardRequestKind])
    pack_code = models.CharField(max_length=8, blank=True)
    at = models.DateTimeField()
    by = models.CharField(max_length=64)

    class Meta:
        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(fields=["dose", "kind", "pack_code"], name="ward_request_once"),
        ]

    def __str__(self) -> str:
        return f"{self.dose}: {self.kind}"


class Clearance(models.Model):
    """A creatinine clearance in mL/min (never per 1.73 m2), or renal replacement therapy.

    A computed one is kept with what it was computed from: creatinine in its unit, weight in kg, age in whole years.

    Blinding: blinded
    """

    append_only: ClassVar[tuple[str, ...]] = ("id",)

    participant = models.ForeignKey(Participant, on_delete=models.PROTECT, related_name="clearances")
    value_ml_min = ExactDecimalField(max_digits=DIGITS, decimal_places=PLACES, null=True)
    method = models.CharField(max_length=24, choices=Method.choices)
    creatinine = ExactDecimalField(max_digits=DIGITS, decimal_places=PLACES, null=True)
    creatinine_unit = models.CharField(max_length=8, blank=True, default="", db_default="")
    weight_kg = ExactDecimalField(max_digits=DIGITS, decimal_places=PLACES, null=True)
    age_years = models.PositiveSmallIntegerField(null=True)
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
            models.CheckConstraint(
                condition=models.Q(creatinine=None, creatinine_unit="", weight_kg=None, age_years=None)
                | models.Q(
                    method=Method.COCKCROFT_GAULT,
                    creatinine__gt=0,
                    creatinine_unit__in=["mg/dL", "umol/L"],
                    weight_kg__gt=0,
                    age_years__gt=0,
                ),
                name="clearance_computed_from_all",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.participant.number} {self.sampled_at:%Y-%m-%d %H:%M}"


class Administration(models.Model):
    """What was given of a dose, by whom, from which packaging; or that it was missed; or that nothing was recorded.

    `recorded_by` is another person than `given_by` where it was transcribed later from the chart. A correction is a
    new row with the next `sequence`, which names the row that it `corrects`; in force is the row that nothing corrects.
    "Not recorded" takes a wrong "missed" back: what is recorded of the dose later names that row.

    Blinding: blinded
    """

    append_only: ClassVar[tuple[str, ...]] = ("dose_id", "sequence")

    dose = models.ForeignKey(Dose, on_delete=models.PROTECT, related_name="administrations")
    sequence = models.PositiveSmallIntegerField(default=1)
    corrects = models.OneToOneField("self", null=True, on_delete=models.PROTECT, related_name="corrected")
    pack_code = models.CharField(max_length=8, blank=True)
    outcome = models.CharField(max_length=12, choices=[(s, s) for s in ("given", "part_given", "missed", NOT_RECORDED)])
    volume_ml = ExactDecimalField(max_digits=DIGITS, decimal_places=PLACES, null=True)
    at = models.DateTimeField()
    given_by = models.CharField(max_length=64)
    recorded_by = models.CharField(max_length=64, default="")
    transcribed = models.BooleanField(default=False)
    recorded_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(fields=["dose", "sequence"], name="administration_in_order"),
            models.CheckConstraint(
                condition=models.Q(sequence=1, corrects=None) | models.Q(sequence__gt=1, corrects__isnull=False),
                name="administration_corrects_the_one_before",
            ),
        ]

    @property
    def is_correction(self) -> bool:
        """Whether it replaces what was recorded before, and is not the first record after one was taken back."""
        return self.corrects is not None and self.corrects.outcome != NOT_RECORDED

    def __str__(self) -> str:
        return f"{self.dose} {self.outcome}"
