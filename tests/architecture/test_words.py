"""Control never hangs on words: what people read may be put better, and nothing happens otherwise for it.

A sentence, or a word that is made with `sentence`, is compared with nothing; states, kinds and outcomes are enums.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest

from tests.both.databases import ROOT

pytestmark = pytest.mark.once
PACKAGES: Final = ("randomization", "pharmacy", "immunosep_site")
ANSWERS: Final = frozenset({"yes", "no"})
"""What the fields of a form send, whatever language they are shown in."""
TEXT_METHODS: Final = frozenset(
    {"startswith", "endswith", "partition", "rpartition", "split", "rsplit", "find", "index"}
)
MARKS: Final = "from randomization.shared.sentences import sentence as _"


def sources() -> dict[str, str]:
    """Every module but migrations, by its path."""
    return {
        str(path.relative_to(ROOT)): path.read_text(encoding="utf-8")
        for package in PACKAGES
        for path in sorted((ROOT / package).rglob("*.py"))
        if path.parent.name != "migrations"
    }


def sentences(source: str) -> Iterator[str]:
    """The texts of a module that people read and that code could meet: those made with `sentence`."""
    if MARKS in source:
        for node in ast.walk(ast.parse(source)):
            match node:
                case ast.Call(func=ast.Name(id="_"), args=[ast.Constant(value=str(text)), *_rest]):
                    yield text


def texts(node: ast.expr) -> Iterator[ast.Constant]:
    """The literal texts of a value, or of what it is one of."""
    match node:
        case ast.Constant(value=str()):
            yield node
        case ast.Set(elts=items) | ast.Tuple(elts=items) | ast.List(elts=items):
            for item in items:
                yield from texts(item)


def compared(source: str) -> Iterator[ast.Constant]:
    """Every literal text that something is compared with: by an operator, a case, or a method of text."""
    for node in ast.walk(ast.parse(source)):
        match node:
            case ast.Compare(left=left, comparators=others):
                for side in (left, *others):
                    yield from texts(side)
            case ast.MatchValue(value=value):
                yield from texts(value)
            case ast.Call(func=ast.Attribute(attr=name), args=arguments) if name in TEXT_METHODS:
                for argument in arguments:
                    yield from texts(argument)


def is_words(text: str, known: frozenset[str]) -> bool:
    """Whether a text is English: several words, or one that is a sentence of its own somewhere."""
    return any(character.isalpha() for character in text) and (" " in text.strip() or text in known - ANSWERS)


def test_nothing_is_compared_with_a_text_that_people_read() -> None:
    modules = sources()
    known = frozenset(text for source in modules.values() for text in sentences(source))
    assert {"the same", "low"} <= known
    found = [
        f"{path}:{literal.lineno}: {literal.value!r}"
        for path, source in modules.items()
        for literal in compared(source)
        if is_words(str(literal.value), known)
    ]
    assert found == []


@pytest.mark.parametrize(
    ("source", "count"),
    [
        ("if say == 'the same': pass", 1),
        ("if statuses[uid] == 'low': pass", 1),
        ("match verdict:\n    case 'not eligible': pass", 1),
        ("if say.startswith('not recorded'): pass", 1),
        ("kind, about = what.rsplit(', ', 1)", 0),
        ("if said in {'low', 'enough'}: pass", 2),
        ("if answer == 'yes' or state == 'voided': pass", 0),
        ("say = 'the same'", 0),
    ],
)
def test_a_comparison_with_words_is_seen(source: str, count: int) -> None:
    known = frozenset({"the same", "low", "enough", "yes"})
    assert sum(is_words(str(literal.value), known) for literal in compared(source)) == count


def test_no_template_compares_with_words() -> None:
    found = []
    for package in PACKAGES:
        for path in sorted((ROOT / package).rglob("*.html")):
            for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
                tags = [tag for tag in line.split("{%")[1:] if tag.split()[:1] in (["if"], ["elif"])]
                quoted = [text for tag in tags for text in tag.split("%}")[0].split('"')[1::2]]
                found += [f"{Path(path).relative_to(ROOT)}:{number}: {text}" for text in quoted if " " in text]
    assert found == []
