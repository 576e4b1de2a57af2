"""A language that nobody speaks: every translated text stands in brackets, and what was never marked stands outside."""

from __future__ import annotations

import html
import re
from collections.abc import Iterable
from typing import Any, Final

import pytest
from django.test import Client
from django.utils import translation

OPEN, CLOSE = "⟦", "⟧"
HEARD: Final = re.compile(r'(?:aria-label|title|placeholder|alt|data-announce)="([^"]*)"')
UNSEEN: Final = re.compile(
    r"<(script|style|head|code|desc)\b.*?</\1>|<!--.*?-->|<select id=.language.*?</select>", re.DOTALL
)
SAME: Final = "ImmunoSep|UTC|IV|SC|CSV|PDF|SOFA|COVID|mL"
"""What is the same in every language."""
NO_WORDS: Final = re.compile(
    r"\b[0-9A-Z]{4}-[0-9A-Z]{4}\b|\b[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\b|[\w.-]+@[\w.]+|\b[a-z_]+\.[a-z_.0-9]+\b|[\w/-]*/[\w/-]*|\b\w*\d\w*\b"
    r"|\b[A-Z2-7]{32}\b"
    rf"|\b({SAME}|GR|DE)\b"
)
"""User names, addresses, codes, hashes, base32 secrets, and what is the same in every language."""
WORD: Final = re.compile(r"[^\W\d_]{2,}")


def speak_it(patch: pytest.MonkeyPatch) -> None:
    """From now on every translation answers in brackets; a list for `yesno` in each of its parts."""
    real: Any = translation._trans  # type: ignore[attr-defined]

    def one(message: str) -> str:
        parts = message.split(",") if re.fullmatch(r"[^,]+(,[^, ][^,]*)+", message) else [message]
        return ",".join(f"{OPEN}{part}{CLOSE}" for part in parts) if message else message

    def counted(single: str, plural: str, number: int) -> str:
        return one(single if number == 1 else plural)

    patch.setattr(real, "gettext", one)
    patch.setattr(real, "pgettext", lambda context, message: one(message))
    patch.setattr(real, "ngettext", counted)
    patch.setattr(real, "npgettext", lambda context, *words: counted(*words))


def _outside(text: str) -> str:
    """What of a text stands in no brackets."""
    kept, depth = [], 0
    for letter in text:
        depth += (letter == OPEN) - (letter == CLOSE)
        if depth == 0 and letter != CLOSE:
            kept.append(letter)
    return "".join(kept)


def words_left(page: str) -> list[str]:
    """The words of a page that nobody marked, seen or heard; without codes and names."""
    page = UNSEEN.sub(" ", page)
    heard = [_outside(html.unescape(text)) for text in HEARD.findall(page)]
    seen = _outside(html.unescape(re.sub(r"<[^>]*>", " ", page)))
    return [word for text in (seen, *heard) for word in WORD.findall(NO_WORDS.sub(" ", text))]


def check_every_word(pages: Iterable[tuple[Client, str]], data: Iterable[str]) -> int:
    """Every word of these pages is marked, or stands in the data that they show; so do their answers to nothing typed.

    Returns how many pages were read.
    """
    read = 0
    for client, address in pages:
        answers = [client.get(address)]
        if b" novalidate" in answers[0].content:
            answers.append(client.post(address, {}))
        shown = [
            page for page in answers if page.headers["Content-Type"].startswith("text/html") and page.status_code != 302
        ]
        check_answers([(address, page) for page in shown], data)
        read += len(shown)
    return read


def check_answers(answers: Iterable[tuple[str, Any]], data: Iterable[str]) -> None:
    """Every word of these answers is marked, or stands in the data that they show."""
    known = {word for text in data for word in WORD.findall(text)}
    for address, answer in answers:
        left = [word for word in words_left(answer.content.decode()) if word not in known]
        assert left == [], (address, answer.status_code, left)
