"""Why a code is broken, and how the answer reached whoever needed it."""

from __future__ import annotations

from django.db.models import TextChoices


class Category(TextChoices):
    """The category a person states; the reason says more."""

    EMERGENCY = "emergency", "medical emergency: treatment depends on it"
    SAFETY_REPORT = "safety_report", "safety report to a regulator"
    OTHER = "other", "other (say which)"
    DRILL = "drill", "rehearsal on a made-up patient"


class Way(TextChoices):
    """Who has seen the answer: the person who broke the code, a third party told by code, or whoever read a pack."""

    SCREEN = "screen", "on the screen"
    THIRD_PARTY = "third_party", "told to a third party"
    PACK = "pack", "from the emergency pack, entered later"


class Necessity(TextChoices):
    """Whether treatment depended on the answer, as judged afterwards."""

    NEEDED = "needed", "yes: treatment depended on it"
    NOT_NEEDED = "not_needed", "no: it was not needed"
    PLANNED = "planned", "it was planned, for a report"
