"""Swap the arms, or the immune classes, and the blinded side does not change by a byte.

Worlds A and A show that the harness holds; B (arms swapped) and C (classes swapped) must equal A in the whole
database, every page, answer, header, log line and file. What may differ is listed by value: the commitment
root of a list (it hides the arms behind 32 random bytes a leaf) and the chain hashes that follow from it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from tests.both.databases import Pair, fresh_pair

WHOLE, SHORT = 9, 2
HEX = re.compile(r"\b[0-9a-f]{64}\b")
FORBIDDEN = re.compile(
    r"precision|control arm|\bMALS\b|\bSIP\b|anakinra|interferon|saline|unblinded\.|dummy", re.IGNORECASE
)


def run_world(template: Pair, folder: Path, name: str, patients: int, *words: str) -> Any:
    """Play one world in a process of its own, on copies of the migrated template."""
    with fresh_pair(folder / "var", f"world{name}", template=template) as pair:
        out = folder / f"{name}.json"
        pair.run(
            "unblinded", "-m", "tests.both.worlds.world", str(out), str(patients), *words, IMMUNOSEP_PAIR=pair.name
        )
        return json.loads(out.read_text())


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pair]:
    """Two migrated databases: else the moment of each migration differs."""
    with fresh_pair(tmp_path_factory.mktemp("template"), "template") as pair:
        yield pair


def allowed_values(record: Any) -> dict[str, str]:
    """Roots of lists and hashes of the chain, by value, each with the name of its place."""
    dump = next(entry["seen"] for entry in reversed(record) if entry["kind"] == "dump")
    found: dict[str, str] = {}
    for row in dump["allocation_allocationlist"]:
        for value in HEX.findall(row):
            found[value] = f"root of {re.findall(r'[0-9a-f]{8}-?[0-9a-f]{4}', row)[0]}"
    for row in dump["audit_event"]:
        where = "-".join(re.findall(r"^\((\d+), '(\w+)', (\d+)", row)[0])
        found[HEX.findall(row)[-1]] = f"hash {where}"
    return found


def neutral(record: Any) -> list[tuple[str, str, str]]:
    """Every observation as text, with allowed values replaced by the names of their places."""
    names = allowed_values(record)
    return [
        (entry["step"], entry["kind"], HEX.sub(lambda hit: names.get(hit[0], hit[0]), json.dumps(entry["seen"])))
        for entry in record
    ]


def first_difference(one: Any, other: Any) -> str | None:
    """Step, kind and context of the first difference; None where the worlds are equal."""
    for (step, kind, text), (step2, kind2, text2) in zip(neutral(one), neutral(other), strict=False):
        if (step, kind) != (step2, kind2):
            return f"{step} {kind} against {step2} {kind2}"
        if text != text2:
            at = next(
                (i for i, (a, b) in enumerate(zip(text, text2, strict=False)) if a != b), min(len(text), len(text2))
            )
            near = slice(max(0, at - 90), at + 60)
            return f"{step}, {kind}, offset {at}:\n  {text[near]}\n  {text2[near]}"
    return None if len(one) == len(other) else "another number of observations"


@pytest.fixture(scope="module")
def world_a(template: Pair, tmp_path_factory: pytest.TempPathFactory) -> Any:
    """The world that all others must equal."""
    return run_world(template, tmp_path_factory.mktemp("a"), "a", WHOLE)


@pytest.mark.requirement("R13", "R14")
@pytest.mark.parametrize("words", [(), ("arms",), ("classes",)], ids=["A", "B", "C"])
def test_the_blinded_side_does_not_change_by_a_byte(
    template: Pair, world_a: Any, tmp_path: Path, words: tuple[str, ...]
) -> None:
    other = run_world(template, tmp_path, "other", WHOLE, *words)
    assert len(other) > 250
    assert first_difference(world_a, other) is None


def test_the_observers_see_what_they_look_for(world_a: Any) -> None:
    """A look that ends at the log-in page would be equal in all worlds and prove nothing."""
    pages = [entry for entry in world_a if entry["kind"].startswith(("/", "give"))]
    for entry in pages:
        assert "log-in" not in entry["seen"]["headers"].get("Location", ""), (entry["step"], entry["kind"])
        assert "/desk/login" not in entry["seen"]["headers"].get("Location", ""), (entry["step"], entry["kind"])
    found = {(entry["kind"], entry["seen"]["status"]) for entry in pages}
    assert ("/participants/GR01-001/card.pdf", 200) in found
    assert ("/api/v1/participants/GR01-002/card.pdf", 200) in found
    dumps = [entry["seen"] for entry in world_a if entry["kind"] == "dump"]
    assert len(dumps[-1]["bedside_administration"]) >= 3
    actions = "".join(dumps[-1]["audit_event"])
    assert all(word in actions for word in ("card.print", "dose.administer", "dose.voided", "code.broken"))
    assert actions.count("ward.request") >= 4
    flags = [row for row in dumps[-1]["audit_event"] if '"may_supply":' in row]
    assert len(flags) >= 6, "the flag falls by word, by excursion and by shortage, and rises again"
    voided = [sum("dose.voided" in row for row in dump["audit_event"]) for dump in dumps]
    assert voided[-1] >= 10, "excursion and recall void every syringe of the route"
    fallen = next(row for row in dumps[-1]["audit_event"] if "clearance.record" in row)
    assert '"voided":["' in fallen


@pytest.mark.once
@pytest.mark.parametrize("leak", ["column", "count", "delay", "rolled_back", "order", "page", "log"])
def test_a_planted_leak_turns_it_red(template: Pair, tmp_path: Path, leak: str) -> None:
    with ThreadPoolExecutor() as pool:
        quiet = pool.submit(run_world, template, tmp_path / "quiet", "quiet", SHORT, f"leak={leak}")
        loud = pool.submit(run_world, template, tmp_path / "loud", "loud", SHORT, f"leak={leak}", "arms")
    assert first_difference(quiet.result(), loud.result()) is not None


@pytest.mark.requirement("R14")
def test_canary(world_a: Any) -> None:
    """No arm, class or drug in anything observed, but in the protocol's text, which everybody may read."""
    for entry in world_a:
        seen = entry["seen"]
        if entry["kind"] == "dump":
            seen = {table: rows for table, rows in seen.items() if table != "sites_protocolversion"}
        hit = FORBIDDEN.search(json.dumps(seen))
        assert hit is None, (entry["step"], entry["kind"], hit)
