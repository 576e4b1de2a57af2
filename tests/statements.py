"""By which statements a request reads, so that a page which asks the same thing twice is seen."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import Any

from django.db import connections

from randomization.shared.service import inside_service


@dataclass(frozen=True)
class Statement:
    """One SELECT. What a service reads in its transaction counts apart from what the page reads around it."""

    alias: str
    sql: str
    parameters: str
    in_service: bool


@contextmanager
def reads() -> Iterator[list[Statement]]:
    """The SELECTs on all databases while the block runs, in their order; not savepoints, transactions or writes."""
    seen: list[Statement] = []

    def note(execute: Callable[..., Any], sql: Any, params: Any, many: bool, context: Any) -> Any:
        if isinstance(sql, str) and sql.lstrip(" \n(").upper().startswith("SELECT"):
            seen.append(Statement(context["connection"].alias, sql, repr(params), inside_service()))
        return execute(sql, params, many, context)

    with ExitStack() as stack:
        for alias in connections:
            stack.enter_context(connections[alias].execute_wrapper(note))
        yield seen


def repeated(statements: list[Statement]) -> list[str]:
    """What was asked more than once with the same parameters: how often, where, and the statement."""
    return [
        f"{times} times on {statement.alias}: {statement.sql} {statement.parameters}"
        for statement, times in Counter(statements).items()
        if times > 1
    ]
