"""What a notice says, in words that name no arm, class or drug: the same on both sides, in every language."""

from __future__ import annotations

from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

WORDS: Final[dict[str, Promise]] = {
    "allocated": _("a participant is randomised"),
    "verdict": _("the laboratory's verdict is there"),
    "code_broken": _("a code was broken"),
    "transfer": _("a participant is transferred to your site"),
    "covid19_corrected": _("a COVID-19 answer was corrected"),
    "misallocation": _("a randomisation was recorded as wrong"),
    "window_ending": _("the 72 hours are running out"),
    "sample_waiting": _("a sample must be shipped"),
    "verdict_late": _("a verdict is overdue"),
    "dose_late": _("a dose is late"),
    "list_low": _("the list of a site is low"),
    "no_supply": _("the pharmacy of a site cannot supply"),
    "nobody_on_duty": _("nobody is on duty by the duty table"),
    "notice_stuck": _("notices are not being sent"),
    "message_refused": _("a message between the two sides was refused"),
    "message_parked": _("a message between the two sides waits for what it is about"),
    "hatch_stopped": _("messages between the two sides are stopped"),
    "sides_differ": _("the two sides do not agree: one of them may be an older copy"),
    "class_case": _("a case waits for a decision"),
    "night_sheet": _("the night sheet is ready"),
    "check_wanted": _("a second check is wanted"),
    "blind_risk": _("something needs the monitor's eyes"),
    "prepare": _("a kit is to be prepared"),
    "query": _("a question about the accounts waits"),
    "query_answered": _("a question about the accounts was answered"),
    "excursion": _("something in stock is on hold"),
    "destruction": _("an order to destroy stock waits, or has ended"),
    "removal": _("units taken out of stock wait for a second person, or are disputed"),
    "readmitted": _("your password was set anew; if you did not ask for it, call the sponsor"),
    "recall": _("something in stock is recalled"),
    "voided": _("prepared syringes became void: look what must be prepared again"),
    "dose_voided": _("a syringe on the ward became void: do not give it, return it to the pharmacy"),
}
"""By kind of entry; a kind that is not here reads as `NEWS`."""
NEWS: Final = _("there is news")


def words_for(kind: str) -> str:
    """The words of a kind in the current language."""
    return str(WORDS.get(kind, NEWS))
