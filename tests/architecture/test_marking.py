"""`_` marks a text for translation and is nothing else: no variable, no argument, no other function (0032)."""

from __future__ import annotations

import ast
import subprocess
from collections.abc import Iterator
from typing import Final

import pytest

from tests.both.databases import ROOT

MARKS: Final = {
    ("django.utils.translation", "gettext"),
    ("django.utils.translation", "gettext_lazy"),
    ("django.utils.translation", "gettext_noop"),
    ("randomization.shared.sentences", "sentence"),
}

pytestmark = pytest.mark.once


def other_uses(source: str) -> Iterator[int]:
    """Lines in which `_` is bound to anything but a function that marks a text."""
    for node in ast.walk(ast.parse(source)):
        match node:
            case ast.Name(id="_", ctx=ast.Store() | ast.Del()) | ast.arg(arg="_"):
                yield node.lineno
            case ast.FunctionDef(name="_") | ast.ClassDef(name="_") | ast.ExceptHandler(name="_"):
                yield node.lineno
            case ast.Import(names=names) if any(name.asname == "_" for name in names):
                yield node.lineno
            case ast.ImportFrom(module=module, names=names):
                if any("_" in (name.asname, name.name) and (module, name.name) not in MARKS for name in names):
                    yield node.lineno
            case ast.MatchAs(name="_") | ast.MatchStar(name="_") | ast.MatchMapping(rest="_"):
                yield node.lineno


def test_the_underscore_marks_a_text_and_is_nothing_else() -> None:
    listed = subprocess.run(["git", "ls-files", "*.py"], cwd=ROOT, capture_output=True, text=True, check=True)
    sources = {name: (ROOT / name).read_text(encoding="utf-8") for name in listed.stdout.splitlines()}
    assert sources
    assert [f"{name}:{line}" for name, source in sources.items() for line in other_uses(source)] == []


@pytest.mark.parametrize(
    ("source", "lines"),
    [
        ("for _ in range(2): pass", [1]),
        ("total = sum(count for _, count in pairs)", [1]),
        ("row, _ = get_or_create()", [1]),
        ("def receive(**_): pass", [1]),
        ("first = lambda _: 1", [1]),
        ("from randomization.shared.entropy import draw as _", [1]),
        ("from randomization.shared.sentences import sentence as _\nraise Refused(_('late'), code='late')", []),
        ("match value:\n    case _: pass", []),
    ],
)
def test_another_use_is_seen(source: str, lines: list[int]) -> None:
    assert list(other_uses(source)) == lines
