"""PostgreSQL's grants of the running roles: they own nothing, and may do what services do and no more.

Run by the owner of each database after every migrate. What is append-only is refused twice: by the triggers, and
because the role has no right to change or delete it.
"""

from __future__ import annotations

from collections.abc import Sequence

from django.db import models

from immunosep_site.readable import READABLE
from randomization.audit.triggers import protected_models
from randomization.shared.service import HATCH_TABLE

READ_ONLY = ("django_migrations",)


def _lockable(model: type[models.Model]) -> str:
    """The columns of an append-only table that a role may name in an UPDATE.

    The key, since locking a row asks for the right to update one column (the trigger refuses the change itself), and
    the one column that two people may blank.
    """
    key, redactable = model._meta.pk, getattr(model, "redactable", None)
    return ", ".join(name for name in (key.column if key else None, redactable) if name)


def _quoted(columns: Sequence[str]) -> str:
    """Names of columns for a statement: `order` is a word of SQL too."""
    return ", ".join(f'"{column}"' for column in columns)


def _close(database: str, roles: Sequence[str]) -> list[str]:
    """Nobody but the running roles comes in, and none keeps what an earlier version granted."""
    names = ", ".join(f'"{role}"' for role in roles)
    return [
        f'REVOKE ALL ON DATABASE "{database}" FROM PUBLIC',
        "REVOKE ALL ON SCHEMA public FROM PUBLIC",
        f"REVOKE ALL ON ALL TABLES IN SCHEMA public FROM PUBLIC, {names}",
        f'GRANT CONNECT ON DATABASE "{database}" TO {names}',
        f"GRANT USAGE ON SCHEMA public TO {names}",
    ]


def _run(role: str, tables: Sequence[str]) -> list[str]:
    """What a side's own process needs in its own database."""
    statements = [
        f'GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO "{role}"',
        f'GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO "{role}"',
    ]
    statements += [f'REVOKE INSERT, UPDATE, DELETE ON {table} FROM "{role}"' for table in READ_ONLY if table in tables]
    for model, _columns in protected_models():
        table = model._meta.db_table
        if table in tables:
            statements.append(f'REVOKE UPDATE, DELETE ON {table} FROM "{role}"')
            statements.append(f'GRANT UPDATE ({_lockable(model)}) ON {table} TO "{role}"')
    return statements


def grants_below(*, unblinded_role: str, blinded_role: str, database: str, tables: Sequence[str]) -> list[str]:
    """The statements for the blinded database: its own role runs it.

    The other role reads what `immunosep_site/readable.py` lists, and inserts into the hatch.
    """
    return [
        *_close(database, (blinded_role, unblinded_role)),
        *_run(blinded_role, tables),
        f'REVOKE INSERT ON {HATCH_TABLE} FROM "{blinded_role}"',
        *(
            f'GRANT SELECT ({_quoted(columns)}) ON {table} TO "{unblinded_role}"'
            for table, columns in READABLE.items()
            if table in tables
        ),
        f'GRANT INSERT ON {HATCH_TABLE} TO "{unblinded_role}"',
    ]


def grants_above(*, unblinded_role: str, database: str, tables: Sequence[str]) -> list[str]:
    """The statements for the unblinded database: its own role runs it, and nobody else comes in."""
    return [*_close(database, (unblinded_role,)), *_run(unblinded_role, tables)]
