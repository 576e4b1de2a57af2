"""Swap the arms, or the immune classes, and the blinded side does not change by a byte.

Worlds A and A show that the harness holds; B (arms swapped), C (classes swapped) and D (other minutes for saline and
drug) must equal A in the whole database, every page, answer, header, log line and file. What may differ is listed by
value: the commitment root of a list (it hides the arms behind 32 random bytes a leaf) and the chain hashes that follow
from it. A pharmacist who is too slow is seen: what the ward may learn then is listed, and on record.
"""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

import pytest

from tests.both.databases import Pair
from tests.both.worlds.comparing import IN_FULL, above, first_difference, run_world, shown_times
from tests.both.worlds.forbidden import FORBIDDEN
from tests.conftest import POSTGRESQL

WHOLE = 9
LATE = "shown later than fixed"
RISKS = {"handed over now", "prepared while a product was missing", "voided by a person", LATE}
EXCEPTIONS = ["GR01-007 SC 1", "GR01-008 SC 1", "GR01-009 SC 1"]
"""What the slow pharmacist shows late: as the queue grows, the last patients of the morning."""


WORLDS = {"B": ("arms",), "C": ("classes",), "D": ("minutes=13,9",)}
PLAYED = "B" if POSTGRESQL and not IN_FULL else "BCD"
TWO_DAYS = () if IN_FULL else ("until=second doses given",)
LENGTH = {"A": TWO_DAYS if POSTGRESQL else (), "B": TWO_DAYS if POSTGRESQL else (), "C": TWO_DAYS, "D": TWO_DAYS}
"""The suite: A and B in full, C and D for two days; on PostgreSQL two days of A and B. `make worlds`: all in full."""


@pytest.fixture(scope="module")
def folder_a(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the first world keeps what it saw."""
    return tmp_path_factory.mktemp("a")


@pytest.fixture(scope="module")
def world_a(template: Pair, folder_a: Path) -> Any:
    """The world that all others must equal."""
    return run_world(template, folder_a, "a", WHOLE, *LENGTH["A"])


@pytest.mark.requirement("R13", "R14")
@pytest.mark.parametrize("name", PLAYED)
def test_the_blinded_side_does_not_change_by_a_byte(
    template: Pair, world_a: Any, folder_a: Path, tmp_path: Path, name: str
) -> None:
    other = run_world(template, tmp_path, "other", WHOLE, *WORLDS[name], *LENGTH[name])
    assert len(other) > (1000 if IN_FULL else 200 if LENGTH[name] else 500)
    assert difference_from(world_a, other, LENGTH[name]) is None
    if not LENGTH[name]:
        _check_the_pharmacist_was_busy(above(folder_a, "a"), above(tmp_path, "other"))


def difference_from(world_a: Any, other: Any, length: tuple[str, ...]) -> str | None:
    """The first difference; where the other world ended earlier than A, until then."""
    if length == LENGTH["A"]:
        return first_difference(world_a, other)
    looks = [entry for entry in other if entry["step"] != "end"][:-1]
    assert len(looks) > 200
    return first_difference(world_a[: len(looks)], looks)


@pytest.mark.once
@pytest.mark.requirement("R14")
def test_the_harness_holds(template: Pair, world_a: Any, tmp_path: Path) -> None:
    """The same world again: a difference between two others is then none of the harness."""
    again = run_world(template, tmp_path, "again", WHOLE, *TWO_DAYS)
    assert difference_from(world_a, again, TWO_DAYS) is None


def _check_the_pharmacist_was_busy(first: Any, other: Any) -> None:
    """The worlds differ where it must not tell: with equal minutes for drug and saline nothing would be proven."""
    opened, opened_there = [
        {(row["dose"], row["pack_code"]): row["opened_at"] for row in world["prepared"]} for world in (first, other)
    ]
    assert opened.keys() == opened_there.keys(), "the same syringes, with the same codes"
    moved = [key for key, at in opened.items() if at != opened_there[key]]
    assert len(moved) >= 20, "a syringe is opened when the one before it is done"
    assert {kind for row in first["prepared"] for kind in row["risks"]} >= RISKS
    assert "route_short" in first["refused"]


@pytest.mark.once
@pytest.mark.requirement("R14")
def test_what_a_slow_pharmacist_shows_is_late_and_on_record(
    template: Pair, world_a: Any, folder_a: Path, tmp_path: Path
) -> None:
    """Only what is released after its ready time is seen at another time: each of these doses is a recorded risk."""
    slow = run_world(template, tmp_path, "slow", WHOLE, "minutes=16,26", *TWO_DAYS)
    before, after = shown_times(world_a), shown_times(slow)
    assert len(after) >= 2 * WHOLE
    assert before.keys() >= after.keys() if TWO_DAYS else before.keys() == after.keys()
    before = {pack_code: before[pack_code] for pack_code in after}
    exceptions = {pack_code for pack_code, at in before.items() if at != after[pack_code]}
    late = [
        {syringe["pack_code"]: syringe["dose"] for syringe in world["prepared"] if LATE in syringe["risks"]}
        for world in (above(folder_a, "a"), above(tmp_path, "slow"))
    ]
    assert exceptions == late[1].keys() - late[0].keys()
    assert sorted(late[1][pack_code] for pack_code in exceptions) == EXCEPTIONS
    assert {after[pack_code].minute % 30 for pack_code in exceptions} == {0}, "shown at a half hour"
    together = {after[pack_code] for pack_code in exceptions if late[1][pack_code].startswith("GR01-009")}
    assert len(together) == 1, "the late doses of a patient together"


@pytest.mark.once
def test_the_observers_see_what_they_look_for(world_a: Any) -> None:
    """A look that ends at the log-in page would be equal in all worlds and prove nothing."""
    pages = [entry for entry in world_a if entry["kind"].startswith(("/", "give"))]
    for entry in pages:
        assert "log-in" not in entry["seen"]["headers"].get("Location", ""), (entry["step"], entry["kind"])
        assert "/desk/login" not in entry["seen"]["headers"].get("Location", ""), (entry["step"], entry["kind"])
    answers = {(entry["kind"], entry["seen"]["status"]) for entry in pages}
    assert ("/participants/GR01-001/card.pdf", 200) in answers
    assert ("/api/v1/participants/GR01-002/card.pdf", 200) in answers
    dumps = [entry["seen"] for entry in world_a if entry["kind"] == "dump"]
    assert len(dumps[-1]["bedside_administration"]) >= 3
    actions = "".join(dumps[-1]["audit_event"])
    assert all(word in actions for word in ("card.print", "dose.administer", "dose.voided", "code.broken"))
    assert all(word in actions for word in ("inbox.foreign", "inbox.release", "inbox.parked"))
    assert actions.count("ward.request") >= 4
    asked = [entry for entry in world_a if entry["kind"].endswith(("/hold/ unread", "/course/ hold"))]
    assert {entry["seen"]["status"] for entry in asked} == {200, 409}, "asked, and nothing done"
    assert len({entry["kind"] for entry in asked}) >= 6, "of several patients"
    assert all("ready for this patient" in entry["seen"]["body"] for entry in asked)
    assert actions.count("course.hold") == 1
    rows = [row for row in dumps[-1]["notices_entry"] if "dose_voided" in row]
    assert any("GR01-004" in row for row in rows), "the colleagues of who held read of it"
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
    difference = first_difference(world_a, other)
    assert difference is not None
    assert f"{world_a[at]['step']}, {kind}," in difference


@pytest.mark.requirement("R14")
def test_canary(world_a: Any) -> None:
    """No arm, class or drug in anything observed, but in the protocol's text, which everybody may read."""
    for entry in world_a:
        seen = entry["seen"]
        if entry["kind"] == "dump":
            seen = {table: rows for table, rows in seen.items() if table != "sites_protocolversion"}
        hit = FORBIDDEN.search(json.dumps(seen))
        assert hit is None, (entry["step"], entry["kind"], hit)
