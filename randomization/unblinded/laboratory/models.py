"""What the central laboratory records. Classes stand here and nowhere below; an arm stands nowhere here."""

from __future__ import annotations

import uuid
from typing import Any, ClassVar

from django.db import models
from django.utils.translation import gettext_noop as _

from randomization.shared.exact_field import ExactDecimalField
from randomization.shared.ids import dose_name
from randomization.shared.protocol import CLASSES
from randomization.unblinded.laboratory.immune_class import ImmuneClass


class Analyte(models.TextChoices):
    """What is measured; ferritin in ng/mL, HLA-DR in molecules per CD45/CD14 monocyte."""

    FERRITIN = "ferritin", _("ferritin, ng/mL")
    HLA_DR = "hla_dr", _("HLA-DR, molecules per monocyte")


class Receipt(models.Model):
    """That a sample arrived.

    Blinding: unblinded
    """

    append_only: ClassVar[tuple[str, ...]] = ("sample_uid",)

    sample_uid = models.UUIDField(primary_key=True)
    site_code = models.CharField(max_length=4)
    participant_number = models.CharField(max_length=12)
    received_at = models.DateTimeField()
    received_by = models.CharField(max_length=64)

    def __str__(self) -> str:
        return f"sample of {self.participant_number}"


class Result(models.Model):
    """One value as reported; a correction is a new row with a reason, the last one counts.

    `qualifier`: `=`, or `>` and `<` where the value lies beyond what the method measures.

    Blinding: unblinded
    """

    append_only: ClassVar[tuple[str, ...]] = ("id",)

    receipt = models.ForeignKey(Receipt, on_delete=models.PROTECT, related_name="results")
    analyte = models.CharField(max_length=8, choices=Analyte.choices)
    qualifier = models.CharField(max_length=1, choices=[("=", "="), (">", ">"), ("<", "<")])
    value = ExactDecimalField(max_digits=12, decimal_places=2)
    entered_by = models.CharField(max_length=64)
    entered_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar[list[Any]] = [
            models.CheckConstraint(condition=models.Q(value__gte=0), name="result_not_negative"),
        ]

    def __str__(self) -> str:
        return f"{self.analyte} {self.qualifier}{self.value}"


class WaitingOutcome(models.TextChoices):
    """What became of a value that waited for a second person."""

    CONFIRMED = "confirmed", _("confirmed")
    REPLACED = "replaced", _("replaced")
    WITHDRAWN = "withdrawn", _("withdrawn")


class WaitingResult(models.Model):
    """An implausible value: it counts nowhere until a second person enters it again, with its unit.

    Blinding: unblinded
    """

    receipt = models.ForeignKey(Receipt, on_delete=models.PROTECT, related_name="waiting")
    analyte = models.CharField(max_length=8, choices=Analyte.choices)
    qualifier = models.CharField(max_length=1, choices=[("=", "="), (">", ">"), ("<", "<")])
    value = ExactDecimalField(max_digits=12, decimal_places=2)
    entered_by = models.CharField(max_length=64)
    entered_at = models.DateTimeField()
    outcome = models.CharField(max_length=12, blank=True, choices=WaitingOutcome.choices)
    settled_by = models.CharField(max_length=64, blank=True)
    settled_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(
                fields=["receipt", "analyte"], condition=models.Q(outcome=""), name="one_value_waits_for_a_second"
            ),
            models.CheckConstraint(
                condition=models.Q(outcome="", settled_by="", settled_at=None)
                | (~models.Q(outcome="") & ~models.Q(settled_by="") & models.Q(settled_at__isnull=False)),
                name="waiting_value_settled_by_somebody",
            ),
            models.CheckConstraint(
                condition=~models.Q(outcome="confirmed") | ~models.Q(settled_by=models.F("entered_by")),
                name="implausible_value_entered_by_two",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.analyte} {self.qualifier}{self.value} waits"


class Classification(models.Model):
    """A class reached and the verdict sent down with it. An allocation rests on exactly one of these.

    Blinding: unblinded
    """

    append_only: ClassVar[tuple[str, ...]] = ("uid",)

    uid = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    receipt = models.ForeignKey(Receipt, on_delete=models.PROTECT, related_name="classifications")
    immune_class = models.CharField(max_length=16, choices=[(c.value, c.value) for c in ImmuneClass])
    covid19 = models.BooleanField()
    verdict = models.CharField(max_length=16)
    released_at = models.DateTimeField()
    released_by = models.CharField(max_length=64)

    def __str__(self) -> str:
        return f"classification of {self.receipt}"


class ClassCase(models.Model):
    """A correction after allocation reached another class: pharmacist and safety officer decide. Seen by nobody below.

    The class that the allocation rests on stays on record as it was (`Classification`).

    Blinding: unblinded
    """

    append_only: ClassVar[tuple[str, ...]] = ("classification_id",)

    classification = models.OneToOneField(Classification, on_delete=models.PROTECT, primary_key=True)
    participant_uid = models.UUIDField()
    participant_number = models.CharField(max_length=12)
    site_code = models.CharField(max_length=4)
    opened_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"class of {self.participant_number}"


class ClassDecision(models.Model):
    """Which class holds from which dose on: signed by pharmacist and safety officer, in force with the second.

    Blinding: unblinded
    """

    case = models.OneToOneField(ClassCase, on_delete=models.PROTECT, primary_key=True, related_name="decision")
    immune_class = models.CharField(max_length=16, choices=[(name, name) for name in CLASSES])
    signed_by = models.CharField(max_length=64)
    signed_role = models.CharField(max_length=32)
    signed_at = models.DateTimeField()
    confirmed_by = models.CharField(max_length=64, blank=True)
    confirmed_role = models.CharField(max_length=32, blank=True)
    confirmed_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar[list[Any]] = [
            models.CheckConstraint(
                condition=~models.Q(signed_by=models.F("confirmed_by"))
                & ~models.Q(signed_role=models.F("confirmed_role")),
                name="class_decided_by_two_roles",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.case}: {self.immune_class}"


class DecidedFrom(models.Model):
    """From which dose of a route a decision holds.

    Blinding: unblinded
    """

    append_only: ClassVar[tuple[str, ...]] = ("decision_id", "route")

    decision = models.ForeignKey(ClassDecision, on_delete=models.PROTECT, related_name="starts")
    route = models.CharField(max_length=2)
    number = models.PositiveSmallIntegerField()

    class Meta:
        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(fields=["decision", "route"], name="decided_from_once"),
        ]

    def __str__(self) -> str:
        return dose_name(self.route, self.number)


class ClassOnPaper(models.Model):
    """By which class a syringe of an envelope was prepared, as the paper says: for who has no eligible verdict.

    Blinding: unblinded
    """

    append_only: ClassVar[tuple[str, ...]] = ("pack_code",)

    pack_code = models.CharField(max_length=8, primary_key=True)
    participant_uid = models.UUIDField(db_index=True)
    route = models.CharField(max_length=2)
    number = models.PositiveSmallIntegerField()
    immune_class = models.CharField(max_length=16, choices=[(name, name) for name in CLASSES])
    noted_by = models.CharField(max_length=64)
    noted_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{dose_name(self.route, self.number)}: {self.immune_class}"
