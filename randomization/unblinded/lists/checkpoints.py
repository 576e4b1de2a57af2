"""Checkpoints of the trails: sign the heads of both sides, and compare trails with what was signed."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from django.conf import settings

from randomization.audit.selectors import hash_at, streams
from randomization.shared import clock
from randomization.shared.errors import ConfigurationError
from randomization.shared.service import Side, on_side
from randomization.unblinded.lists.custody import signing_key, verifying_key
from randomization.unblinded.vault.signing import is_signed, sign_json


def checkpoint_file(side: Side) -> Path:
    """Where the checkpoints of a side are appended; mount a folder of another machine there."""
    return Path(settings.CHECKPOINT_DIRECTORY) / f"{side}.jsonl"


def take_checkpoint(side: Side) -> dict[str, Any]:
    """Sign the heads of all chains of a side as they stand, and append a line to its file."""
    with on_side(side):
        heads = {stream.name: [stream.seq, stream.head] for stream in streams()}
    body = {"v": 1, "side": str(side), "at": clock.stamp(clock.now()), "heads": heads}
    file = checkpoint_file(side)
    file.parent.mkdir(parents=True, exist_ok=True)
    with file.open("a", encoding="utf-8") as lines:
        lines.write(json.dumps({**body, "signature": sign_json(body, signing_key())}) + "\n")
    return body


def not_covered(side: Side, file: Path) -> tuple[str, int]:
    """The moment of the last checkpoint in a file, and how many events came after it: those it says nothing of."""
    lines = [line for line in file.read_text(encoding="utf-8").splitlines() if line]
    if not lines:
        return "", 0
    last = json.loads(lines[-1])
    with on_side(side):
        now = {stream.name: stream.seq for stream in streams()}
    return str(last["at"]), sum(seq - last["heads"].get(name, [0])[0] for name, seq in now.items())


def compare(side: Side, file: Path) -> tuple[int, list[str]]:
    """How many checkpoints were compared with the trail of a side, and every difference in words.

    Raises ConfigurationError where the file cannot be read.
    """
    try:
        entries = [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines() if line]
    except (OSError, ValueError) as error:
        raise ConfigurationError(f"{file} cannot be read as checkpoints: {error}.") from error
    faults, public = [], verifying_key()
    for entry in entries:
        body = {key: value for key, value in entry.items() if key != "signature"}
        if not is_signed(body, str(entry.get("signature", "")), public) or body.get("side") != side:
            faults.append(f"the checkpoint of {body.get('at')} is not signed by this system for this side")
            continue
        for stream, (seq, head) in body["heads"].items():
            with on_side(side):
                stored_hash = hash_at(stream, seq)
            if stored_hash != head:
                what = "is gone" if stored_hash is None else "differs"
                faults.append(f"{stream} event {seq}, signed at {body['at']}, {what}")
    return len(entries), faults
