"""Which prepared syringes an act makes void: said before it is done, and accepted by the person who does it.

The service that voids says what becomes void and raises `VoidsNotAccepted` in its own transaction unless exactly that
was accepted; so nothing can change between the question and the act.

Pure: no Django.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256

from randomization.shared import clock
from randomization.shared.errors import Refused
from randomization.shared.sentences import joined
from randomization.shared.sentences import sentence as _


@dataclass(frozen=True, slots=True)
class ExpectedVoid:
    """One syringe that becomes void: where, which dose, when planned (UTC), zone of the site; never what it holds."""

    site_code: str
    route: str
    number: int
    planned_at: datetime
    zone: str


@dataclass(frozen=True, slots=True)
class Accepted:
    """What a request accepts: that `count` syringes become void, or those that a page showed, by their `digest`."""

    count: int = 0
    read: str = ""

    def covers(self, voids: Sequence[ExpectedVoid]) -> bool:
        """Whether exactly this was accepted; nothing needs no acceptance."""
        return not voids or self.count == len(voids) or self.read == digest(voids)


class VoidsNotAccepted(Refused):
    """Nothing was done yet: `voids` become void by it, in `sentences` for the person who decides."""

    code = "voids_not_accepted"

    def __init__(self, voids: Sequence[ExpectedVoid], sentences: Sequence[str]) -> None:
        super().__init__(joined([*sentences, _("Nothing is recorded yet.")]))
        self.voids, self.sentences = tuple(voids), tuple(sentences)


Say = Callable[[Sequence[ExpectedVoid]], list[str]]


def digest(voids: Sequence[ExpectedVoid]) -> str:
    """What a form carries to say which syringes were shown; it changes with each of them."""
    facts = [[void.site_code, void.route, void.number, clock.stamp(void.planned_at)] for void in voids]
    return sha256(json.dumps(facts).encode()).hexdigest()


def check_accepted(voids: Sequence[ExpectedVoid], accepted: Accepted | None, say: Say) -> None:
    """Raise VoidsNotAccepted, in the words of `say`, unless exactly these were accepted.

    accepted: None where nobody is asked: the system acts, or a fact is recorded that has happened.
    """
    if accepted is not None and not accepted.covers(voids):
        raise VoidsNotAccepted(voids, say(voids))


def _by_route(voids: Sequence[ExpectedVoid]) -> list[tuple[str, Sequence[ExpectedVoid]]]:
    routes: dict[str, list[ExpectedVoid]] = {}
    for void in sorted(voids, key=lambda one: (one.planned_at, one.site_code, one.route, one.number)):
        routes.setdefault(void.route, []).append(void)
    return sorted(routes.items())


def _hour(expected_void: ExpectedVoid) -> str:
    return f"{clock.site_moment(expected_void.planned_at, expected_void.zone):%d %b %H:%M %z}"


def in_the_pharmacy(voids: Sequence[ExpectedVoid]) -> list[str]:
    """`6 prepared IV syringes become void; the first is planned for 28 Nov 19:00 +0200.`, a sentence for each route."""
    return [_above(route, of_route) for route, of_route in _by_route(voids)]


def _above(route: str, voids: Sequence[ExpectedVoid]) -> str:
    at, count, sites = _hour(voids[0]), len(voids), len({void.site_code for void in voids})
    if count == 1:
        return _("1 prepared %(route)s syringe becomes void; its dose is planned for %(at)s.", route=route, at=at)
    if sites == 1:
        return _(
            "%(count)s prepared %(route)s syringes become void; the first is planned for %(at)s.",
            count=count,
            route=route,
            at=at,
        )
    return _(
        "%(count)s prepared %(route)s syringes become void at %(sites)s sites; the first is planned for %(at)s at "
        "%(site)s.",
        count=count,
        route=route,
        sites=sites,
        at=at,
        site=voids[0].site_code,
    )


def on_the_ward(voids: Sequence[ExpectedVoid]) -> list[str]:
    """What the ward may know: of the syringes that it was told are ready, and of no others (docs/decisions/0031)."""
    return [*(_below(route, of_route) for route, of_route in _by_route(voids)), UNSEEN]


UNSEEN = _("The pharmacy checks by itself what it has prepared and not announced yet.")
NONE_READY = _("No syringe is ready for this patient now, so the ward has none that becomes void.")


def _below(route: str, voids: Sequence[ExpectedVoid]) -> str:
    at, count = _hour(voids[0]), len(voids)
    if count == 1:
        return _(
            "1 %(route)s syringe that is ready for this patient becomes void; its dose is planned for %(at)s. Return "
            "it to the pharmacy.",
            route=route,
            at=at,
        )
    return _(
        "%(count)s %(route)s syringes that are ready for this patient become void; the first is planned for %(at)s. "
        "Return them to the pharmacy.",
        count=count,
        route=route,
        at=at,
    )


def at_sites(voids: Sequence[ExpectedVoid]) -> list[str]:
    """What a command says that changes the rules of sites: a sentence a site, of what was announced to its ward."""
    sites: dict[str, list[ExpectedVoid]] = {}
    for void in sorted(voids, key=lambda one: (one.planned_at, one.route, one.number)):
        sites.setdefault(void.site_code, []).append(void)
    return [*(_at_site(site_code, of_site) for site_code, of_site in sorted(sites.items())), UNSEEN]


def _at_site(site_code: str, voids: Sequence[ExpectedVoid]) -> str:
    at, count = _hour(voids[0]), len(voids)
    if count == 1:
        return _(
            "%(site)s: 1 syringe that is ready on the ward becomes void; its dose is planned for %(at)s.",
            site=site_code,
            at=at,
        )
    return _(
        "%(site)s: %(count)s syringes that are ready on the ward become void; the first is planned for %(at)s.",
        site=site_code,
        count=count,
        at=at,
    )
