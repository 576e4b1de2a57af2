"""A blinded process that looks at its own side: pages, answers, headers, and a dump of its database.

One JSON command a line on standard input, one JSON answer a line on standard output.
"""

from __future__ import annotations

import json
import sys
from datetime import datetime, timedelta
from typing import Any

from tests.both.worlds import chance

chance.install()
chance.STREAM.reseed("start")

import django  # noqa: E402

django.setup()

import time_machine  # noqa: E402
from django.core.management import call_command  # noqa: E402
from django.db import connection  # noqa: E402
from django.test import Client  # noqa: E402
from django.test.client import ClientHandler  # noqa: E402

from tests.both.worlds.disk import need_not_survive_a_loss_of_power  # noqa: E402

PASSWORD = "demonstration only"
IDLE = timedelta(minutes=20)
HANDLER = ClientHandler(enforce_csrf_checks=False)
"""One for everybody, as in a served process: its middleware is loaded once."""
clients: dict[str, tuple[Client, datetime]] = {}


def _client(user: str, at: datetime) -> Client:
    """The person's session; who was idle for long logs in again, before the site would ask for it."""
    client, last = clients.get(user, (None, at))
    if client is None or at - last > IDLE:
        client = Client(raise_request_exception=False)
        client.handler = HANDLER
        answer = client.post("/log-in/", {"username": user, "password": PASSWORD})
        assert answer.status_code == 302, (user, answer.status_code)
    clients[user] = (client, at)
    return client


def _page(command: dict[str, Any]) -> dict[str, Any]:
    client = _client(command["user"], datetime.fromisoformat(command["at"]))
    if "json" in command:
        answer = client.post(command["path"], json.dumps(command["json"]), content_type="application/json")
    elif "data" in command:
        answer = client.post(command["path"], command["data"])
    else:
        answer = client.get(command["path"])
    body = b"".join(answer.streaming_content) if answer.streaming else answer.content  # type: ignore[attr-defined]
    return {
        "status": answer.status_code,
        "headers": dict(answer.headers),
        "cookies": str(client.cookies),
        "body": body.decode("utf-8", "surrogateescape"),
    }


def _dump() -> dict[str, Any]:
    """Every row of every table, and the counters that a rolled-back insert would leave behind."""
    rows_by_table: dict[str, Any] = {}
    with connection.cursor() as cursor:
        for table in sorted(connection.introspection.table_names(cursor)):
            cursor.execute(f'SELECT * FROM "{table}"')
            rows_by_table[table] = sorted(repr(row) for row in cursor.fetchall())
        counters = "SELECT name, seq FROM sqlite_sequence"
        if connection.vendor != "sqlite":
            counters = "SELECT sequencename, last_value FROM pg_sequences"
        cursor.execute(counters)
        rows_by_table["counters"] = sorted(repr(row) for row in cursor.fetchall())
    return rows_by_table


def _answer(command: dict[str, Any]) -> Any:
    match command["do"]:
        case "page":
            return _page(command)
        case "dump":
            return _dump()
        case _:
            call_command(*command["words"])
            return None


def main() -> None:
    """Answer until the input ends."""
    need_not_survive_a_loss_of_power()
    for line in sys.stdin:
        command = json.loads(line)
        chance.STREAM.reseed(command["seed"])
        with time_machine.travel(command["at"], tick=False):
            print(json.dumps(_answer(command)), flush=True)


main()
