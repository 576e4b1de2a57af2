"""Heads that were kept outside: what a trail or an export must still contain.

Pure: no Django.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from randomization.audit.chain import Fault


@dataclass(frozen=True, slots=True)
class KeptHeads:
    """The heads of one side in a file of checkpoints: hash by (stream, number); how many checkpoints, the last one's
    time."""

    hashes: dict[tuple[str, int], str]
    checkpoints: int
    last_at: str

    def compare(self, hash_of: Callable[[str, int], str | None], streams: set[str]) -> tuple[int, list[Fault]]:
        """How many heads lie in these streams, and each that is gone or differs, the first of every stream."""
        faults: dict[str, Fault] = {}
        compared = 0
        for (stream, seq), kept in sorted(self.hashes.items()):
            if stream not in streams:
                continue
            compared += 1
            now = hash_of(stream, seq)
            if now != kept and stream not in faults:
                what = "is gone" if now is None else "differs"
                faults[stream] = Fault(stream, seq, f"it was the head of a checkpoint, and {what}")
        return compared, list(faults.values())


def read_heads(path: Path, side: str) -> KeptHeads:
    """Read a file of checkpoints, one a line; those of another side are left out.

    Raises OSError, ValueError or KeyError where it cannot be read. Signatures are checked by `checkpoint --compare`,
    which has the key.
    """
    lines = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]
    own = [line for line in lines if line["side"] == side]
    hashes = {(stream, int(seq)): str(digest) for line in own for stream, (seq, digest) in line["heads"].items()}
    return KeptHeads(hashes, len(own), max((str(line["at"]) for line in own), default=""))
