"""Many processes randomise the same patients at once, some killed in the middle: nothing doubles, gaps or tears."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

from tests.both.databases import POSTGRESQL, Pair, fresh_pair

WORKERS = 8 if POSTGRESQL else 4
LONG = os.environ.get("FAULTS") == "all"
PATIENTS = 400 if LONG else 132
"""The long form is `make faults`."""
KILLS = 12
SECONDS_BETWEEN_KILLS = 0.25 if LONG else 0.1


def _hammer(pair: Pair, numbers: Path) -> int:
    """Workers over the same numbers; returns how many were killed."""
    arguments = (str(word) for word in (numbers, WORKERS, KILLS, SECONDS_BETWEEN_KILLS))
    return int(pair.run("blinded", "tests/both/allocation/hammer/workers.py", *arguments).stdout)


@pytest.mark.requirement("R06", "R07")
@pytest.mark.parametrize("sites", [1, 33 if LONG else 6])
def test_allocation_under_kill(template: Pair, tmp_path: Path, sites: int) -> None:
    length = PATIENTS // sites // 2 + 1
    with fresh_pair(tmp_path, f"hammer{sites}", template=template) as pair:
        done = pair.run(
            "unblinded", "tests/both/allocation/hammer/set_up.py", str(sites), str(PATIENTS), str(length), "quick"
        )
        numbers = tmp_path / "numbers.txt"
        numbers.write_text(done.stdout)
        began = time.monotonic()
        killed = _hammer(pair, numbers)
        a_second = PATIENTS / (time.monotonic() - began)
        line = pair.run("blinded", "tests/both/allocation/hammer/check.py", str(PATIENTS)).stdout
        print(f"{sites} sites, {WORKERS} processes, {killed} killed, {a_second:.1f} a second: {line}")
        assert killed >= 3
        assert " 0 lists exhausted" not in line
