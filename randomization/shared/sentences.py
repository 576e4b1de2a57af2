"""Sentences for people at the screen: English where they are raised, kept or sent; each reader's language on a page.

A sentence is made with its English words, whatever language its reader has: trail, API and worker never see another
one. A page translates when it shows it (`randomization.delivery.sentences.shown`), by the words it was made from.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any


class Sentence(str):
    """An English sentence that knows how it was made, so that a page can say it in another language."""

    words: str
    parts: dict[str, Any]


def sentence(words: str, **parts: Any) -> str:
    """The English sentence of `words`, a text with `%(name)s` for each part; import it as `_`, to be extracted."""
    text = Sentence(words % parts if parts else words)
    text.words, text.parts = words, parts
    return text


def word(value: str) -> str:
    """A word that is stored in English, as part of a sentence: `not_eligible` as `not eligible`."""
    return sentence(value.replace("_", " "))


def joined(sentences: Iterable[str], between: str = " ") -> str:
    """Several sentences as one, each still shown in the reader's language."""
    parts = {f"part{order}": part for order, part in enumerate(sentences)}
    return sentence(between.join(f"%({name})s" for name in parts), **parts)
