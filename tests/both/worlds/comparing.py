"""Play worlds side by side and find the first difference."""

from __future__ import annotations

import json
import os
import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from tests.both.databases import Pair, fresh_pair

IN_FULL = os.environ.get("WORLDS") == "all"
"""`make worlds`; the suite plays less of the same script, and looks at it less often."""
PACKAGING = re.compile(r"\(\d+, '(?P<code>\w{8})', datetime\.datetime\((?P<at>[\d, ]+)")
HEX = re.compile(r"\b(?:[0-9a-f]{128}|[0-9a-f]{64})\b")


def run_world(template: Pair, folder: Path, name: str, patients: int, *words: str) -> Any:
    """Play one world in a process of its own, on copies of the migrated template; what its blinded side saw."""
    with fresh_pair(folder / "var", f"world{name}", template=template) as pair:
        out = folder / f"{name}.json"
        pair.run(
            "unblinded", "-m", "tests.both.worlds.world", str(out), str(patients), *words, IMMUNOSEP_PAIR=pair.name
        )
        return json.loads(out.read_text())


def above(folder: Path, name: str) -> Any:
    """What the pharmacy did in a world that was played: every syringe with its risks, and what was refused."""
    return json.loads((folder / f"{name}.above.json").read_text())


def dumps(record: Any) -> list[Any]:
    """Every row of the blinded database as text, by table, at each time when it was read."""
    return [entry["seen"] for entry in record if entry["kind"] == "dump"]


def shown_times(record: Any) -> dict[str, datetime]:
    """From when on the ward sees each packaging, as it stands in the last dump, by packaging code."""
    rows = [PACKAGING.match(row) for row in dumps(record)[-1]["bedside_packaging"]]
    return {
        row["code"]: datetime(*[int(part) for part in row["at"].split(", ")][:5], tzinfo=UTC)  # type: ignore[misc,arg-type]
        for row in rows
        if row
    }


def allowed_values(record: Any) -> dict[str, str]:
    """Roots of lists, hashes of the chain, digests and signatures of messages, each value with the name of its place.

    A message that carries a root, and so every one after it, has another digest and another signature.
    """
    dump = dumps(record)[-1]
    names: dict[str, str] = {}
    for row in dump["allocation_allocationlist"]:
        for value in HEX.findall(row):
            names[value] = f"root of {re.findall(r'[0-9a-f]{8}-?[0-9a-f]{4}', row)[0]}"
    for row in dump["audit_event"]:
        where = "-".join(re.findall(r"^\((\d+), '(\w+)', (\d+)", row)[0])
        names[HEX.findall(row)[-1]] = f"hash {where}"
    for row in (*dump["inbox_applied"], *dump["inbox_parked"]):
        number = re.findall(r"^\((\d+)", row)[0]
        digest, signature = HEX.findall(row)
        names |= {digest: f"digest {number}", signature: f"signature {number}"}
    return names


def neutral(entry: Any, names: dict[str, str]) -> str:
    """An observation as text, with allowed values replaced by the names of their places."""
    return HEX.sub(lambda hit: names.get(hit[0], hit[0]), json.dumps(entry["seen"]))


def first_difference(first: Any, other: Any) -> str | None:
    """Step, kind and context of the first difference; None where the worlds are equal."""
    names: list[dict[str, str]] = []
    for entry, entry2 in zip(first, other, strict=False):
        step, kind, step2, kind2 = entry["step"], entry["kind"], entry2["step"], entry2["kind"]
        if (step, kind) != (step2, kind2):
            return f"{step} {kind} against {step2} {kind2}"
        if entry["seen"] == entry2["seen"]:
            continue
        names = names or [allowed_values(first), allowed_values(other)]
        text, text2 = neutral(entry, names[0]), neutral(entry2, names[1])
        if text != text2:
            at = next(
                (i for i, (a, b) in enumerate(zip(text, text2, strict=False)) if a != b), min(len(text), len(text2))
            )
            near = slice(max(0, at - 90), at + 60)
            return f"{step}, {kind}, offset {at}:\n  {text[near]}\n  {text2[near]}"
    return None if len(first) == len(other) else "another number of observations"
