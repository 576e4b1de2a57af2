"""Pages of the pharmacy: the worklist, the steps of a preparation, its labels, and who may check where."""

from __future__ import annotations

from typing import Final

from django.utils.translation import gettext_noop as _

SHOWN_WORDS: Final = (
    # states, dose levels, and steps that are next
    _("opened"),
    _("made"),
    _("checked"),
    _("released"),
    _("voided"),
    _("full"),
    _("reduced"),
    _("make"),
    _("check"),
    _("release"),
    # how the second check was done, and what put the blind at risk
    _("local"),
    _("remote"),
    _("waived"),
    _("handed over now"),
    _("prepared while a product was missing"),
    _("voided by a person"),
    _("shown later than fixed"),
    # what the ward asks for
    _("needed earlier"),
    _("line failed, replace"),
)
"""Words that are stored in English and shown in the reader's language."""
