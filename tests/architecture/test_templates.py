"""Templates are read by people too: no line is too long. Their form itself is checked by `make check` (djlint)."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import pytest

ROOT: Final = Path(__file__).resolve().parents[2]
LONGEST: Final = 120
TEMPLATES: Final = sorted(
    path for package in ("immunosep_site", "pharmacy", "randomization") for path in (ROOT / package).rglob("*.html")
)

pytestmark = pytest.mark.once


def too_long(text: str) -> list[int]:
    """Numbers of the lines, from 1, that have over 120 characters."""
    return [number for number, line in enumerate(text.splitlines(), start=1) if len(line) > LONGEST]


def test_no_template_has_a_line_that_is_too_long() -> None:
    lines = [
        f"{path.relative_to(ROOT)}:{number}"
        for path in TEMPLATES
        for number in too_long(path.read_text(encoding="utf-8"))
    ]
    assert TEMPLATES
    assert lines == []


def test_a_long_line_is_seen() -> None:
    assert too_long("<p>\n" + "x" * LONGEST + "\n" + "x" * (LONGEST + 1) + "\n") == [3]
