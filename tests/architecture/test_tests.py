"""Tests by package: test modules stand alone, helpers are shared, and no other code needs the tests."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest

from tests.both.databases import ROOT

pytestmark = pytest.mark.once
OTHERS: Final = ("immunosep_site", "randomization", "pharmacy", "benchmarks", "deploy")
SIDES: Final = ("blinded", "both", "unblinded")
NO_PACKAGE: Final = {"worlds"}
"""The worlds compare the whole of a side."""
ORIGINS: Final = ("attack", "finding", "review", "issue", "regression")


def modules_under(root: Path, *folders: str) -> Iterator[tuple[Path, ast.Module]]:
    """Every Python file of some folders, parsed."""
    for folder in folders:
        for path in sorted((root / folder).rglob("*.py")):
            yield path, ast.parse(path.read_text(encoding="utf-8"))


def imported(tree: ast.Module) -> Iterator[str]:
    """Each name that a module imports, wherever in it: `a.b.c` for `from a.b import c`."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield from (f"{node.module or ''}.{alias.name}" for alias in node.names)


def imports_of_test_modules(root: Path) -> list[str]:
    """Whoever imports a module or a function named `test_...`."""
    return [
        f"{path.relative_to(root)}: {name}"
        for path, tree in modules_under(root, *OTHERS, "tests")
        for name in imported(tree)
        if any(part.startswith("test_") for part in name.split("."))
    ]


def needs_the_tests(root: Path) -> list[str]:
    """What outside the tests imports them or starts one of their modules by its name."""
    return [
        f"{path.relative_to(root)}: {name}"
        for path, tree in modules_under(root, *OTHERS)
        for name in [*imported(tree), *started(tree)]
        if name.partition(".")[0] == "tests"
    ]


def started(tree: ast.Module) -> Iterator[str]:
    """Texts that may be the name or the file of a module of the tests."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and str(node.value).startswith(("tests.", "tests/")):
            yield str(node.value).replace("/", ".")


def packages(root: Path) -> set[str]:
    """The names of the packages of the product."""
    folders = ("", "randomization", "randomization/blinded", "randomization/unblinded", "pharmacy")
    return {path.parent.name for folder in folders for path in (root / folder).glob("*/__init__.py")}


def test_no_module_imports_a_test_module() -> None:
    assert imports_of_test_modules(ROOT) == []


def test_no_other_code_needs_the_tests() -> None:
    assert needs_the_tests(ROOT) == []


@pytest.mark.parametrize(
    ("file", "line"),
    [
        ("tests/both/stock/test_b.py", "from tests.both.stock.test_a import lot"),
        ("tests/both/stock/steps.py", "from tests.both.stock import test_a"),
        ("tests/both/stock/steps.py", "def lot() -> None:\n    import tests.both.stock.test_a"),
        ("tests/both/stock/test_b.py", "from .test_a import lot"),
    ],
)
def test_an_import_of_a_test_module_is_caught(tmp_path: Path, file: str, line: str) -> None:
    plant(tmp_path, file, line)
    assert len(imports_of_test_modules(tmp_path)) == 1


@pytest.mark.parametrize(
    "line",
    [
        "import tests.pages",
        "from tests import pages",
        'run("-m", "tests.both.worlds.world")',
        'run("tests/browser/set_up.py")',
    ],
)
def test_code_that_needs_the_tests_is_caught(tmp_path: Path, line: str) -> None:
    plant(tmp_path, "benchmarks/speed.py", line)
    assert len(needs_the_tests(tmp_path)) == 1


def plant(root: Path, file: str, line: str) -> None:
    path = root / file
    path.parent.mkdir(parents=True)
    path.write_text(line + "\n")


def test_each_test_module_lies_in_the_folder_of_a_package() -> None:
    folders = {path.parent.relative_to(ROOT / "tests") for path in (ROOT / "tests").rglob("test_*.py")}
    in_sides = [folder.parts for folder in folders if folder.parts[0] in SIDES]
    assert len(in_sides) > 30
    assert [parts for parts in in_sides if len(parts) != 2 or parts[1] not in packages(ROOT) | NO_PACKAGE] == []


def test_no_module_is_named_after_where_its_tests_came_from() -> None:
    names = [path.stem for path in (ROOT / "tests").rglob("*.py")]
    assert [name for name in names if any(origin in name for origin in ORIGINS)] == []
