"""Which services ask before prepared syringes become void, and where pages and API call them: read from the source."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).parent.parent.parent
PARAMETER: Final = "accepted"
DELIVERY: Final = ("web", "api", "cases", "commands")
STRIKES: Final = ("void_ready", "void_packaging_of", "replan", "strike")
"""Through these a service makes syringes void; each takes what was accepted."""


@cache
def trees() -> dict[Path, ast.Module]:
    """The source of both packages by path."""
    paths = [path for package in ("pharmacy", "randomization") for path in sorted((ROOT / package).rglob("*.py"))]
    return {path.relative_to(ROOT): ast.parse(path.read_text()) for path in paths if "migrations" not in path.parts}


def services_that_ask() -> set[str]:
    """Names of the services that take what was accepted."""
    return {
        node.name
        for path, tree in trees().items()
        if "services" in path.parts
        for node in tree.body
        if isinstance(node, ast.FunctionDef)
        and any(isinstance(mark, ast.Name) and mark.id == "service" for mark in node.decorator_list)
        and PARAMETER in {argument.arg for argument in node.args.kwonlyargs}
    }


def _called(call: ast.Call) -> str:
    """`hold_course` of `steer_course.hold_course(...)`."""
    match call.func:
        case ast.Name(id=name):
            return name
        case ast.Attribute(value=ast.Name(), attr=name):
            return name
        case _:
            return ""


def calls(names: set[str], *, delivery: bool) -> Iterator[tuple[str, str, bool]]:
    """Each call of one of these: where, what, and whether it says what was accepted."""
    for path, tree in trees().items():
        is_delivery = not {*path.parts[:-1], path.stem}.isdisjoint(DELIVERY)
        for node in ast.walk(tree) if is_delivery == delivery else ():
            if isinstance(node, ast.Call) and _called(node) in names:
                said = PARAMETER in {keyword.arg for keyword in node.keywords}
                yield f"{path}:{node.lineno}", _called(node), said
