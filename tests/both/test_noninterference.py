"""Swap the arms, or the immune classes, and the blinded side does not change by a byte.

Worlds A and A show that the harness holds; B (arms swapped) and C (classes swapped) must equal A in the whole
database, every page, answer, header, log line and file. What may differ is listed by value: the commitment
root of a list (it hides the arms behind 32 random bytes a leaf) and the chain hashes that follow from it.
"""

from __future__ import annotations

import copy
import json
import re
from pathlib import Path
from typing import Any

import pytest

from tests.both.databases import Pair
from tests.both.worlds.comparing import first_difference, run_world

WHOLE = 9
FORBIDDEN = re.compile(
    r"precision|control arm|\bMALS\b|\bSIP\b|anakinra|interferon|saline|unblinded\.|dummy", re.IGNORECASE
)


@pytest.fixture(scope="module")
def world_a(template: Pair, tmp_path_factory: pytest.TempPathFactory) -> Any:
    """The world that all others must equal."""
    return run_world(template, tmp_path_factory.mktemp("a"), "a", WHOLE)


@pytest.mark.requirement("R13", "R14")
@pytest.mark.parametrize(
    "words",
    [
        pytest.param((), marks=pytest.mark.once, id="A"),
        pytest.param(("arms",), id="B"),
        pytest.param(("classes",), id="C"),
    ],
)
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
    assert all(word in actions for word in ("inbox.foreign", "inbox.release", "inbox.parked"))
    assert actions.count("ward.request") >= 4
    flags = [row for row in dumps[-1]["audit_event"] if '"may_supply":' in row]
    assert len(flags) >= 6, "the flag falls by word, by excursion and by shortage, and rises again"
    voided = [sum("dose.voided" in row for row in dump["audit_event"]) for dump in dumps]
    assert voided[-1] >= 10, "excursion and recall void every syringe of the route"
    fallen = next(row for row in dumps[-1]["audit_event"] if "clearance.record" in row)
    assert '"voided":["' in fallen


@pytest.mark.parametrize(
    ("kind", "planted"),
    [
        ("/participants/", lambda seen: seen["headers"].update({"Content-Length": "1"})),
        ("/participants/GR01-001/", lambda seen: seen.update(body=seen["body"] + " ")),
        ("log", lambda seen: "one line more"),
    ],
    ids=["header", "body", "log"],
)
def test_one_byte_of_a_page_or_of_the_log_turns_it_red(world_a: Any, kind: str, planted: Any) -> None:
    at = max(order for order, entry in enumerate(world_a) if entry["kind"] == kind)
    other = [*world_a]
    other[at] = copy.deepcopy(world_a[at])
    other[at]["seen"] = planted(other[at]["seen"]) or other[at]["seen"]
    found = first_difference(world_a, other)
    assert found is not None
    assert f"{world_a[at]['step']}, {kind}," in found


@pytest.mark.requirement("R14")
def test_canary(world_a: Any) -> None:
    """No arm, class or drug in anything observed, but in the protocol's text, which everybody may read."""
    for entry in world_a:
        seen = entry["seen"]
        if entry["kind"] == "dump":
            seen = {table: rows for table, rows in seen.items() if table != "sites_protocolversion"}
        hit = FORBIDDEN.search(json.dumps(seen))
        assert hit is None, (entry["step"], entry["kind"], hit)
