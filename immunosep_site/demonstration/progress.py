"""Progress for the person who waits, on standard error."""

from __future__ import annotations

import time
from collections import Counter
from dataclasses import dataclass, field
from typing import IO, Any


@dataclass
class Bar:
    """A bar over the cases screened; redrawn at most five times a second, and only on a terminal."""

    stream: Any
    total: int
    counts: Counter[str] = field(default_factory=Counter)
    drawn: float = 0.0

    def __call__(self, what: str) -> None:
        self.counts[what] += 1
        if time.monotonic() - self.drawn > 0.2 and self.stream.isatty():
            self._draw()

    def _draw(self) -> None:
        self.drawn = time.monotonic()
        done = self.counts["screened"]
        filled = "#" * (done * 30 // self.total)
        self.stream.write(
            f"\r  screened {done:>4}/{self.total} [{filled:30}] prepared {self.counts['prepared']}", ending=""
        )
        self.stream.flush()

    def done(self) -> None:
        """The last state, with a line end."""
        self._draw()
        self.stream.write("")


@dataclass
class Progress:
    """Says what begins."""

    stream: IO[str] | Any

    def say(self, text: str) -> None:
        """One line."""
        self.stream.write(f"{text} ...")

    def bar(self, total: int) -> Bar:
        """A bar."""
        self.say(f"Screening {total} people at all sites, wards and laboratories side by side")
        return Bar(self.stream, total)
