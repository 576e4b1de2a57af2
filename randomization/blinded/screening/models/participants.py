"""Whom the trial screened, and who is who. No name, no date of birth, no hospital number."""

from __future__ import annotations

import uuid
from typing import Any, ClassVar

from django.db import models

from randomization.blinded.screening.states import State
from randomization.blinded.sites.models import Site


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
