"""What the unblinded process may read below, tried as its role on PostgreSQL and with the authorizer on SQLite."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from django.db import DatabaseError, connections, transaction
from django.db.backends.base.base import BaseDatabaseWrapper
from django.test import override_settings

from immunosep_site.demonstration import cast, play
from immunosep_site.demonstration.play import Case
from immunosep_site.fence import authorize
from immunosep_site.granting import grants_below
from immunosep_site.readable import READABLE
from pharmacy.preparation.services.prepare import prepare
from randomization.accounts.roles import Role
from randomization.blinded.allocation.models import AllocationList
from randomization.blinded.allocation.selectors import envelope_opened_at, published_list
from randomization.blinded.bedside.models import Dose
from randomization.hatch.models import InboxMessage
from randomization.hatch.send import carry_down
from randomization.shared.actor import Actor
from randomization.shared.service import Side
from randomization.unblinded.codebreak.patients import changed_below, patient_for_break
from randomization.unblinded.codebreak.selectors import unblindings
from randomization.unblinded.lists.checkpoints import checkpoint_file, compare, take_checkpoint
from randomization.unblinded.people.services.appoint_by_two import former_breakers
from randomization.unblinded.people.services.reserve_below import known_below
from randomization.unblinded.witness.comparison import look
from tests.pages import PAGES
from tests.permissions import client_of

ROLE, OTHER_ROLE = "test_reads_from_above", "test_runs_below"


def statement(connection: BaseDatabaseWrapper, sql: str) -> list[Any]:
    with connection.cursor() as cursor:
        cursor.execute(sql)
        return cursor.fetchall() if cursor.description else []


def grant(connection: BaseDatabaseWrapper) -> None:
    """As the owner after a migrate."""
    statements = grants_below(
        unblinded_role=ROLE,
        blinded_role=OTHER_ROLE,
        database=str(connection.settings_dict["NAME"]),
        tables=sorted(connection.introspection.table_names()),
    )
    for sql in statements:
        statement(connection, sql)


@contextmanager
def from_above(connection: BaseDatabaseWrapper) -> Iterator[None]:
    """What the database lets the unblinded process do; roles are dropped with the test's transaction."""
    if connection.vendor == "sqlite":
        connection.connection.set_authorizer(authorize)
        try:
            yield
        finally:
            connection.connection.set_authorizer(None)
        return
    statement(connection, f"SET ROLE {ROLE}")
    try:
        yield
    finally:
        statement(connection, "RESET ROLE")


@pytest.fixture
def below(trial: None) -> BaseDatabaseWrapper:
    """The connection to the blinded database, with a role of the unblinded process."""
    connection = connections["blinded"]
    if connection.vendor == "postgresql":
        for role in (ROLE, OTHER_ROLE):
            statement(connection, f"CREATE ROLE {role}")
        grant(connection)
    return connection


def is_refused(connection: BaseDatabaseWrapper, sql: str) -> bool:
    try:
        with transaction.atomic(using="blinded"):
            statement(connection, sql)
    except DatabaseError as error:
        return any(words in str(error) for words in ("permission denied", "not authorized", "prohibited"))
    return False


@pytest.mark.requirement("R11")
def test_each_listed_column_is_read_and_no_other(below: BaseDatabaseWrapper) -> None:
    tables = below.introspection.table_names()
    with below.cursor() as cursor:
        columns = {
            table: [str(column.name) for column in below.introspection.get_table_description(cursor, table)]
            for table in tables
        }
    assert {"audit_freetext", "accounts_account", "outcomes_handover"} <= set(columns)
    with from_above(below):
        for table, names in columns.items():
            for name in names:
                listed = name in READABLE.get(table, ())
                assert is_refused(below, f'SELECT "{name}" FROM {table}') != listed, (table, name)


@pytest.mark.requirement("R11")
def test_a_new_table_of_accounts_is_invisible_until_someone_lists_it(
    below: BaseDatabaseWrapper, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused() -> list[bool]:
        with from_above(below):
            asked = ("holder", "secret", "count(*)")
            return [is_refused(below, f"SELECT {what} FROM accounts_badge") for what in asked]

    statement(below, "CREATE TABLE accounts_badge (holder text, secret text)")
    if below.vendor == "postgresql":
        grant(below)
    assert refused() == [True, True, True]
    monkeypatch.setitem(READABLE, "accounts_badge", ("holder",))
    if below.vendor == "postgresql":
        grant(below)
    assert refused() == [False, True, False]


@pytest.mark.requirement("R11")
def test_free_texts_of_the_trail_are_not_read(below: BaseDatabaseWrapper) -> None:
    with from_above(below):
        for sql in (
            "SELECT text FROM audit_freetext",
            "SELECT salt FROM audit_freetext",
            "SELECT count(*) FROM audit_redaction",
            "SELECT truth FROM allocation_misallocation",
            "SELECT shown FROM outcomes_handover",
            "SELECT * FROM audit_event",
        ):
            assert is_refused(below, sql), sql


def test_what_the_other_side_needs_is_readable(below: BaseDatabaseWrapper, tmp_path: Path) -> None:
    """Pages, code break, witness, checkpoints, preparation and the carrying of messages, as the unblinded process."""
    number = play.enrol(Case("GR01")).participant
    dose = Dose.objects.get(course__participant__number=number, route="IV", number=1)
    clients = {user_name: client_of(Actor(user_name, "", "")) for side, user_name in PAGES if side == "unblinded"}
    with from_above(below), override_settings(CHECKPOINT_DIRECTORY=str(tmp_path)):
        for (side, user_name), addresses in PAGES.items():
            for address in addresses if side == "unblinded" else ():
                if "{" not in address:
                    assert clients[user_name].get(address).status_code in {200, 404}, address
        assert patient_for_break(cast.at_site(Role.CODE_BREAKER, "GR01"), number).copied_at is None
        assert unblindings(cast.SAFETY_OFFICER) == []
        assert envelope_opened_at(number) is None
        assert published_list(AllocationList.objects.filter(site_id="GR01")[0].uid) is not None
        assert changed_below() is not None
        assert former_breakers() == []
        assert known_below("nurse.gr01", "")
        assert not look().wrong
        assert take_checkpoint(Side.BLINDED)["heads"]
        assert compare(Side.BLINDED, checkpoint_file(Side.BLINDED)) == (1, [])
        prepare(actor=cast.at_site(Role.PHARMACIST, "GR01"), dose_uid=dose.uid)
        sent = InboxMessage.objects.count()
        carry_down()
        assert InboxMessage.objects.count() >= sent
