"""Departures from the protocol, later consent, withdrawals."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db import models

from randomization.blinded.screening.models.participants import Participant


class DeviationKind(models.TextChoices):
    """What departed from the protocol; each arises by itself and is explained by a person."""

    SAMPLE_LATE = "sample shipped late"
    SAMPLE_BEFORE_CONSENT = "sample before consent"
    FIRST_DOSE_LATE = "first dose late"
    DOSE_OUTSIDE_WINDOW = "dose outside its window"
    DOSE_TOO_SOON = "dose too soon after the one before"
    DOSE_MISSED = "dose missed"
    SYRINGE_EXPIRED = "given after its use-before time"
    SYRINGE_VOID = "given from a void syringe"
    ENVELOPE = "envelope against the protocol"


class Deviation(models.Model):
    """One departure from the protocol, once for each thing it is about; its explanation stands in the trail.

    It lies here since the first of them arise here (docs/decisions/0019). `lifted_at`: what it rested on was corrected,
    and it was none.

    Blinding: blinded
    """

    participant = models.ForeignKey(Participant, on_delete=models.PROTECT, related_name="deviations")
    kind = models.CharField(max_length=40, choices=DeviationKind.choices)
    about = models.CharField(max_length=40)
    arose_at = models.DateTimeField()
    explained_at = models.DateTimeField(null=True)
    explained_by = models.CharField(max_length=64, blank=True)
    lifted_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(fields=["participant", "kind", "about"], name="deviation_once"),
        ]
        indexes: ClassVar[list[Any]] = [models.Index(fields=["arose_at"], name="deviation_arose")]

    @property
    def about_words(self) -> str:
        """What it is about, for people: a sample has no name but its id."""
        of_sample = {DeviationKind.SAMPLE_LATE, DeviationKind.SAMPLE_BEFORE_CONSENT}
        return "sample" if self.kind in of_sample else self.about

    def __str__(self) -> str:
        return f"{self.participant} {self.kind} {self.about}"


class Answer(models.TextChoices):
    """What the patient said when able to, after next of kin had consented."""

    GIVEN = "given", "given"
    REFUSED = "refused", "refused"
    NOT_POSSIBLE = "not possible", "not possible"


class LaterConsent(models.Model):
    """The patient's own answer after consent by next of kin; the last one counts.

    Blinding: blinded
    """

    append_only: ClassVar[tuple[str, ...]] = ("id",)

    participant = models.ForeignKey(Participant, on_delete=models.PROTECT, related_name="later_consents")
    answer = models.CharField(max_length=16, choices=Answer.choices)
    form_version = models.CharField(max_length=16)
    answered_at = models.DateTimeField()
    taken_by = models.CharField(max_length=64)
    recorded_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.participant}: {self.answer}"


class Scope(models.TextChoices):
    """From what somebody withdraws."""

    TREATMENT = "treatment", "treatment"
    FOLLOW_UP = "follow-up", "follow-up"
    DATA = "data", "further use of data"


class Withdrawal(models.Model):
    """That consent was withdrawn, from when on; what was recorded before stays.

    After a withdrawal from further use of data only what safety, returns and a code break need is recorded.

    Blinding: blinded
    """

    append_only: ClassVar[tuple[str, ...]] = ("participant_id", "scope")

    participant = models.ForeignKey(Participant, on_delete=models.PROTECT, related_name="withdrawals")
    scope = models.CharField(max_length=16, choices=Scope.choices)
    at = models.DateTimeField()
    recorded_by = models.CharField(max_length=64)
    recorded_at = models.DateTimeField()
    signature = models.UUIDField()

    class Meta:
        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(fields=["participant", "scope"], name="withdrawal_once"),
        ]

    def __str__(self) -> str:
        return f"{self.participant} withdrew from {self.scope}"
