"""Chance, from the operating system and nowhere else.

Pure: no Django.
"""

from __future__ import annotations

import secrets
import uuid
from collections.abc import Iterable
from hashlib import sha256
from typing import TypeVar

T = TypeVar("T")


def random_bytes(count: int) -> bytes:
    """`count` unpredictable bytes."""
    return secrets.token_bytes(count)


def random_text(alphabet: str, length: int) -> str:
    """`length` characters, each drawn evenly from `alphabet`."""
    return "".join(secrets.choice(alphabet) for _turn in range(length))


def shuffled(items: Iterable[T]) -> list[T]:
    """The items in an even random order."""
    shuffled_items = list(items)
    for last in range(len(shuffled_items) - 1, 0, -1):
        other = secrets.randbelow(last + 1)
        shuffled_items[last], shuffled_items[other] = shuffled_items[other], shuffled_items[last]
    return shuffled_items


def between(least: int, most: int) -> int:
    """A whole number from `least` to `most`, each as likely."""
    return least + secrets.randbelow(most - least + 1)


def new_uid() -> uuid.UUID:
    """A random (version 4) UUID."""
    return uuid.uuid4()


def digest_of(secret: str) -> str:
    """What is kept of a secret drawn by chance (a token, a cookie, a badge, a code): SHA-256 (hex)."""
    return sha256(secret.encode()).hexdigest()
