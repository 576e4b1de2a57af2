"""Leaks planted in the product: the comparison of worlds turns red for every one of them, in the place of the leak."""

from __future__ import annotations

import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from tests.both.databases import Pair
from tests.both.worlds.comparing import IN_FULL, dumps, first_difference, run_world

SHORT = 2
CALLED = re.compile(r"call \w{8}")
READY_AT = re.compile(r"datetime\.datetime\([\d, ]+")


def contacts(dump: Any) -> object:
    """Whom to call at a site, where a kit code was written into it."""
    return CALLED.findall("".join(dump["sites_site"]))


def messages(dump: Any) -> object:
    """How many came through the hatch."""
    return len(dump["hatch_inboxmessage"])


def duty_counter(dump: Any) -> object:
    """How many rows the table of duties ever had."""
    return [row for row in dump["counters"] if "sites_duty" in row]


def first_doses(dump: Any) -> object:
    """When treatments begin."""
    return dump["bedside_course"]


def ready_times(dump: Any) -> object:
    """From when on the ward sees each syringe."""
    return [READY_AT.findall(row)[:1] for row in dump["bedside_packaging"]]


def use_before(dump: Any) -> object:
    """What else the ward is told of a syringe, beside its ready time."""
    return [READY_AT.sub("", row, count=1) for row in dump["bedside_packaging"]]


PLACES: dict[str, Callable[[Any], object]] = {
    "column": contacts,
    "count": messages,
    "rolled_back": duty_counter,
    "order": first_doses,
    "use_before_from_opening": use_before,
    "delay": ready_times,
    "ready_from_release": ready_times,
}
"""What differs between the worlds for each leak."""
TOGETHER = [[leak for leak in PLACES if leak != "delay"], ["delay", "column"]]
PLANTED = [[leak] for leak in PLACES] if IN_FULL else TOGETHER
"""Each alone in `make worlds`; in the suite all that have a place of their own at once."""


@pytest.mark.once
@pytest.mark.parametrize("leaks", PLANTED, ids="+".join)
def test_a_planted_leak_turns_it_red(template: Pair, tmp_path: Path, leaks: list[str]) -> None:
    words = [f"leak={leak}" for leak in leaks]
    with ThreadPoolExecutor() as pool:
        quiet = pool.submit(run_world, template, tmp_path / "quiet", "quiet", SHORT, *words)
        loud = pool.submit(run_world, template, tmp_path / "loud", "loud", SHORT, *words, "arms")
    assert first_difference(quiet.result(), loud.result()) is not None
    pairs = list(zip(dumps(quiet.result()), dumps(loud.result()), strict=True))
    planted = {PLACES[leak] for leak in leaks}
    for place in set(PLACES.values()):
        differs = any(place(dump) != place(other) for dump, other in pairs)
        assert differs == (place in planted), f"{place.__name__} with {leaks}"
