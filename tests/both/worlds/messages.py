"""The real time of messages through the hatch, by content and class: on SQLite, and on PostgreSQL where it answers.

Every comparison is made twice: of the system as it is, and with a delay planted for drug and MALS, which must be
noticed. By default each has `PAIRS` pairs, and syringes are not played with the delay; `--long` does that too.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from tests.both.databases import POSTGRESQL, Pair, fresh_pair
from tests.both.worlds.paired import ALPHA, Pairs, compare, seen_from

PAIRS = 200
LONG = "--long"
TOLD_BY_ITS_WORD = ("MALS", "unclassified")
"""The ward reads whether somebody is eligible: this comparison is printed, and is no verdict over the system."""


def _times(pairs: Sequence[Any], what: str) -> Pairs:
    return [(first[what], second[what]) for first, second in pairs]


def _line(name: str, pairs: Pairs) -> str:
    compared = compare(pairs)
    return (
        f"    {name:10}{compared.first:8.1f} v {compared.second:.1f} ms, ratio {compared.ratio:.3f}, "
        f"p {compared.p:.4f}; would be seen from {seen_from(pairs):.1%}"
    )


def _statements(pairs: Sequence[Any]) -> str:
    counts = sorted({taken["statements"] for pair in pairs for taken in pair})
    equal = sum(first["statements"] == second["statements"] for first, second in pairs)
    return f"    statements {counts[0]} to {counts[-1]}, equal in {equal} of {len(pairs)} pairs"


def measure(template: Pair, folder: Path, kind: str, *, planted: bool) -> bool:
    """Play, print the figures; whether what is told is what should be."""
    name = f"{kind}{'planted' * planted}"
    with fresh_pair(folder / name, name, template=template) as pair:
        out, words = folder / f"{name}.json", ["plant"] if planted else []
        pair.run("unblinded", "-m", "tests.both.worlds.waiting", str(out), kind, str(PAIRS), *words)
        played = json.loads(out.read_text())
    right = True
    for kinds, pairs in zip(played["kinds"], played["pairs"], strict=True):
        real, cpu = _times(pairs, "real"), _times(pairs, "cpu")
        is_told = min(compare(real).p, compare(cpu).p) < ALPHA
        verdict = "the content is told" if is_told else "nothing is told"
        planted_words = " with a planted delay" if planted else ""
        print(f"  {kind}, {kinds[0]} v {kinds[1]}{planted_words}: {len(pairs)} pairs, {verdict}")
        print(_line("real time", real), _line("CPU time", cpu), _statements(pairs), sep="\n")
        if tuple(kinds) != TOLD_BY_ITS_WORD:
            right &= is_told is planted
    if played["others"]:
        print(f"    not counted, since others went with them: {played['others']}")
    return right


def on_this_database(runs: Sequence[tuple[str, bool]]) -> bool:
    """All runs on the database that the environment names."""
    print(f"\nMessages carried down and applied, {'PostgreSQL' if POSTGRESQL else 'SQLite'}; p under {ALPHA} tells")
    right = True
    with (
        tempfile.TemporaryDirectory(prefix="immunosep-waiting-") as name,
        fresh_pair(Path(name) / "template", "template") as template,
    ):
        for kind, planted in runs:
            right &= measure(template, Path(name), kind, planted=planted)
            sys.stdout.flush()
    return right


def postgresql() -> str:
    """The address of a server that answers; empty where none does."""
    host = os.environ.get("POSTGRESQL_URL", "postgresql://127.0.0.1:5432").removeprefix("postgresql://")
    user = os.environ.get("POSTGRESQL_USER", "postgres")
    address = f"postgresql://{host if '@' in host else f'{user}@{host}'}"
    if shutil.which("psql") is None:
        return ""
    answered = subprocess.run(["psql", f"{address}/postgres", "-qAtc", "select 1"], capture_output=True)
    return address if answered.returncode == 0 else ""


def main() -> int:
    """0 where nothing is told by the system as it is and every planted delay was noticed, on each database."""
    runs = [("syringe", False), ("verdict", False), ("verdict", True)]
    if LONG in sys.argv:
        runs.append(("syringe", True))
    if POSTGRESQL:
        return 0 if on_this_database(runs) else 1
    right = on_this_database(runs)
    address = postgresql()
    if not address:
        print("\nPostgreSQL does not answer here: not measured")
        return 0 if right else 1
    there = {**os.environ, "DATABASE_URL": f"{address}/immunosep_unblinded"}
    right &= (
        subprocess.run([sys.executable, "-m", "tests.both.worlds.messages", *sys.argv[1:]], env=there).returncode == 0
    )
    return 0 if right else 1


if __name__ == "__main__":
    sys.exit(main())
