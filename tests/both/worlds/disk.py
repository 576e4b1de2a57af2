"""Databases of a world are thrown away: SQLite need not wait for the disk, as PostgreSQL does not in a test run."""

from __future__ import annotations

from typing import Any

from django.db.backends.signals import connection_created


def _do_not_wait(connection: Any, **_more: Any) -> None:
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA synchronous=OFF")


def need_not_survive_a_loss_of_power() -> None:
    """From now on no new connection of this process waits until a commit is on the disk."""
    connection_created.connect(_do_not_wait, weak=False)
