"""What the printed grants leave to the running roles; `make production` tries them on PostgreSQL itself."""

from __future__ import annotations

import re
import sqlite3
from collections import defaultdict
from collections.abc import Iterable
from typing import Final

import pytest
from django.apps import apps
from django.db.models import TextField

from immunosep_site.fence import authorize
from immunosep_site.granting import grants_above, grants_below
from immunosep_site.readable import READABLE
from randomization.audit.models import Event
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
    assert held["accounts_account"] == WHOLE


def test_the_blinded_role_writes_no_message() -> None:
    assert "INSERT" not in rights(BELOW, "down")[HATCH_TABLE]


@pytest.mark.requirement("R11")
def test_the_unblinded_role_reads_below_what_is_listed_and_writes_into_the_hatch_alone() -> None:
    held = rights(BELOW, "up")
    for table in TABLES:
        quoted = ", ".join(f'"{column}"' for column in READABLE.get(table, ()))
        expected = {f"SELECT ({quoted})"} if quoted else set()
        assert held[table] == expected | ({"INSERT"} if table == HATCH_TABLE else set()), table


@pytest.mark.requirement("R11")
def test_what_is_listed_is_there_and_is_of_no_person_but_two_columns() -> None:
    columns = {
        model._meta.db_table: {field.column for field in model._meta.concrete_fields} for model in apps.get_models()
    }
    columns["django_migrations"] = {"id", "app", "name", "applied"}
    for table, names in READABLE.items():
        assert len(set(names)) == len(names)
        assert set(names) <= columns[table], table
    people = {table for table in READABLE if table.split("_")[0] in {"accounts", "signatures", "delivery", "django"}}
    assert people == {"accounts_account", "accounts_membership", "django_migrations"}
    assert set(READABLE["accounts_account"]) == {"id", "user_name", "email"}


@pytest.mark.requirement("R11")
def test_no_free_text_of_a_person_is_listed() -> None:
    """Long texts that are listed: what an event says as data, a message from above, a protocol file."""
    long_texts = {
        (model._meta.db_table, field.column)
        for model in apps.get_models()
        for field in model._meta.concrete_fields
        if isinstance(field, TextField)
    }
    readable = {(table, column) for table, columns in READABLE.items() for column in columns}
    assert ("audit_freetext", "text") in long_texts
    assert long_texts & readable == {
        ("audit_event", "data"),
        ("hatch_inboxmessage", "payload"),
        ("sites_protocolversion", "text"),
    }


def test_a_new_table_of_accounts_is_invisible_from_above_until_someone_lists_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    tables = [*TABLES, "accounts_badge"]

    def held() -> set[str]:
        statements = grants_below(unblinded_role="up", blinded_role="down", database="below", tables=tables)
        assert rights(statements, "down")["accounts_account"] == WHOLE
        return {statement for statement in statements if "accounts_badge" in statement and '"up"' in statement}

    def answer(column: str) -> int:
        return authorize(sqlite3.SQLITE_READ, "accounts_badge", column, "main", None)

    assert held() == set()
    assert {answer("holder"), answer("")} == {sqlite3.SQLITE_DENY}
    monkeypatch.setitem(READABLE, "accounts_badge", ("holder",))
    assert held() == {'GRANT SELECT ("holder") ON accounts_badge TO "up"'}
    assert {answer("holder"), answer("")} == {sqlite3.SQLITE_OK}
    assert answer("secret") == sqlite3.SQLITE_DENY


def test_a_new_column_is_invisible_from_above_until_someone_lists_it() -> None:
    assert authorize(sqlite3.SQLITE_READ, "bedside_dose", "state", "main", None) == sqlite3.SQLITE_OK
    assert authorize(sqlite3.SQLITE_READ, "bedside_dose", "comment", "main", None) == sqlite3.SQLITE_DENY


def test_a_planted_grant_is_seen() -> None:
    table = Event._meta.db_table
    assert "DELETE" in rights([*BELOW, f'GRANT DELETE ON {table} TO "down"'], "down")[table]
    assert rights([*BELOW, f'REVOKE ALL ON {table} FROM "up"'], "up")[table] == set()
