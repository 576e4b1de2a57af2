"""Sentences and words in the language of the person who reads a page."""

from __future__ import annotations

from typing import Any, Final

from django.utils.translation import gettext, gettext_noop

from randomization.shared.sentences import Sentence

SHOWN_WORDS: Final = (
    # roles, and who else is waited for
    gettext_noop("auditor"),
    gettext_noop("blinded monitor"),
    gettext_noop("coordinator"),
    gettext_noop("investigator"),
    gettext_noop("nurse"),
    gettext_noop("trial manager"),
    gettext_noop("code breaker"),
    gettext_noop("laboratory"),
    gettext_noop("pharmacist"),
    gettext_noop("preparer"),
    gettext_noop("safety officer"),
    gettext_noop("statistician"),
    gettext_noop("unblinded monitor"),
    gettext_noop("third party"),
    gettext_noop("courier"),
    gettext_noop("pharmacy"),
    gettext_noop("nobody"),
    # the two sides
    gettext_noop("blinded"),
    gettext_noop("unblinded"),
)
"""Words that are stored or signed in English and shown in the reader's language; each room has those of its own."""


def _part(value: Any) -> Any:
    """What somebody typed stays as it is, also where it happens to be a word of the catalogue."""
    return shown(value) if isinstance(value, Sentence) else value


def shown(text: str) -> str:
    """A sentence or word in the current language; one that is not known stays as it is."""
    if isinstance(text, Sentence):
        words = gettext(text.words)
        return words % {name: _part(value) for name, value in text.parts.items()} if text.parts else words
    return gettext(text) if text else text
