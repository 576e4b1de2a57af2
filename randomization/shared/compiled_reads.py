"""A read by one text key, compiled once: for the participant with the whole file, which every allocation waits for.

Compiling that query costs the ORM more than running it, and it is the same each time but for the key
(docs/decisions/0011, 0058).
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any, Final, Generic, TypeVar

from django.db import connections
from django.db.models import Model, QuerySet
from django.db.models.query import get_related_populators

M = TypeVar("M", bound=Model)
KEY: Final = "key of a prepared read"


class Prepared(Generic[M]):
    """`rows` builds the query for a key, with `select_related` where wanted, without annotations."""

    def __init__(self, rows: Callable[[str], QuerySet[M]]) -> None:
        self._rows = rows
        self._compiled = threading.local()

    def get(self, alias: str, key: str) -> M | None:
        """The row of that key as it stands now, or None; one statement."""
        if not hasattr(self._compiled, alias):
            setattr(self._compiled, alias, _Compiled(self._rows(KEY), alias))
        instance: M | None = getattr(self._compiled, alias).get(key)
        return instance


class _Compiled:
    """The statement for one database and thread; a compiler is bound to its connection."""

    def __init__(self, queryset: QuerySet[Any], alias: str) -> None:
        self._alias = alias
        self._compiler = queryset.using(alias).query.get_compiler(alias)
        self._sql, parameters = self._compiler.as_sql()
        if list(parameters).count(KEY) != 1:
            raise TypeError("a prepared read takes its key once")
        self._parameters = tuple(parameters)
        described = self._compiler.klass_info
        chosen = described["select_fields"]
        self._model, self._columns = described["model"], slice(chosen[0], chosen[-1] + 1)
        self._names = [entry[0].target.attname for entry in self._compiler.select[self._columns]]
        # The type stubs describe Django 6, which takes one more argument.
        self._related = get_related_populators(described, self._compiler.select, alias)  # type: ignore[call-arg]

    def get(self, key: str) -> Any:
        with connections[self._alias].cursor() as cursor:
            cursor.execute(self._sql, tuple(key if value == KEY else value for value in self._parameters))
            rows = cursor.fetchmany(1)
        for row in self._compiler.results_iter([rows]):
            instance = self._model.from_db(self._alias, self._names, row[self._columns])
            for populator in self._related:
                populator.populate(row, instance)
            return instance
        return None
