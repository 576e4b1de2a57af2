"""Which addresses of the pharmacy move stock: read from the source, function by function, down to the ledger."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any, Final

from django.urls import URLPattern, URLResolver, get_resolver

ROOT: Final = Path(__file__).parents[3]
ROWS: Final = frozenset(
    {
        "Movement",
        "MatchedReceipt",
        "Consignment",
        "Hold",
        "Excursion",
        "Recall",
        "Carton",
        "SyringeReturn",
        "SyringeDestruction",
        "DestructionOrder",
        "Destruction",
        "Removal",
    }
)
"""What must not be written twice for one act: the ledger, what was opened, is on hold, came back, is destroyed."""
ENDS: Final = frozenset(
    {
        ("pharmacy.stock.services.quarantine", "decide"),
        ("pharmacy.stock.services.order_destruction", "cancel_order"),
        ("pharmacy.stock.services.decide_removal", "decide_removal"),
    }
)
"""What ends a hold, an order or a removal, and writes no new row."""
WRITES: Final = frozenset({"create", "bulk_create"})
UNSAFE: Final = ("post", "put", "patch", "delete")
Function = tuple[str, str]


@cache
def _trees() -> dict[str, ast.Module]:
    return {
        ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__"): ast.parse(path.read_text())
        for path in sorted((ROOT / "pharmacy").rglob("*.py"))
        if "migrations" not in path.parts
    }


def _names(module: str) -> dict[str, str]:
    """What each imported name of a module stands for, as a dotted path."""
    return {
        alias.asname or alias.name: f"{node.module}.{alias.name}"
        for node in ast.walk(_trees()[module])
        if isinstance(node, ast.ImportFrom) and node.module
        for alias in node.names
    }


@cache
def _functions() -> dict[Function, ast.AST]:
    """Functions and classes at the top of each module, and methods by their own name."""
    asts: dict[Function, ast.AST] = {}
    for module, tree in _trees().items():
        for node in tree.body:
            if isinstance(node, ast.FunctionDef | ast.ClassDef):
                asts[module, node.name] = node
            if isinstance(node, ast.ClassDef):
                asts |= {
                    (module, f"{node.name}.{item.name}"): item
                    for item in node.body
                    if isinstance(item, ast.FunctionDef)
                }
    return asts


def _split(path: str) -> Function:
    module, _dot, name = path.rpartition(".")
    return module, name


def _writes(node: ast.AST) -> bool:
    """Whether a piece of source writes a row of `ROWS`: `Movement.objects.create(...)`."""
    return any(
        isinstance(part, ast.Attribute)
        and part.attr in WRITES
        and isinstance(part.value, ast.Attribute)
        and part.value.attr == "objects"
        and isinstance(part.value.value, ast.Name)
        and part.value.value.id in ROWS
        for part in ast.walk(node)
    )


def _used(module: str, node: ast.AST) -> Iterator[Function]:
    """Every function of the pharmacy that a piece of source names; a method by its name, whatever it is called on.

    A method that goes on to `super()` under its own name names nothing: `handlers` reads it in every base.
    """
    names, own = _names(module), f"super().{getattr(node, 'name', '')}"
    for part in ast.walk(node):
        if isinstance(part, ast.Name):
            yield _split(names[part.id]) if part.id in names else (module, part.id)
        elif isinstance(part, ast.Attribute) and ast.unparse(part) != own:
            if isinstance(part.value, ast.Name) and names.get(part.value.id) in _trees():
                yield names[part.value.id], part.attr
            else:
                yield "", part.attr


@cache
def movers() -> frozenset[Function]:
    """Every function of the pharmacy that leads to such a row."""
    functions = {
        function for function, node in _functions().items() if not isinstance(node, ast.ClassDef) and _writes(node)
    }
    functions |= ENDS
    while True:
        methods = {name.partition(".")[2] for _module, name in functions if "." in name}
        more = {
            function
            for function, node in _functions().items()
            if function not in functions
            and not isinstance(node, ast.ClassDef)
            and any(used in functions or (not used[0] and used[1] in methods) for used in _used(function[0], node))
        }
        if not more:
            return frozenset(functions)
        functions |= more


def _patterns(entries: list[Any]) -> Iterator[URLPattern]:
    for entry in entries:
        if isinstance(entry, URLResolver):
            yield from _patterns(entry.url_patterns)
        elif entry.name:
            yield entry


def _moves(module: str, name: str) -> bool:
    return (module, name) in movers()


def handlers() -> Iterator[tuple[str, Any]]:
    """Name and code of all that answers a POST, PUT, PATCH or DELETE of the pharmacy and moves stock.

    The code is the page's class, the view, or the method of the endpoint.
    """
    for pattern in _patterns(get_resolver().url_patterns):
        view = pattern.callback
        page, endpoint = getattr(view, "view_class", None), getattr(view, "cls", None)
        of = endpoint or page or view
        if not of.__module__.startswith("pharmacy."):
            continue
        if endpoint is not None:
            for method in UNSAFE:
                if any(_moves(base.__module__, f"{base.__name__}.{method}") for base in endpoint.__mro__):
                    yield f"{pattern.name} {method}", getattr(endpoint, method)
        elif page is not None:
            bases = [base for base in page.__mro__ if base.__module__.startswith("pharmacy.")]
            if any(_moves(base.__module__, f"{base.__name__}.{name}") for base in bases for name in vars(base)):
                yield str(pattern.name), page
        elif _moves(view.__module__, view.__name__):
            yield str(pattern.name), view
