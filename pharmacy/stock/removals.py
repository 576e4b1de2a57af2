"""Reads of removals: what one person took out of a lot, and whether another confirmed it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from django.db.models import QuerySet

from pharmacy.stock.models import Removal
from pharmacy.stock.removing import OPEN, TRANSITIONS, RemovalState
from randomization.accounts.policies import can, check_can
from randomization.accounts.roles import Permission
from randomization.audit.selectors import texts_by_value
from randomization.shared.actor import Actor
from randomization.shared.errors import NotFound
from randomization.shared.reach import within
from randomization.shared.read_once import read_once
from randomization.unblinded.formulary.contents import Level
from randomization.unblinded.lists.selectors import plans_in_use

SHOWN: Final = 100
"""Removals that were confirmed or settled, on the page and over the API: the newest."""


def most_in_a_syringe(site_code: str, product: str) -> int:
    """The most units of a product that one preparation takes at a site, on any route and level; 0: none takes it."""
    plan = plans_in_use(site_code)
    return max((plan.may_need(route, level).get(product, 0) for route in plan.routes for level in Level), default=0)


def check_may_decide(actor: Actor, site_code: str | None = None) -> None:
    """Raise unless the actor may be the second person: of the site's pharmacy, or the sponsor's safety officer.

    Raises NotFound out of reach, NotPermitted otherwise.
    """
    sponsor = can(actor, Permission.STOCK_RECALL)
    check_can(actor, Permission.STOCK_RECALL if sponsor else Permission.PREPARATION_MAKE, site_code=site_code)


@dataclass(frozen=True, slots=True)
class RemovalRow:
    """A removal with its reason, and that of the last decision on it; `may_decide`: by the reader."""

    removal: Removal
    reason: str
    decision: str
    may_decide: bool

    @property
    def units(self) -> int:
        """Units that left the lot."""
        return -int(self.removal.movement.quantity)

    @property
    def is_open(self) -> bool:
        """Whether another person is asked."""
        return self.removal.state in OPEN

    @property
    def may_become(self) -> list[RemovalState]:
        """What may be said of it now, in the order of the table."""
        following = TRANSITIONS[RemovalState(self.removal.state)]
        return [state for state in RemovalState if state in following]


def rows_of(actor: Actor, removals: Iterable[Removal]) -> list[RemovalRow]:
    """Removals as somebody reads them."""
    listed = list(removals)
    if not listed:
        return []
    keys = [str(removal.pk) for removal in listed]
    reasons = {
        **texts_by_value(actor, "stock.write_off", "removal", keys),
        **texts_by_value(actor, "stock.count", "removal", keys),
    }
    signed = [str(removal.decision_signature) for removal in listed if removal.decision_signature]
    decisions = texts_by_value(actor, "stock.decide_removal", "signature", signed)
    return [
        RemovalRow(
            removal,
            reasons.get(str(removal.pk), ""),
            decisions.get(str(removal.decision_signature), ""),
            may_decide=removal.state in OPEN and _may_decide(actor, removal),
        )
        for removal in listed
    ]


def _may_decide(actor: Actor, removal: Removal) -> bool:
    at_site = can(actor, Permission.PREPARATION_MAKE) and actor.reaches(removal.site_code)
    return removal.recorded_by != actor.user_name and (at_site or can(actor, Permission.STOCK_RECALL))


def _seen(actor: Actor) -> QuerySet[Removal]:
    removals = Removal.objects.select_related("movement__lot")
    if can(actor, Permission.STOCK_RECALL):
        return removals
    check_can(actor, Permission.PREPARATION_READ)
    return within(removals, actor, "site_code")


def removals_for(actor: Actor) -> list[RemovalRow]:
    """The removals within reach: those that another person is asked about, oldest first, then the newest others."""
    waiting = _seen(actor).filter(state__in=OPEN).order_by("id")
    ended = _seen(actor).exclude(state__in=OPEN).order_by("-decided_at", "-id")
    return rows_of(actor, [*waiting, *ended[:SHOWN]])


def open_removals(actor: Actor) -> list[RemovalRow]:
    """Those within reach that another person is asked about, oldest first."""
    return rows_of(actor, _seen(actor).filter(state__in=OPEN).order_by("id"))


def how_many_open(actor: Actor) -> int:
    """How many within reach another person is asked about."""
    return _seen(actor).filter(state__in=OPEN).count()


def removal_to_decide(actor: Actor, removal_id: int) -> Removal:
    """One removal, for its second person; raises NotFound at another site."""
    check_may_decide(actor)
    removal = Removal.objects.select_related("movement__lot").filter(pk=removal_id).first()
    if removal is None:
        raise NotFound()
    check_may_decide(actor, removal.site_code)
    return removal


@read_once
def row_for(actor: Actor, removal_id: int) -> RemovalRow:
    """One removal as its second person reads it."""
    return rows_of(actor, [removal_to_decide(actor, removal_id)])[0]


def removals_at(site_code: str) -> list[Removal]:
    """Every removal at a site with its movement and lot, oldest first; one statement."""
    return list(Removal.objects.select_related("movement__lot").filter(site_code=site_code).order_by("id"))
