"""Take the triggers away, as somebody who owns the database could: tampering must still be caught."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connections

from randomization.audit.triggers import protected_models


@contextmanager
def untriggered(alias: str) -> Iterator[None]:
    """Inside, append-only tables can be changed; the test's transaction brings the triggers back."""
    connection = connections[alias]
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'")
            for (name,) in cursor.fetchall():
                cursor.execute(f'DROP TRIGGER "{name}"')
        else:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
            existing = set(connection.introspection.table_names())
            for model, _columns in protected_models():
                if model._meta.db_table in existing:
                    cursor.execute(f"ALTER TABLE {model._meta.db_table} DISABLE TRIGGER USER")
    yield
