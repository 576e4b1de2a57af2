"""Sentences and words in the language of whoever reads a page."""

from __future__ import annotations

from typing import Any, Final

from django.utils.translation import gettext, gettext_noop

from randomization.shared.sentences import Sentence

SHOWN_WORDS: Final = (
    # states of a participant, and what the board is asked for
    gettext_noop("all"), gettext_noop("screening"), gettext_noop("not eligible"), gettext_noop("eligible"),
    gettext_noop("allocated"), gettext_noop("withdrawn"),
    # states of a dose, and how the picture and a handover show it
    gettext_noop("planned"), gettext_noop("ready"), gettext_noop("given"), gettext_noop("part given"),
    gettext_noop("missed"), gettext_noop("held"), gettext_noop("dropped"), gettext_noop("due"), gettext_noop("late"),
    gettext_noop("not ready"), gettext_noop("ready on the ward"), gettext_noop("overdue"), gettext_noop("on hold"),
    # why treatment ended, and what ends the daily scores
    gettext_noop("discharge"), gettext_noop("death"), gettext_noop("withdrawal"),
    gettext_noop("investigator's decision"), gettext_noop("lost to follow-up"),
    # departures from the protocol, and what they are about
    gettext_noop("sample shipped late"), gettext_noop("sample before consent"), gettext_noop("first dose late"),
    gettext_noop("dose outside its window"), gettext_noop("dose too soon after the one before"),
    gettext_noop("dose missed"), gettext_noop("given after its use-before time"),
    gettext_noop("given from a void syringe"), gettext_noop("first dose"), gettext_noop("sample"),
    # roles, and who else is waited for
    gettext_noop("auditor"), gettext_noop("blinded monitor"), gettext_noop("coordinator"),
    gettext_noop("investigator"), gettext_noop("nurse"), gettext_noop("trial manager"), gettext_noop("code breaker"),
    gettext_noop("laboratory"), gettext_noop("pharmacist"), gettext_noop("preparer"), gettext_noop("safety officer"),
    gettext_noop("statistician"), gettext_noop("unblinded monitor"), gettext_noop("third party"),
    gettext_noop("courier"), gettext_noop("pharmacy"), gettext_noop("nobody"),
    # other words of a file, and the two sides
    gettext_noop("pending"), gettext_noop("patient"), gettext_noop("next of kin"), gettext_noop("female"),
    gettext_noop("male"), gettext_noop("blinded"), gettext_noop("unblinded"), gettext_noop("treatment"),
    gettext_noop("follow-up"), gettext_noop("further use of data"),
    gettext_noop("made-up patient"),
)  # fmt: skip
"""Words that are stored or signed in English and shown in the reader's language."""


def _part(value: Any) -> Any:
    """What somebody typed stays as it is, also where it happens to be a word of the catalogue."""
    return shown(value) if isinstance(value, Sentence) else value


def shown(text: str) -> str:
    """A sentence or word in the current language; one that is not known stays as it is."""
    if isinstance(text, Sentence):
        words = gettext(text.words)
        return words % {name: _part(value) for name, value in text.parts.items()} if text.parts else words
    return gettext(text) if text else text
