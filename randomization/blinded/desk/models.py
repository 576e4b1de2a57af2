"""What the desk keeps: alerts, and the reviews of who may do what."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db import models
from django.utils.translation import gettext_noop as _


class AlertKind(models.TextChoices):
    """What went wrong, or is about to; every kind is seen from what blinded people know."""

    WINDOW_ENDING = "window_ending", _("72 h running out")
    SAMPLE_WAITING = "sample_waiting", _("6 h to ship running out")
    VERDICT_LATE = "verdict_late", _("verdict overdue")
    DOSE_LATE = "dose_late", _("dose late")
    LIST_LOW = "list_low", _("list low")
    NO_SUPPLY = "no_supply", _("pharmacy cannot supply")
    NOBODY_ON_DUTY = "nobody_on_duty", _("nobody on duty")
    CODE_BROKEN = "code_broken", _("code broken")
    DEVIATION_OPEN = "deviation_open", _("deviation unexplained for a week")
    NOTICE_STUCK = "notice_stuck", _("notice stuck")
    MESSAGE_REFUSED = "message_refused", _("message refused")
    MESSAGE_PARKED = "message_parked", _("message waits for what it is about")
    HATCH_STOPPED = "hatch_stopped", _("messages from the pharmacy's side stopped")


class Alert(models.Model):
    """One thing that needs somebody, once for each thing it is about; over when its cause is gone.

    Blinding: blinded
    """

    kind = models.CharField(max_length=20, choices=AlertKind.choices)
    site_code = models.CharField(max_length=4, blank=True)
    subject = models.CharField(max_length=16, blank=True)
    about = models.CharField(max_length=64)
    raised_at = models.DateTimeField()
    over_at = models.DateTimeField(null=True)
    acknowledged_at = models.DateTimeField(null=True)
    acknowledged_by = models.CharField(max_length=64, blank=True)

    class Meta:
        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(
                fields=["kind", "site_code", "subject", "about"], condition=models.Q(over_at=None), name="alert_once"
            ),
        ]
        indexes: ClassVar[list[Any]] = [
            models.Index(fields=["over_at", "raised_at"], name="alert_open"),
            models.Index(fields=["raised_at"], name="alert_raised"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.subject or self.site_code}"


class AccessReview(models.Model):
    """That somebody read who can do what where since when, and signed it.

    Blinding: blinded
    """

    append_only: ClassVar[tuple[str, ...]] = ("id",)

    reviewed_by = models.CharField(max_length=64)
    reviewed_at = models.DateTimeField()
    memberships = models.PositiveIntegerField()
    content_hash = models.CharField(max_length=64)
    signature = models.UUIDField(unique=True)

    def __str__(self) -> str:
        return f"{self.reviewed_at:%Y-%m-%d} {self.reviewed_by}"
