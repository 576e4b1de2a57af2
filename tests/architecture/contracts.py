"""Contracts of our own for import-linter, where a rule finds the modules and no list names them."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, Final, cast

from grimp import ImportGraph
from importlinter import Contract, ContractCheck, fields, output
from importlinter.domain.helpers import module_expressions_to_modules

MARKER: Final = "Pure: no Django."
_CLAIM: Final = re.compile(r"\bPure\b")
Chain = tuple[str, ...]


def docstring(module: str, root: Path) -> str:
    """The docstring of a module or package of the tree under `root`; empty where it has none."""
    path = root.joinpath(*module.split("."))
    path = path / "__init__.py" if path.is_dir() else path.with_suffix(".py")
    return ast.get_docstring(ast.parse(path.read_text())) or "" if path.exists() else ""


def is_pure(text: str) -> bool:
    """Whether a docstring has the marker, on a line of its own."""
    return MARKER in text.splitlines()


class _Chains(Contract):
    """Forbidden chains of imports, found by a rule and printed one a line."""

    forbidden_modules = fields.SetField(subfield=fields.ModuleExpressionField())

    def chains(self, graph: ImportGraph) -> Iterator[Chain]:
        """Every forbidden chain, importer first."""
        raise NotImplementedError

    def forbidden(self, graph: ImportGraph) -> set[str]:
        """The forbidden modules that the graph has, with everything inside them."""
        names = {
            module.name
            for module in module_expressions_to_modules(
                graph, cast(Iterable[Any], self.forbidden_modules), as_packages=False
            )
        } & graph.modules
        inside = (graph.find_descendants(name) for name in names if not graph.is_module_squashed(name))
        return names.union(*inside)

    def own(self, graph: ImportGraph) -> list[str]:
        """The modules of this code base, without those of libraries."""
        roots = tuple(f"{name}." for name in self.session_options["root_packages"])
        return sorted(module for module in graph.modules if f"{module}.".startswith(roots))

    def check(self, graph: ImportGraph, verbose: bool) -> ContractCheck:
        broken = sorted(self.chains(graph))
        return ContractCheck(kept=not broken, metadata={"chains": broken})

    def render_broken_contract(self, check: ContractCheck) -> None:
        for chain in check.metadata["chains"]:
            output.print_error(" -> ".join(chain))


class PureContract(_Chains):
    """A module that carries the marker imports nothing forbidden, not even by way of other modules.

    A docstring that calls its module pure in other words breaks the contract too: nobody would check it.
    """

    type_name = "pure"

    def chains(self, graph: ImportGraph) -> Iterator[Chain]:
        forbidden = self.forbidden(graph)
        for module in self.own(graph):
            text = docstring(module, Path.cwd())
            if is_pure(text):
                for name in forbidden:
                    chain = graph.find_shortest_chain(importer=module, imported=name)
                    if chain:
                        yield tuple(chain)
            elif _CLAIM.search(text):
                yield (module, f"says that it is pure without the line '{MARKER}'")


class RoutedContract(_Chains):
    """What an address leads to imports nothing forbidden itself: every module that a `urls` module imports."""

    type_name = "routed"

    def chains(self, graph: ImportGraph) -> Iterator[Chain]:
        forbidden = self.forbidden(graph)
        own = set(self.own(graph))
        for urls in own:
            if urls.rsplit(".", 1)[-1].split("_")[0] == "urls":
                for view in graph.find_modules_directly_imported_by(urls) & own:
                    for name in graph.find_modules_directly_imported_by(view) & forbidden:
                        yield (urls, view, name)


class DoorContract(Contract):
    """Of each package inside `packages`, the `importers` import the module named `door` and nothing else."""

    type_name = "door"

    packages = fields.StringField()
    importers = fields.SetField(subfield=fields.StringField())
    door = fields.StringField()

    def check(self, graph: ImportGraph, verbose: bool) -> ContractCheck:
        behind = graph.find_descendants(cast(str, self.packages))
        broken = sorted(
            (module, name)
            for importer in cast(Iterable[str], self.importers)
            for module in {importer, *graph.find_descendants(importer)}
            for name in graph.find_modules_directly_imported_by(module) & behind
            if name.rsplit(".", 1)[-1] != cast(str, self.door)
        )
        return ContractCheck(kept=not broken, metadata={"broken": broken})

    def render_broken_contract(self, check: ContractCheck) -> None:
        for module, name in check.metadata["broken"]:
            output.print_error(f"{module} -> {name}")
