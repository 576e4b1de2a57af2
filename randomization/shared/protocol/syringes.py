"""What a protocol says about every syringe, key by key: the statements that labels, plan and lists rest on.

Pure: no Django.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from randomization.shared.protocol.values import Protocol, Route


@dataclass(frozen=True, slots=True)
class Difference:
    """One fact on which two files disagree, by the name of each file, its key there and its value there."""

    file: str
    key: str
    value: str
    other_file: str
    other_key: str
    other_value: str

    def __str__(self) -> str:
        return f"{self.file}: {self.key} is {self.value}, but {self.other_file}: {self.other_key} is {self.other_value}"


def number(value: Decimal) -> str:
    """A number without trailing zeros, so that 20 and 20.0 are one text."""
    return f"{value.normalize():f}"


def route_key(route: str, key: str) -> str:
    """How a key of a route is named in sentences: `regimen.route IV: volume_ml`."""
    return f"regimen.route {route}: {key}"


def _of_route(route: Route) -> Mapping[str, str]:
    return {
        route_key(route.code, "volume_ml"): number(route.volume_ml),
        route_key(route.code, "strength"): route.strength,
        route_key(route.code, "reduced_strength"): route.reduced_strength,
    }


def syringe_facts(protocol: Protocol) -> dict[str, str]:
    """Trial, routes, volumes and printed strengths, by key."""
    facts = {
        "trial": protocol.trial,
        "regimen.route": ", ".join(sorted(route.code for route in protocol.regimen.routes)),
    }
    for route in protocol.regimen.routes:
        facts.update(_of_route(route))
    return facts


def changed_syringes(old: Protocol, new: Protocol) -> list[Difference]:
    """Where the syringes of a new version are not those of the version before it, in the order of the keys."""
    before, after = syringe_facts(old), syringe_facts(new)
    files = f"protocol {new.version}", f"protocol {old.version}"
    return [
        Difference(files[0], key, after.get(key, "missing"), files[1], key, before.get(key, "missing"))
        for key in dict.fromkeys((*after, *before))
        if after.get(key) != before.get(key)
    ]
