"""What a person on the ward could compute from the times shown there: a statistical adversary.

A busy pharmacist, who is quicker with saline, makes the syringes of some days through the services. The adversary
reads every time that a nurse reads, and compares each syringe with the one that showed before it; what was asked for
first comes first where two show at once. The truth is used to score alone.
"""

from __future__ import annotations

import itertools
import json
import sys
import tempfile
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any

from tests.both.databases import Pair, fresh_pair
from tests.both.worlds.auc import LEVEL, PERMUTATIONS, Event, Finding, findings

PATIENTS = 36
TIMES = ("use-before", "ready", "shown")
SYSTEMS = {
    "the system as it is": "",
    "planted: use-before from the opening": "leak=use_before_from_opening",
    "planted: ready from the release": "leak=ready_from_release",
}


def play(template: Pair, folder: Path, patients: int, word: str) -> Any:
    """One ward in a process of its own, on copies of the migrated template."""
    with fresh_pair(folder / "var", f"ward{word.partition('=')[2]}", template=template) as pair:
        out, words = folder / "seen.json", [word] if word else []
        pair.run("unblinded", "-m", "tests.both.worlds.nights", str(out), str(patients), *words)
        return json.loads(out.read_text())


def _minutes(later: str, earlier: str) -> float:
    return (datetime.fromisoformat(later) - datetime.fromisoformat(earlier)).total_seconds() / 60


def _pair(scored: Mapping[str, Any], before: Mapping[str, Any], this: Mapping[str, Any]) -> Event:
    features = {f"{name} minus planned": _minutes(this[name], this["planned"]) for name in TIMES}
    features |= {f"gap of {name}": _minutes(this[name], before[name]) for name in TIMES}
    stratum = " ".join(f"{dose['route']}{min(dose['number'], 2)}" for dose in (before, this))
    return Event(scored["patient"], scored["route"], stratum, features)


def pairs_of(ward: Any) -> dict[str, list[Event]]:
    """The consecutive pairs of a ward, in minutes, by which syringe of the pair is scored."""
    shown = sorted(ward["events"], key=lambda event: str(event["shown"]))
    return {
        scored: [_pair(pair[which], *pair) for pair in itertools.pairwise(shown)]
        for which, scored in enumerate(("the one before", "the syringe itself"))
    }


def judge(ward: Any) -> list[Finding]:
    """Every feature, against the content of the syringe before and of the syringe itself."""
    return findings(pairs_of(ward), ward["contents"])


def print_ward(name: str, ward: Any, judged: Sequence[Finding]) -> None:
    """The figures of one system."""
    pairs = len(ward["events"]) - 1
    print(f"\n{name}: {pairs} pairs, {len(ward['contents'])} patients, {ward['risks']} recorded risks")
    for finding in judged:
        verdict = "inside" if finding.inside else "OUTSIDE"
        print(f"  {finding.feature:46} AUC {finding.auc:.3f}   {finding.low:.3f} to {finding.high:.3f}   {verdict}")
    print("  verdict:", "nothing is told" if all(finding.inside for finding in judged) else "the content is told")


def main() -> int:
    """Play and judge; 0 where the system tells nothing and every planted leak was noticed."""
    print(f"AUC against contents; {LEVEL:.0%} interval for all features at once, {PERMUTATIONS} permutations")
    right = True
    with (
        tempfile.TemporaryDirectory(prefix="immunosep-adversary-") as name,
        fresh_pair(Path(name) / "template", "template") as template,
        ThreadPoolExecutor(2) as pool,
    ):
        folders = {word: Path(name) / str(order) for order, word in enumerate(SYSTEMS.values())}
        played = pool.map(lambda word: partial(play, template, folders[word], PATIENTS)(word), SYSTEMS.values())
        for (title, word), ward in zip(SYSTEMS.items(), played, strict=True):
            judged = judge(ward)
            print_ward(title, ward, judged)
            right &= all(finding.inside for finding in judged) is (not word)
    return 0 if right else 1


if __name__ == "__main__":
    sys.exit(main())
