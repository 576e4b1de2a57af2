"""One run serves one side (IMMUNOSEP_SIDE): tests/blinded under blinded settings, all others under unblinded ones.

Triggers stay real during every test; tests run inside a transaction that is rolled back.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from contextvars import ContextVar
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.db import connections
from pytest_django.plugin import DjangoDbBlocker
from xdist.scheduler import LoadScopeScheduling  # type: ignore[import-untyped]

from randomization.shared.service import HATCH_TABLE, inside_service, is_write
from tests.above import check_readable
from tests.both.databases import Pair, fresh_pair

SIDE = os.environ.get("IMMUNOSEP_SIDE", "unblinded")
HERE = Path(__file__).parent
POSTGRESQL = os.environ.get("DATABASE_URL", "").startswith("postgresql")
_tampering: ContextVar[bool] = ContextVar("tampering", default=False)
LONGEST = ("test_noninterference", "test_week", "test_hammer", "test_dry_leaks", "test_leaks", "tests/browser/")
OUTSIDE_SERVICES = ("django_session", HATCH_TABLE)


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """Each side collects its own tests."""
    relative = collection_path.relative_to(HERE).parts if collection_path.is_relative_to(HERE) else ()
    if not relative or relative[0].endswith(".py"):
        return None
    if collection_path.name == "test_worker.py" and not POSTGRESQL:
        return True
    return (relative[0] == "blinded") != (SIDE == "blinded") or None


class OneByOne(LoadScopeScheduling):  # type: ignore[misc]
    """Each test goes to the worker that is free; worlds that are compared stay together, for the first is costly."""

    def _split_scope(self, nodeid: str) -> str:
        return "worlds" if "test_noninterference" in nodeid else nodeid


def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> OneByOne:
    """How two workers share a run."""
    return OneByOne(config, log)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Database tests may use all databases of their process; what takes longest begins first."""
    items.sort(
        key=lambda item: next((order for order, name in enumerate(LONGEST) if name in item.nodeid), len(LONGEST))
    )
    for item in items:
        if "trial" in getattr(item, "fixturenames", ()) or "db" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.django_db(databases="__all__"))


@contextmanager
def tampering() -> Iterator[None]:
    """What an attacker with the database does: writes outside services are let through."""
    token = _tampering.set(True)
    try:
        yield
    finally:
        _tampering.reset(token)


def _fence(execute: Callable[..., Any], sql: Any, params: Any, many: bool, context: Any) -> Any:
    if isinstance(sql, str) and is_write(sql) and not inside_service() and not _tampering.get():
        assert any(table in sql for table in OUTSIDE_SERVICES), f"a write outside a service: {sql[:120]}"
    connection = context["connection"]
    if connection.alias == "blinded" and connection.vendor == "sqlite" and isinstance(sql, str):
        check_readable(connection, sql, params)
    return execute(sql, params, many, context)


@pytest.fixture(autouse=True)
def write_fence() -> Iterator[None]:
    """Nothing is written outside a service, and nothing is read from above that is not listed, in no test."""
    with ExitStack() as stack:
        for alias in connections:
            stack.enter_context(connections[alias].execute_wrapper(_fence))
        yield


@pytest.fixture(scope="session")
def trial_set_up(
    django_db_setup: None, django_db_blocker: DjangoDbBlocker, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """Sites, protocol, plan, keys, lists, people and gates of three sites, once a run."""
    settings.KEY_DIRECTORY = str(tmp_path_factory.mktemp("keys") / "keys")
    settings.HATCH_PUBLIC_KEY_FILE = str(Path(settings.KEY_DIRECTORY) / "hatch.pub")
    with django_db_blocker.unblock():
        if SIDE == "blinded":
            from tests.blinded.world import set_up
        else:
            from immunosep_site.demonstration.small_trial import set_up
        set_up()


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pair]:
    """Two migrated databases to copy: worlds that are compared must agree in the moment of each migration."""
    with fresh_pair(tmp_path_factory.mktemp("template"), "template") as pair:
        yield pair


@pytest.fixture
def trial(trial_set_up: None, db: None) -> None:
    """A trial that is ready to screen at GR01, GR02 and DE01."""
