"""Chance, from the operating system and nowhere else."""

from __future__ import annotations

import secrets
import uuid


def random_bytes(count: int) -> bytes:
    """`count` unpredictable bytes."""
    return secrets.token_bytes(count)


def random_text(alphabet: str, length: int) -> str:
    """`length` characters, each drawn evenly from `alphabet`."""
    return "".join(secrets.choice(alphabet) for _ in range(length))


def new_uid() -> uuid.UUID:
    """A random (version 4) UUID."""
    return uuid.uuid4()
