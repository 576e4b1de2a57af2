"""What the unblinded process may do in the blinded database: read what is listed, and insert into the inbox.

PostgreSQL has grants for it (`manage.py grants`); SQLite an authorizer on the connection, set here. Off in the
demonstration and in tests, which play both sides.
"""

from __future__ import annotations

import sqlite3
from typing import Any, Final

from django.conf import settings
from django.db.backends.signals import connection_created

from immunosep_site.readable import may_read
from randomization.shared.service import HATCH_TABLE

_READING: Final = {
    sqlite3.SQLITE_SELECT,
    sqlite3.SQLITE_READ,
    sqlite3.SQLITE_FUNCTION,
    sqlite3.SQLITE_TRANSACTION,
    sqlite3.SQLITE_SAVEPOINT,
    sqlite3.SQLITE_PRAGMA,
    sqlite3.SQLITE_RECURSIVE,
}


def authorize(action: int, first: str | None, second: str | None, _database: str | None, _trigger: str | None) -> int:
    """SQLite's authorizer: deny by default."""
    if action == sqlite3.SQLITE_INSERT:
        return sqlite3.SQLITE_OK if first == HATCH_TABLE else sqlite3.SQLITE_DENY
    if action not in _READING:
        return sqlite3.SQLITE_DENY
    if action == sqlite3.SQLITE_READ and not may_read(first or "", second or ""):
        return sqlite3.SQLITE_DENY
    return sqlite3.SQLITE_OK


def _fence(connection: Any, **_kwargs: Any) -> None:
    if connection.alias == "blinded" and connection.vendor == "sqlite" and not settings.DEMONSTRATION:
        connection.connection.set_authorizer(authorize)


def put_up() -> None:
    """Fence every new connection of this process."""
    connection_created.connect(_fence, dispatch_uid="immunosep.fence")
