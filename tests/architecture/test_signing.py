"""A signed act is a command: pages and API build it and say no word of what is signed themselves."""

from __future__ import annotations

import ast
import inspect
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Final

import pytest

from randomization.delivery.api import Endpoint
from randomization.delivery.pages import FormPage
from tests.architecture.modules import delivery_modules

pytestmark = pytest.mark.once
ROOT: Final = Path(__file__).parent.parent.parent
SIGNING: Final = ("randomization.signatures.signing", "randomization.signatures.services")
WORDS: Final = {"meaning", "subject", "content", "content_hash"}
"""What a command says by itself."""


def signs_by_hand(source: str) -> list[str]:
    """Where a module of pages or API takes a signature past `self.signed`, or says itself what is signed."""
    return [
        ast.unparse(node)
        for node in ast.walk(ast.parse(source))
        if (isinstance(node, ast.ImportFrom) and (node.module or "").startswith(SIGNING))
        or (isinstance(node, ast.Import) and any(alias.name.startswith(SIGNING) for alias in node.names))
        or (isinstance(node, ast.Call) and (_is_content(node) or _says(node)))
    ]


def _is_content(call: ast.Call) -> bool:
    """`signed_content(...)`, `module.stop_content(...)`, `command.content()`; a command may be asked for its hash."""
    match call.func:
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return name == "content" or name.endswith("_content")
    return False


def _says(call: ast.Call) -> bool:
    """A call that signs and is told meaning or content word by word: `self.signed(body, meaning=..., content=...)`."""
    match call.func:
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return name in {"sign", "signed", "give_grant"} and bool(WORDS & {word.arg for word in call.keywords})
    return False


def test_no_page_and_no_endpoint_builds_what_is_signed() -> None:
    shared = {FormPage.__module__, Endpoint.__module__}  # `self.signed` itself
    modules = [name for name in delivery_modules() if name not in shared]
    assert len(modules) > 40
    by_hand = {name: signs_by_hand(inspect.getsource(import_module(name))) for name in modules}
    assert {name: places for name, places in by_hand.items() if places} == {}


@pytest.mark.parametrize(
    "planted",
    [
        "from randomization.signatures.signing import sign",
        "from randomization.signatures.services.sign import give_grant",
        "import randomization.signatures.signing",
        "allocate.signed_content(number)",
        "grant = self.signed(form, command.content())",
        "self.signed(body, meaning='randomise', subject=number)",
    ],
)
def test_one_that_did_would_be_found(planted: str) -> None:
    assert signs_by_hand(planted)


def test_what_pages_and_endpoints_do_is_allowed() -> None:
    assert not signs_by_hand(
        "from randomization.signatures.command import SignedCommand\n"
        "shown = ReviewAccess(rows).content_hash()\n"
        "allocate(actor=self.actor, command=command, grant=self.signed(form, command))\n"
        "client.get(page).content.decode()\n"
    )


def renamed_services(tree: ast.Module) -> Iterator[str]:
    """What a module imports of a `services` package under another name."""
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and "services" in (node.module or "").split("."):
            yield from (f"{alias.name} as {alias.asname}" for alias in node.names if alias.asname)
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names if alias.asname and "services" in alias.name.split("."))


def test_a_service_is_called_by_its_own_name_everywhere() -> None:
    folders = ("randomization", "pharmacy", "immunosep_site", "benchmarks", "deploy", "tests")
    paths = [path for folder in folders for path in sorted((ROOT / folder).rglob("*.py"))]
    assert len(paths) > 500
    renamed = {str(path.relative_to(ROOT)): [*renamed_services(ast.parse(path.read_text()))] for path in paths}
    assert {name: aliases for name, aliases in renamed.items() if aliases} == {}
    planted = ast.parse("from a.services import b as c\nimport a.services.b as d\nfrom a.services.b import e")
    assert list(renamed_services(planted)) == ["b as c", "a.services.b"]
