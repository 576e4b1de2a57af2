"""Pages at the bedside: doses, the course of treatment, outcomes, duty."""

from __future__ import annotations

from typing import Final

from django.utils.translation import gettext_noop as _

SHOWN_WORDS: Final = (
    # states of a dose, and how the picture and a handover show it
    _("planned"),
    _("ready"),
    _("given"),
    _("part given"),
    _("missed"),
    _("not recorded"),
    _("held"),
    _("dropped"),
    _("due"),
    _("late"),
    _("not ready"),
    _("ready on the ward"),
    _("overdue"),
    _("on hold"),
    # why treatment ended, and what ends the daily scores
    _("discharge"),
    _("death"),
    _("withdrawal"),
    _("investigator's decision"),
    _("no eligible verdict"),
    _("lost to follow-up"),
)
"""Stored in English, shown in the reader's language."""
