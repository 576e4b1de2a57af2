"""One packaging operation of one dose, from opening to release or void."""

from __future__ import annotations

import uuid
from typing import Any, ClassVar

from django.db import models

from pharmacy.preparation.states import Arrangement, CheckMode, PreparationState, Risk, VoidCause
from randomization.shared.exact_field import ExactDecimalField
from randomization.shared.ids import dose_name, show_code


class Preparation(models.Model):
    """A syringe being prepared: what goes in, for whom, and the times that were fixed before it was known.

    `label_facts`: what of the site and protocol stands on its labels, as at the opening (JSON), so that a label printed
    again is the same whatever changed since. `planned_at` is the time printed on it, `ready_at` when the ward sees it
    by rule; `ready_missed`: released after that. `shown_at`: from when on the ward was told that it is there; None: it
    knows nothing of it. `cause_at`: when what made it void happened, where a replacement counts from that.

    Blinding: unblinded
    """

    uid = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    dose_uid = models.UUIDField()
    participant_number = models.CharField(max_length=12)
    site_code = models.CharField(max_length=4)
    kit_code = models.CharField(max_length=8)
    route = models.CharField(max_length=2)
    number = models.PositiveSmallIntegerField()
    planned_at = models.DateTimeField()
    pack_code = models.CharField(max_length=8, unique=True)
    level = models.CharField(max_length=8)
    immune_class = models.CharField(max_length=16)
    product = models.CharField(max_length=32)
    product_name = models.CharField(max_length=128)
    amount = models.CharField(max_length=32)
    diluent = models.CharField(max_length=64)
    draw_ml = ExactDecimalField(max_digits=6, decimal_places=3)
    final_ml = ExactDecimalField(max_digits=6, decimal_places=3)
    opened_at = models.DateTimeField()
    opened_by = models.CharField(max_length=64)
    from_envelope = models.BooleanField(default=False)
    ready_at = models.DateTimeField()
    ready_missed = models.BooleanField(default=False)
    use_before = models.DateTimeField()
    made_at = models.DateTimeField(null=True)
    made_by = models.CharField(max_length=64, blank=True)
    checked_at = models.DateTimeField(null=True)
    checked_by = models.CharField(max_length=64, blank=True)
    check_mode = models.CharField(max_length=8, blank=True, choices=[(mode.value, mode.value) for mode in CheckMode])
    released_at = models.DateTimeField(null=True)
    released_by = models.CharField(max_length=64, blank=True)
    shown_at = models.DateTimeField(null=True)
    cause_at = models.DateTimeField(null=True)
    label_facts = models.TextField(blank=True)
    void_cause = models.CharField(max_length=8, blank=True, choices=[(cause.value, cause.value) for cause in VoidCause])
    state = models.CharField(max_length=8, choices=[(state.value, state.value) for state in PreparationState])

    class Meta:
        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(
                fields=["dose_uid"], condition=~models.Q(state=PreparationState.VOIDED), name="one_live_preparation"
            ),
            models.CheckConstraint(
                condition=models.Q(checked_by="")
                | models.Q(check_mode=CheckMode.WAIVED)
                | ~models.Q(checked_by=models.F("made_by")),
                name="checked_by_another_person",
            ),
            models.CheckConstraint(
                condition=models.Q(shown_at=None) | models.Q(released_at__isnull=False), name="shown_once_released"
            ),
            models.CheckConstraint(
                condition=models.Q(cause_at=None) | models.Q(state=PreparationState.VOIDED),
                name="only_what_is_void_has_a_cause",
            ),
            models.CheckConstraint(condition=models.Q(draw_ml__gt=0), name="preparation_draws_something"),
            models.CheckConstraint(
                condition=models.Q(final_ml__gte=models.F("draw_ml")), name="preparation_fits_the_syringe"
            ),
        ]

    def __str__(self) -> str:
        return f"{show_code(self.kit_code)} {dose_name(self.route, self.number)}"


class CheckArrangement(models.Model):
    """That another site's people may check at a site, or that the check is waived there; signed by the sponsor.

    Blinding: unblinded
    """

    site_code = models.CharField(max_length=4)
    kind = models.CharField(max_length=8, choices=[(kind.value, kind.value) for kind in Arrangement])
    by_site = models.CharField(max_length=4, blank=True)
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    signed_by = models.CharField(max_length=64)
    ended_by = models.CharField(max_length=64, blank=True)

    class Meta:
        constraints: ClassVar[list[Any]] = [
            models.CheckConstraint(
                condition=models.Q(kind=Arrangement.WAIVER, by_site="")
                | (models.Q(kind=Arrangement.COVER) & ~models.Q(by_site="") & ~models.Q(by_site=models.F("site_code"))),
                name="cover_names_another_site",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.site_code} {self.kind} {self.by_site}".strip()


class RiskToBlind(models.Model):
    """Something done on purpose that could tell the ward what a syringe holds; for the unblinded monitor.

    The reason stands in the trail.

    Blinding: unblinded
    """

    site_code = models.CharField(max_length=4)
    kind = models.CharField(max_length=48, choices=[(risk.value, risk.value) for risk in Risk])
    preparation = models.ForeignKey(Preparation, on_delete=models.PROTECT, related_name="risks")
    at = models.DateTimeField()
    by = models.CharField(max_length=64)
    seen_at = models.DateTimeField(null=True)
    seen_by = models.CharField(max_length=64, blank=True)

    def __str__(self) -> str:
        return f"{self.preparation}: {self.kind}"


class EnvelopeLabel(models.Model):
    """A packaging code printed in advance for an envelope: one syringe of its first 24 hours, at one dose level.

    Blinding: unblinded
    """

    append_only: ClassVar[tuple[str, ...]] = ("pack_code",)

    pack_code = models.CharField(max_length=8, primary_key=True)
    site_code = models.CharField(max_length=4)
    slot_uid = models.UUIDField()
    kit_code = models.CharField(max_length=8)
    route = models.CharField(max_length=2)
    number = models.PositiveSmallIntegerField()
    level = models.CharField(max_length=8)

    class Meta:
        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(fields=["kit_code", "route", "number", "level"], name="envelope_label_once"),
        ]

    def __str__(self) -> str:
        return f"{show_code(self.kit_code)} {dose_name(self.route, self.number)} {self.level}"
