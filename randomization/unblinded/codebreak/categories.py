"""Why a code is broken, and how the answer reached the person who needed it."""

from __future__ import annotations

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class Category(TextChoices):
    """The category a person states; the reason says more."""

    EMERGENCY = "emergency", _("medical emergency: treatment depends on it")
    SAFETY_REPORT = "safety_report", _("safety report to a regulator")
    OTHER = "other", _("other (say which)")
    DRILL = "drill", _("rehearsal on a made-up patient")


class Way(TextChoices):
    """Who has seen the answer: who broke the code, a third party told by code, or who read a pack."""

    SCREEN = "screen", _("on the screen")
    THIRD_PARTY = "third_party", _("told to a third party")
    PACK = "pack", _("from the emergency pack, entered later")


class Necessity(TextChoices):
    """Whether treatment depended on the answer, as judged afterwards."""

    NEEDED = "needed", _("yes: treatment depended on it")
    NOT_NEEDED = "not_needed", _("no: it was not needed")
    PLANNED = "planned", _("it was planned, for a report")
