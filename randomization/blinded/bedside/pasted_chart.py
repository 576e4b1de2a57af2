"""A day of charted times, pasted as text: one dose a line. Reads no database."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime

from randomization.shared import clock
from randomization.shared.errors import InvalidInput
from randomization.shared.identifiers import canonical
from randomization.shared.ids import dose_number
from randomization.shared.protocol import ROUTE_CODES
from randomization.shared.sentences import sentence as _

_LINE = re.compile(r"^\s*([^\W\d_]{2})\s*0*([0-9]{1,3})\s*[;,\t ]\s*([0-9]{1,2})[:.]([0-9]{2})\s*$")


@dataclass(frozen=True, slots=True)
class Charted:
    """One line of the chart; `at` is UTC."""

    route: str
    number: int
    at: datetime


def read_chart(text: str, day: date, zone: str) -> list[Charted]:
    """Read lines like `IV 07 14:05` of one local day.

    Raises InvalidInput naming the first line that cannot be read, a dose that stands twice, or a local hour that does
    not exist or exists twice.
    """
    doses: list[Charted] = []
    for order, line in enumerate(text.splitlines(), 1):
        if not line.strip():
            continue
        match = _LINE.match(line)
        route = canonical(match[1]) if match else ""
        if match is None or route not in ROUTE_CODES or int(match[3]) > 23 or int(match[4]) > 59:
            raise InvalidInput(
                _(
                    "Line %(line)s, %(text)s: write route, number and time, like IV 07 14:05.",
                    line=order,
                    text=repr(line.strip()),
                ),
                field="text",
            )
        local = datetime(day.year, day.month, day.day, int(match[3]), int(match[4]))  # noqa: DTZ001 (local time)
        charted = Charted(route, int(match[2]), clock.from_site_time(local, zone))
        if any((earlier.route, earlier.number) == (charted.route, charted.number) for earlier in doses):
            raise InvalidInput(
                _(
                    "%(route)s %(number)s stands twice: remove one line.",
                    route=charted.route,
                    number=dose_number(charted.number),
                ),
                field="text",
            )
        doses.append(charted)
    if not doses:
        raise InvalidInput(_("Paste at least one line, like IV 07 14:05."), field="text")
    return doses
