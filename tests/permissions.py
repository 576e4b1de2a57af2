"""Who may open what: walks the addresses of a side and compares them with its table."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any
from uuid import uuid4

from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver

from immunosep_site.demonstration.password import PASSWORD
from randomization.delivery.one_time_keys import HEADER
from randomization.shared.actor import Actor


def names(patterns: Sequence[Any], prefix: str = "") -> Iterator[str]:
    """The names of all addresses; Django's own panel counts as one."""
    for entry in patterns:
        if isinstance(entry, URLPattern):
            yield prefix + (entry.name or str(entry.pattern))
        elif isinstance(entry, URLResolver):
            if entry.namespace == "admin":
                yield "admin"
            else:
                yield from names(entry.url_patterns, prefix)


def missing_from(table: set[str]) -> set[str]:
    """Addresses that the permission table does not name."""
    return set(names(get_resolver().url_patterns)) - table


class KeyedClient(Client):
    """A client of the API as it should be: every act has a one-time key of its own, unless the test names one."""

    def generic(self, method: str, path: Any, *args: Any, **kwargs: Any) -> Any:
        headers = kwargs.get("headers") or {}
        if str(path).startswith("/api/") and method not in {"GET", "HEAD", "OPTIONS"} and HEADER not in headers:
            kwargs["headers"] = {**headers, HEADER: str(uuid4())}
        return super().generic(method, path, *args, **kwargs)


def client_of(actor: Actor) -> Client:
    """A logged-in person."""
    client = KeyedClient()
    answer = client.post("/log-in/", {"username": actor.user_name, "password": PASSWORD})
    assert answer.status_code == 302, actor
    return client


def read(client: Client, address: str) -> dict[str, str]:
    """What the form of a page carries to say which void syringes were read there."""
    match = re.search(r'name="foreseen" value="([0-9a-f]{64})"', client.get(address).content.decode())
    assert match is not None, address
    return {"foreseen": match[1]}
