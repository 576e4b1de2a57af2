"""Participants before allocation. No name, no date of birth, no hospital number, no laboratory value."""

from __future__ import annotations

import uuid
from typing import Any, ClassVar

from django.db import models

from randomization.blinded.screening.states import State
from randomization.blinded.sites.models import Site


class Verdict(models.TextChoices):
    """All that a blinded role learns of the immune class."""

    PENDING = "pending", "pending"
    ELIGIBLE = "eligible", "eligible"
    NOT_ELIGIBLE = "not eligible", "not eligible"


class Participant(models.Model):
    """One screened person, numbered in order of screening at the site that screened, `home` (`GR01-001`).

    `site` treats: it is `home` until a transfer (docs/decisions/0027).
    `consent`, `assessment`, `sample` and `confirmation` point to the last row of each: earlier ones stay.
    `person_uid` is the same in all files of one person (docs/decisions/0046): one allocation a person.

    Blinding: blinded
    """

    uid = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    number = models.CharField(max_length=12, unique=True)
    site = models.ForeignKey(Site, on_delete=models.PROTECT, related_name="participants")
    home = models.ForeignKey(Site, on_delete=models.PROTECT, related_name="enrolled")
    order = models.PositiveIntegerField()
    sepsis_at = models.DateTimeField()
    screened_at = models.DateTimeField()
    state = models.CharField(max_length=16, choices=[(state.value, state.value) for state in State])
    earlier = models.ForeignKey("self", null=True, on_delete=models.PROTECT)
    person_uid = models.UUIDField(default=uuid.uuid4, db_index=True)
    consent = models.OneToOneField("Consent", null=True, on_delete=models.PROTECT, related_name="+")
    assessment = models.OneToOneField("Assessment", null=True, on_delete=models.PROTECT, related_name="+")
    sample = models.OneToOneField("Sample", null=True, on_delete=models.PROTECT, related_name="+")
    confirmation = models.OneToOneField("Confirmation", null=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(fields=["home", "order"], name="participant_order_once"),
            models.UniqueConstraint(
                fields=["person_uid"], condition=models.Q(state=State.ALLOCATED), name="one_allocation_a_person"
            ),
        ]

    def __str__(self) -> str:
        return self.number


class SamePerson(models.Model):
    """Whether two participants of one site with equal sex and year of birth are one person; the last answer counts.

    Sex and year are those that were compared: after a correction of either the question is asked again.

    Blinding: blinded
    """

    append_only: ClassVar[tuple[str, ...]] = ("id",)

    participant = models.ForeignKey(Participant, on_delete=models.PROTECT, related_name="likenesses")
    other = models.ForeignKey(Participant, on_delete=models.PROTECT, related_name="+")
    sex = models.CharField(max_length=8)
    year_of_birth = models.PositiveSmallIntegerField()
    is_same = models.BooleanField()
    answered_by = models.CharField(max_length=64)
    answered_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar[list[Any]] = [
            models.CheckConstraint(
                condition=~models.Q(participant=models.F("other")), name="two_participants_compared"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.participant} and {self.other}: {'one person' if self.is_same else 'two persons'}"


class Attestation(models.Model):
    """What somebody at the site attests of other sites: whether this person was randomised there; the last one counts.

    Sex and year of birth are those recorded then: after a correction of either it is attested again.

    Blinding: blinded
    """

    append_only: ClassVar[tuple[str, ...]] = ("id",)

    participant = models.ForeignKey(Participant, on_delete=models.PROTECT, related_name="attestations")
    sex = models.CharField(max_length=8)
    year_of_birth = models.PositiveSmallIntegerField()
    is_randomised_elsewhere = models.BooleanField()
    attested_by = models.CharField(max_length=64)
    attested_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.participant} {'randomised' if self.is_randomised_elsewhere else 'not randomised'} elsewhere"


class Transfer(models.Model):
    """That another site of the trial treats a randomised participant from a moment on, signed.

    Blinding: blinded
    """

    append_only: ClassVar[tuple[str, ...]] = ("id",)

    participant = models.ForeignKey(Participant, on_delete=models.PROTECT, related_name="transfers")
    from_site = models.ForeignKey(Site, on_delete=models.PROTECT, related_name="+")
    to_site = models.ForeignKey(Site, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()
    recorded_by = models.CharField(max_length=64)
    signature = models.UUIDField(unique=True)

    def __str__(self) -> str:
        return f"{self.participant} {self.from_site_id} to {self.to_site_id}"


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

    Blinding: blinded
    """

    uid = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    participant = models.ForeignKey(Participant, on_delete=models.PROTECT, related_name="samples")
    covid19 = models.BooleanField()
    drawn_at = models.DateTimeField()
    shipped_at = models.DateTimeField(null=True)
    received_at = models.DateTimeField(null=True)
    verdict = models.CharField(max_length=16, choices=Verdict.choices, default=Verdict.PENDING)
    verdict_uid = models.UUIDField(null=True)
    stratum_uid = models.UUIDField(null=True)

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


class Deviation(models.Model):
    """One departure from the protocol, once for each thing it is about; its explanation stands in the trail.

    It lies here since the first of them arise here (docs/decisions/0019).

    Blinding: blinded
    """

    participant = models.ForeignKey(Participant, on_delete=models.PROTECT, related_name="deviations")
    kind = models.CharField(max_length=40, choices=DeviationKind.choices)
    about = models.CharField(max_length=40)
    arose_at = models.DateTimeField()
    explained_at = models.DateTimeField(null=True)
    explained_by = models.CharField(max_length=64, blank=True)

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
