"""Reading only what lies within somebody's reach: `Actor.reaches` as a filter."""

from __future__ import annotations

from typing import TypeVar

from django.db.models import Model, Q, QuerySet

from randomization.shared.actor import EVERYWHERE, Actor

M = TypeVar("M", bound=Model)


def in_reach(actor: Actor, *paths: str) -> Q:
    """The condition that the code of a site at one of these paths lies within the actor's reach.

    paths: as in a lookup, `participant__site__code`; each leads to the code of a site, or to an empty text, which
    belongs to the trial.
    """
    if actor.site_code == EVERYWHERE:
        return ~Q(pk__in=[])  # true, also beside an `|`
    lookup = "exact" if actor.is_at_one_site else "startswith"
    condition = Q()
    for path in paths:
        condition |= Q(**{f"{path}__{lookup}": actor.site_code})
    return condition


def within(queryset: QuerySet[M], actor: Actor, *paths: str) -> QuerySet[M]:
    """Those of the query that lie within the actor's reach; `paths` as in `in_reach`."""
    return queryset.filter(in_reach(actor, *paths))
