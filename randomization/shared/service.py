"""`@service`: the only way in which anything is written.

A service is one keyword-only function, actor first. It runs in one transaction on the database of
its side; a call that wrote without recording an audit event is rolled back, and so is a write to
the other side's database.
"""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Final, ParamSpec, TypeVar

import structlog
from django.conf import settings
from django.db import connections, transaction

from randomization.shared.actor import Actor
from randomization.shared.errors import ProgrammingError
from randomization.shared.read_once import reads_afresh

P = ParamSpec("P")
T = TypeVar("T")


class Side(StrEnum):
    """A process, a database, its people, sessions, keys, trail and outbox."""

    BLINDED = "blinded"
    UNBLINDED = "unblinded"


@dataclass(slots=True)
class Scope:
    """What one running service did so far."""

    side: Side
    alias: str
    writes: int = 0
    recorded: int = 0
    after_commit: list[Callable[[], object]] = field(default_factory=list)


_side: ContextVar[Side | None] = ContextVar("side", default=None)
_scope: ContextVar[Scope | None] = ContextVar("scope", default=None)
REGISTRY: Final[dict[str, Callable[..., Any]]] = {}
HATCH_TABLE: Final = "hatch_inboxmessage"
log = structlog.get_logger(__name__)
_WRITING: Final = ("INSERT", "UPDATE", "DELETE", "REPLACE", "TRUNCATE", "WITH")


def process_side() -> Side:
    """The side this process serves, from its settings."""
    return Side(settings.SIDE)


def current_side() -> Side:
    """The side of the running service, else of the process."""
    return _side.get() or process_side()


def alias_of(side: Side) -> str:
    """The database alias of `side` in this process; the blinded process has its own alone."""
    if side is process_side():
        return "default"
    if process_side() is Side.BLINDED:
        raise ProgrammingError("The blinded process has no way to the other side.")
    return "blinded"


def current_alias() -> str:
    """The database of the current side: where platform tables are read."""
    return alias_of(current_side())


@contextmanager
def on_side(side: Side) -> Iterator[None]:
    """Read or act as `side`: for demonstration and tests, which play both."""
    token = _side.set(side)
    try:
        with reads_afresh():
            yield
    finally:
        _side.reset(token)


def current_scope() -> Scope:
    """The running service; raises ProgrammingError outside one."""
    scope = _scope.get()
    if scope is None:
        raise ProgrammingError("Nothing is recorded or locked outside a service.")
    return scope


def inside_service() -> bool:
    """Whether a service is running: the test fence refuses writes where none is."""
    return _scope.get() is not None


def running_side() -> Side | None:
    """The side of the running service; None where none is running."""
    scope = _scope.get()
    return scope.side if scope else None


def after_commit(action: Callable[[], object]) -> None:
    """Run `action` once the outermost service of this side has committed.

    Actions start work that a sweep would do later anyway: they are not durable by themselves.
    """
    current_scope().after_commit.append(action)


def undo() -> None:
    """Let the running service end without an error and without a trace: what it wrote is rolled back."""
    scope = current_scope()
    transaction.set_rollback(True, using=scope.alias)
    scope.writes = 0


def savepoint() -> AbstractContextManager[None]:
    """A part of the running service that may fail on a constraint without losing the rest."""
    return transaction.atomic(using=current_scope().alias)  # noqa: TID251 (the one place)


@contextmanager
def snapshot() -> Iterator[None]:
    """Read the database of the current side as of one moment, whatever is written meanwhile; no writer waits for it."""
    connection = connections[current_alias()]
    if connection.in_atomic_block:
        yield
    elif connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute("BEGIN DEFERRED")
            try:
                yield
            finally:
                cursor.execute("ROLLBACK")
    else:
        with transaction.atomic(using=connection.alias), connection.cursor() as cursor:  # noqa: TID251 (reads alone)
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
            yield


def is_write(sql: str) -> bool:
    """Whether a statement changes data."""
    return sql.lstrip(" \n(").upper().startswith(_WRITING)


def is_hatch_insert(sql: str) -> bool:
    """Whether a statement is the one write that may cross the line."""
    return sql.startswith(f'INSERT INTO "{HATCH_TABLE}" ')


def _side_of(module: str) -> Side | None:
    if module.startswith("randomization.blinded."):
        return Side.BLINDED
    if module.startswith(("randomization.unblinded.", "pharmacy.")):
        return Side.UNBLINDED
    return None


def _check_signature(function: Callable[..., Any]) -> None:
    parameters = list(inspect.signature(function).parameters.values())
    if not parameters or parameters[0].name != "actor":
        raise TypeError(f"{function.__qualname__}: the first argument of a service is `actor`")
    if any(parameter.kind is not parameter.KEYWORD_ONLY for parameter in parameters):
        raise TypeError(f"{function.__qualname__}: all arguments of a service are keyword-only")


def _guard(scope: Scope, alias: str) -> Callable[..., Any]:
    def wrapper(execute: Callable[..., Any], sql: Any, params: Any, many: bool, context: Any) -> Any:
        if isinstance(sql, str) and is_write(sql):
            if alias != scope.alias and not is_hatch_insert(sql):
                raise ProgrammingError(f"A service of the {scope.side} side wrote to the other database.")
            scope.writes += 1
        return execute(sql, params, many, context)

    return wrapper


def _try(action: Callable[[], object]) -> None:
    """An action after the commit never takes back the answer: a sweep does later what fails now."""
    try:
        action()
    except Exception as error:  # noqa: BLE001 (whatever it is, the caller's work is done and committed)
        log.warning("after_commit.failed", error=type(error).__name__)


def _run(side: Side, function: Callable[..., T], kwargs: dict[str, Any]) -> T:
    if side is Side.BLINDED and process_side() is Side.UNBLINDED and not settings.DEMONSTRATION:
        raise ProgrammingError(f"{function.__qualname__} belongs to the blinded process: only a message goes down.")
    outer = _scope.get()
    if outer is not None:
        if outer.side is not side:
            raise ProgrammingError(f"{function.__qualname__} of the {side} side was called inside the other side.")
        return function(**kwargs)
    scope = Scope(side, alias_of(side))
    side_token, scope_token = _side.set(side), _scope.set(scope)
    try:
        with transaction.atomic(using=scope.alias, durable=True), ExitStack() as guards:  # noqa: TID251 (the other)
            guards.enter_context(reads_afresh())
            for alias in connections:
                guards.enter_context(connections[alias].execute_wrapper(_guard(scope, alias)))
            result = function(**kwargs)
            if scope.writes and not scope.recorded:
                raise ProgrammingError(f"{function.__qualname__} wrote without recording: it was rolled back.")
    finally:
        _scope.reset(scope_token)
        _side.reset(side_token)
    for action in scope.after_commit:
        with on_side(side):
            _try(action)
    return result


def service(function: Callable[P, T]) -> Callable[P, T]:
    """Register `function` as a service of the side its module lies on (platform: the current side)."""
    _check_signature(function)
    fixed_side = _side_of(function.__module__)

    @functools.wraps(function)
    def run(*args: P.args, **kwargs: P.kwargs) -> T:
        actor = kwargs.get("actor")
        if args or not isinstance(actor, Actor):
            raise TypeError(f"{function.__qualname__}: pass everything by keyword, actor first")
        return _run(fixed_side or current_side(), function, kwargs)

    REGISTRY[f"{function.__module__}.{function.__qualname__}"] = run
    return run
