"""What is recorded of a participant before allocation. Never a laboratory value."""

from __future__ import annotations

import uuid
from typing import Any, ClassVar

from django.db import models

from randomization.blinded.screening.models.participants import Participant
from randomization.shared.verdict import Verdict


class Consent(models.Model):
    """Who consented, by which form, when. A correction is a new row with a reason; the last one counts.

    Blinding: blinded
    """

    append_only: ClassVar[tuple[str, ...]] = ("id",)

    participant = models.ForeignKey(Participant, on_delete=models.PROTECT, related_name="consents")
    given_by = models.CharField(max_length=16, choices=[("patient", "patient"), ("next_of_kin", "next of kin")])
    relation = models.CharField(max_length=64, blank=True)
    form_version = models.CharField(max_length=16)
    given_at = models.DateTimeField()
    taken_by = models.CharField(max_length=64)
    recorded_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.participant} {self.form_version}"


class Assessment(models.Model):
    """The answers of the eligibility form. A correction is a new row with a reason; the last one counts.

    Blinding: blinded
    """

    append_only: ClassVar[tuple[str, ...]] = ("id",)

    participant = models.ForeignKey(Participant, on_delete=models.PROTECT, related_name="assessments")
    answers = models.TextField()
    sex = models.CharField(max_length=8, choices=[("female", "female"), ("male", "male")])
    year_of_birth = models.PositiveSmallIntegerField()
    neutrophils_per_mm3 = models.PositiveIntegerField()
    recorded_by = models.CharField(max_length=64)
    recorded_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.participant} {self.recorded_at:%Y-%m-%d %H:%M}"


class Draft(models.Model):
    """What is typed into the eligibility form and not recorded yet, so that a time-out loses nothing.

    Blinding: blinded
    """

    participant = models.OneToOneField(Participant, on_delete=models.CASCADE, primary_key=True, related_name="draft")
    answers = models.TextField()
    saved_by = models.CharField(max_length=64)
    saved_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.participant} draft"


class Sample(models.Model):
    """One blood sample, as the ward knows it: drawn, shipped, received, verdict. Never a value.

    `covid19` stands on the request form, since the verdict is over the sample with that flag.
    `stratum_uid` names the list to use where the plan is stratified; it is opaque and never shown.
    `unusable_at`: lost or spoilt before it was judged; the sample before it counts again.
    `was_judged_with_covid19`: a verdict over it with the answer yes was told here, whatever the answer became.

    Blinding: blinded
    """

    uid = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    participant = models.ForeignKey(Participant, on_delete=models.PROTECT, related_name="samples")
    covid19 = models.BooleanField()
    drawn_at = models.DateTimeField()
    shipped_at = models.DateTimeField(null=True)
    received_at = models.DateTimeField(null=True)
    verdict = models.CharField(
        max_length=16, choices=[(verdict.value, verdict.value) for verdict in Verdict], default=Verdict.PENDING
    )
    verdict_uid = models.UUIDField(null=True)
    stratum_uid = models.UUIDField(null=True)
    unusable_at = models.DateTimeField(null=True)
    was_judged_with_covid19 = models.BooleanField(default=False)

    class Meta:
        constraints: ClassVar[list[Any]] = [
            models.CheckConstraint(
                condition=models.Q(unusable_at=None) | models.Q(verdict_uid=None), name="judged_sample_is_usable"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.participant} sample of {self.drawn_at:%Y-%m-%d %H:%M}"


class Confirmation(models.Model):
    """A physician's signature over all answers and times, with the outcome and all its reasons.

    Blinding: blinded
    """

    append_only: ClassVar[tuple[str, ...]] = ("id",)

    participant = models.ForeignKey(Participant, on_delete=models.PROTECT, related_name="confirmations")
    signature = models.UUIDField(unique=True)
    signed_by = models.CharField(max_length=64)
    signed_at = models.DateTimeField()
    content_hash = models.CharField(max_length=64)
    eligible = models.BooleanField()
    reasons = models.TextField()

    def __str__(self) -> str:
        return f"{self.participant} {'eligible' if self.eligible else 'not eligible'}"
