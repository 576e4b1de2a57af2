"""Why a code is broken."""

from __future__ import annotations

from django.db.models import TextChoices


class Category(TextChoices):
    """The category a person states; the reason says more."""

    EMERGENCY = "emergency", "medical emergency: treatment depends on it"
    SAFETY_REPORT = "safety_report", "safety report to a regulator"
    OTHER = "other", "other (say which)"
    DRILL = "drill", "rehearsal on a made-up patient"
