"""Opens every page and every read of the API of one side, in the world of the browser tests.

Argument: what `tests/browser/set_up.py` told. Prints what was asked twice in one request, by person and address.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator

import django

django.setup()

import time_machine  # noqa: E402
from django.conf import settings  # noqa: E402
from django.test import Client  # noqa: E402
from django.urls import Resolver404, resolve  # noqa: E402

from randomization.accounts.models import Account  # noqa: E402
from randomization.shared import clock  # noqa: E402
from randomization.shared.actor import Actor  # noqa: E402
from tests.pages import LOGGED_OUT, PAGES, REFUSED  # noqa: E402
from tests.permissions import client_of  # noqa: E402
from tests.statements import reads, repeated  # noqa: E402

if settings.SIDE == "blinded":
    from tests.blinded.delivery.permission_table import TABLE
else:
    from tests.unblinded.delivery.permission_table import TABLE  # type: ignore[assignment]

SWEEPS = {"randomization.hatch.middleware.CarryDownFirst", "randomization.blinded.inbox.middleware.ApplyFirst"}
"""What an embedded run does before each request in place of workers: no part of the page."""


def name_of(address: str) -> str:
    """The name of an address; its own text where there is nothing."""
    try:
        return resolve(address.partition("?")[0]).view_name
    except Resolver404:
        return address


def addresses(places: dict[str, str]) -> Iterator[tuple[str, str]]:
    """Person and address: every page, then what else the table of permissions lists, files and reads of the API."""
    names = set()
    for (side, user_name), pages in PAGES.items():
        for page in pages if side == settings.SIDE else ():
            address = page.format(**places)
            names.add(name_of(address))
            yield user_name, address
    people = set(Account.objects.values_list("user_name", flat=True))
    for name, entry in TABLE.items():
        if entry is None or name in names:
            continue
        address, users = entry[0], [actor.user_name for actor in entry[1]]
        if settings.SIDE == "unblinded" and ("{" in address or "GR01" in address):  # things of the second site
            address = address.replace("GR01", "GR02").format(**places)
            users = [user.replace("gr01", "gr02") for user in users]
        yield next(user for user in users if user in people), address


def main() -> None:
    """The clock stands: what is asked twice by the present moment is the same statement."""
    settings.MIDDLEWARE = [name for name in settings.MIDDLEWARE if name not in SWEEPS]
    settings.ALLOWED_HOSTS = ["testserver"]
    told, clients, offenders = json.loads(sys.argv[1]), dict[str, Client](), dict[str, list[str]]()
    places = {"treated": told["treated"], "waiting": told["waiting"], **told["places"]}
    with time_machine.travel(clock.now(), tick=False):
        visits = [*(("", address) for address in LOGGED_OUT[settings.SIDE]), *addresses(places)]
        for user_name, address in visits:
            if user_name not in clients:
                clients[user_name] = client_of(Actor(user_name, "", "")) if user_name else Client()
            with reads() as statements:
                answer = clients[user_name].get(address)
            refused = REFUSED.get(address) or REFUSED.get((user_name, address))
            assert answer.status_code == refused or answer.status_code < 400, (user_name, address, answer.status_code)
            if twice := repeated(statements):
                offenders[f"{user_name} {address}"] = twice
    print(json.dumps({"visits": len(visits), "offenders": offenders}))


main()
