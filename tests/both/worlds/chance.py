"""Chance that repeats: before anything else is imported, the system's entropy becomes a counter stream.

Reseeded at each step, so that one draw more on one side does not shift everything after it.
"""

from __future__ import annotations

import hashlib
import os
import random


class Stream:
    """SHAKE-256 of the seed and a counter."""

    def __init__(self) -> None:
        self.seed, self.count = b"", 0

    def reseed(self, seed: str) -> None:
        """Start the stream of this step."""
        self.seed, self.count = seed.encode(), 0

    def read(self, size: int) -> bytes:
        """The next bytes."""
        self.count += 1
        return hashlib.shake_256(self.seed + self.count.to_bytes(8, "big")).digest(size)


STREAM = Stream()


def install() -> None:
    """Replace the sources that `secrets`, `uuid` and `random` draw from."""
    os.urandom = STREAM.read
    random._urandom = STREAM.read  # type: ignore[attr-defined]
