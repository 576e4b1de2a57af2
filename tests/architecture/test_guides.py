"""What a developer reads: paths and links in it are there, and every package has its README."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.both.databases import ROOT

pytestmark = pytest.mark.once
ZONES = ("pharmacy", "randomization", "randomization/blinded", "randomization/unblinded")
FOLDERS = (*ZONES, "immunosep_site", "docs", "tests", "fixtures", "deploy", "benchmarks", ".ci", "")
LINK = re.compile(r"\]\(([^)#:]+)(?:#[^)]*)?\)")
PATH = re.compile(r"`([\w.-]+(?:/[\w.-]+)+/?)`")
"""What looks like a path: with a slash between names, and nothing else in the quotes."""


def packages() -> list[Path]:
    """Every package that has a place in the house."""
    return sorted(
        file.parent
        for zone in ZONES
        for file in (ROOT / zone).glob("*/__init__.py")
        if file.parent not in {ROOT / name for name in ZONES}
    )


GUIDES = [
    ROOT / "CONTRIBUTING.md",
    *(ROOT / "docs" / name for name in ("house.md", "glossary.md", "decisions/README.md")),
    *sorted((ROOT / "docs" / "how-to").glob("*.md")),
    *(package / "README.md" for package in packages()),
    ROOT / "immunosep_site" / "README.md",
]


def named_files(text: str) -> Iterator[str]:
    """The paths in a guide, but for addresses of pages, which begin with a slash."""
    for path in PATH.findall(text):
        if "CODE" not in path:
            yield path


def is_there(path: str, guide: Path) -> bool:
    """Whether a path names a file or folder, from the guide's own folder or from a usual one."""
    places = [guide.parent, *(ROOT / folder for folder in FOLDERS)]
    return any((place / path).exists() or (place / f"{path}.py").exists() for place in places)


@pytest.mark.parametrize("guide", GUIDES, ids=lambda guide: str(guide.relative_to(ROOT)))
def test_what_a_guide_names_is_there(guide: Path) -> None:
    text = guide.read_text(encoding="utf-8")
    assert [path for path in named_files(text) if not is_there(path, guide)] == []
    assert [link for link in LINK.findall(text) if not (guide.parent / link).exists()] == []


def test_a_path_that_is_not_there_is_seen() -> None:
    guide = ROOT / "CONTRIBUTING.md"
    assert not is_there("randomization/nowhere.py", guide)
    assert list(named_files("`pharmacy/stock/ledger.py` and `/pharmacy/stock/` and `a or b`")) == [
        "pharmacy/stock/ledger.py"
    ]
    assert LINK.findall("[a](docs/a.md#b), [c](https://example.org)") == ["docs/a.md"]


@pytest.mark.parametrize("package", packages(), ids=lambda package: str(package.relative_to(ROOT)))
def test_the_readme_of_a_package_has_five_lines(package: Path) -> None:
    """A heading, then one line each: what it is, imports, entry points, tables, used by."""
    lines = (package / "README.md").read_text(encoding="utf-8").strip().split("\n")
    starts = [line.split(":")[0] for line in lines if line.startswith("- ")]
    assert lines[0] == f"# {str(package.relative_to(ROOT)).replace('/', '.')}"
    assert starts == ["- What", "- Imports", "- Entry points", "- Tables", "- Used by"]
