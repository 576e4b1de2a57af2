"""A page asks for the same row from its heading, its form and its frame: it is read once, and kept until the answer.

Only while a request is answered that asks and does nothing (GET), and never for a service: what a service decides
upon it reads in its own transaction, and what was kept before it ran is forgotten.

Pure: no Django.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import wraps
from typing import Any, ParamSpec, TypeVar

P = ParamSpec("P")
T = TypeVar("T")
_kept: ContextVar[dict[Hashable, Any] | None] = ContextVar("kept", default=None)


@contextmanager
def reads_kept() -> Iterator[None]:
    """While one page is shown: what a function marked `read_once` returns is kept, and forgotten at the end."""
    token = _kept.set({})
    try:
        yield
    finally:
        _kept.reset(token)


@contextmanager
def reads_afresh() -> Iterator[None]:
    """Nothing kept is used inside, and nothing that was kept before is used afterwards."""
    kept = _kept.get()
    token = _kept.set(None)
    try:
        yield
    finally:
        _kept.reset(token)
        if kept is not None:
            kept.clear()


def read_once(read: Callable[P, T]) -> Callable[P, T]:
    """For a read by values, or a list of them: one page gets one answer to the same arguments, and changes none."""

    @wraps(read)
    def run(*args: P.args, **kwargs: P.kwargs) -> T:
        kept = _kept.get()
        if kept is None:
            return read(*args, **kwargs)
        values = (tuple(value) if isinstance(value, list) else value for value in args)
        key = (read, *values, *sorted(kwargs.items()))
        if key not in kept:
            kept[key] = read(*args, **kwargs)
        answer: T = kept[key]
        return answer

    return run
