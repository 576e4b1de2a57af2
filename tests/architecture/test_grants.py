"""What the printed grants leave to the running roles; `make production` tries them on PostgreSQL itself."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable
from typing import Final

import pytest
from django.apps import apps

from immunosep_site.fence import HIDDEN, PERSON_COLUMNS
from immunosep_site.granting import grants_above, grants_below
from randomization.audit.models import Event, FreeText
from randomization.audit.triggers import protected_models
from randomization.shared.service import HATCH_TABLE

pytestmark = pytest.mark.once
TABLES: Final = sorted({model._meta.db_table for model in apps.get_models()} | {"django_migrations"})
WHOLE: Final = {"SELECT", "INSERT", "UPDATE", "DELETE"}
STATEMENT: Final = re.compile(r"(GRANT|REVOKE) (.+) ON (?:TABLE )?(ALL TABLES IN SCHEMA public|\w+) (?:TO|FROM) (.+)")


def rights(statements: Iterable[str], role: str) -> dict[str, set[str]]:
    """What a role may do with each table after the statements, in order; `UPDATE (x)` is a right of its own."""
    held: dict[str, set[str]] = defaultdict(set)
    for statement in statements:
        read = STATEMENT.fullmatch(statement)
        if read is None or f'"{role}"' not in read[4]:
            continue
        tables = TABLES if read[3].startswith("ALL") else [read[3]]
        words = set(re.findall(r"[A-Z]+(?: \([^)]*\))?", read[2]))
        for table in tables:
            if read[1] == "GRANT":
                held[table] |= words
            else:
                held[table] = set() if "ALL" in words else held[table] - words
    return held


BELOW: Final = grants_below(unblinded_role="up", blinded_role="down", database="below", tables=TABLES)
ABOVE: Final = grants_above(unblinded_role="up", database="above", tables=TABLES)


@pytest.mark.parametrize(("statements", "role"), [(BELOW, "down"), (ABOVE, "up")])
@pytest.mark.requirement("R26", "R32")
def test_what_is_append_only_is_neither_changed_nor_deleted(statements: list[str], role: str) -> None:
    held = rights(statements, role)
    for model, _columns in protected_models():
        table, key = model._meta.db_table, model._meta.pk
        assert not held[table] & {"UPDATE", "DELETE"}, table
        allowed = {key.column if key else "", getattr(model, "redactable", "")}
        for right in held[table] - {"SELECT", "INSERT"}:
            named = re.fullmatch(r"UPDATE \(([^)]*)\)", right)
            assert named is not None, (table, right)
            assert set(named[1].split(", ")) <= allowed, (table, right)
    assert held["django_migrations"] == {"SELECT"}
    assert held["accounts_person"] == WHOLE


def test_the_blinded_role_writes_no_message() -> None:
    assert "INSERT" not in rights(BELOW, "down")[HATCH_TABLE]


@pytest.mark.requirement("R11")
def test_the_unblinded_role_reads_below_and_writes_into_the_hatch_alone() -> None:
    held = rights(BELOW, "up")
    for table in TABLES:
        writes = {right for right in held[table] if not right.startswith("SELECT")}
        assert writes == ({"INSERT"} if table == HATCH_TABLE else set()), table
    assert not any(held[table] for table in HIDDEN)
    assert not held[FreeText._meta.db_table]
    for table, columns in PERSON_COLUMNS.items():
        assert held[table] == {f"SELECT ({', '.join(sorted(columns))})"}
    assert "SELECT" in held[Event._meta.db_table]


def test_a_planted_grant_is_seen() -> None:
    table = Event._meta.db_table
    assert "DELETE" in rights([*BELOW, f'GRANT DELETE ON {table} TO "down"'], "down")[table]
    assert rights([*BELOW, f'REVOKE ALL ON {table} FROM "up"'], "up")[table] == set()
