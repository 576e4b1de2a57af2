"""Leaks planted in the product: the comparison of worlds turns red for every one of them."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.both.databases import Pair
from tests.both.worlds.comparing import first_difference, run_world

SHORT = 2


@pytest.mark.once
@pytest.mark.parametrize(
    "leak",
    [
        "column",
        "count",
        "delay",
        "rolled_back",
        "order",
        "use_before_from_opening",
        "ready_from_release",
    ],
)
def test_a_planted_leak_turns_it_red(template: Pair, tmp_path: Path, leak: str) -> None:
    with ThreadPoolExecutor() as pool:
        quiet = pool.submit(run_world, template, tmp_path / "quiet", "quiet", SHORT, f"leak={leak}")
        loud = pool.submit(run_world, template, tmp_path / "loud", "loud", SHORT, f"leak={leak}", "arms")
    assert first_difference(quiet.result(), loud.result()) is not None
