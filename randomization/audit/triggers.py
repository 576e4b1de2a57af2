"""Triggers that refuse UPDATE, DELETE, TRUNCATE and INSERT OR REPLACE on append-only tables.

A model declares `append_only = (columns that are unique)`; `redactable` names the one column that may
be blanked. Installed after every migrate, idempotently: a table remade by SQLite loses its triggers.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.apps import apps
from django.db import connections, models
from django.db.backends.base.base import BaseDatabaseWrapper


def protected_models() -> Iterator[tuple[type[models.Model], tuple[str, ...]]]:
    """Every model that declares itself append-only, with its unique columns."""
    for model in apps.get_models():
        columns = getattr(model, "append_only", None)
        if columns:
            yield model, columns


def _sqlite(table: str, columns: tuple[str, ...], others: list[str], redactable: str | None) -> Iterator[str]:
    same = " AND ".join(f'"{column}" = NEW."{column}"' for column in columns)
    allowed = "0"
    if redactable:
        kept = " AND ".join(f'NEW."{name}" IS OLD."{name}"' for name in others if name != redactable)
        allowed = f"NEW.\"{redactable}\" = '' AND {kept}"
    rules = {
        "update": f"BEFORE UPDATE ON {table} WHEN NOT ({allowed})",
        "delete": f"BEFORE DELETE ON {table}",
        "replace": f"BEFORE INSERT ON {table} WHEN EXISTS (SELECT 1 FROM {table} WHERE {same})",
    }
    for name, rule in rules.items():
        yield f"DROP TRIGGER IF EXISTS {table}_{name}_refused"
        yield (f"CREATE TRIGGER {table}_{name}_refused {rule} BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END")


def _postgresql(table: str, others: list[str], redactable: str | None) -> Iterator[str]:
    yield (
        "CREATE OR REPLACE FUNCTION immunosep_refuse() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN RAISE EXCEPTION 'append-only: %', TG_TABLE_NAME; END $$"
    )
    condition = ""
    if redactable:
        kept = " AND ".join(f"NEW.{name} IS NOT DISTINCT FROM OLD.{name}" for name in others if name != redactable)
        condition = f"WHEN (NOT (NEW.{redactable} = '' AND {kept}))"
    rules = {
        "update": f"BEFORE UPDATE ON {table} FOR EACH ROW {condition}",
        "delete": f"BEFORE DELETE ON {table} FOR EACH ROW",
        "truncate": f"BEFORE TRUNCATE ON {table} FOR EACH STATEMENT",
    }
    for name, rule in rules.items():
        yield f"CREATE OR REPLACE TRIGGER {table}_{name}_refused {rule} EXECUTE FUNCTION immunosep_refuse()"


def statements(connection: BaseDatabaseWrapper, model: type[models.Model], columns: tuple[str, ...]) -> Iterator[str]:
    """The statements that protect one table."""
    names = [str(field.column) for field in model._meta.concrete_fields]
    redactable = getattr(model, "redactable", None)
    table = model._meta.db_table
    if connection.vendor == "sqlite":
        yield from _sqlite(table, columns, names, redactable)
    else:
        yield from _postgresql(table, names, redactable)


def install(connection: BaseDatabaseWrapper) -> None:
    """Protect every append-only table that stands in this database."""
    existing = set(connection.introspection.table_names())
    with connection.cursor() as cursor:
        for model, columns in protected_models():
            if model._meta.db_table in existing:
                for statement in statements(connection, model, columns):
                    cursor.execute(statement)


def missing(connection: BaseDatabaseWrapper) -> list[str]:
    """Append-only tables of this database that stand unprotected."""
    query = "SELECT name FROM sqlite_master WHERE type = 'trigger'"
    if connection.vendor != "sqlite":
        query = "SELECT tgname FROM pg_trigger WHERE NOT tgisinternal AND tgenabled <> 'D'"
    with connection.cursor() as cursor:
        cursor.execute(query)
        triggers = {row[0] for row in cursor.fetchall()}
    existing = set(connection.introspection.table_names())
    tables = [model._meta.db_table for model, _columns in protected_models()]
    third = "replace" if connection.vendor == "sqlite" else "truncate"
    wanted = {table: {f"{table}_{name}_refused" for name in ("update", "delete", third)} for table in tables}
    return [table for table in tables if table in existing and not wanted[table] <= triggers]


def install_after_migrate(using: str, **_kwargs: Any) -> None:
    """Receiver of `post_migrate`."""
    install(connections[using])
