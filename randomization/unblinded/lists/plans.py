"""Several plans read as one, where lists of more than one are in use.

Pure: no Django.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from randomization.unblinded.formulary.contents import Level, Product
from randomization.unblinded.lists.plan import Plan


@dataclass(frozen=True)
class Plans:
    """The plans of lists in use, newest version first; empty: there are none.

    A product that several plans describe is as the newest says. What a syringe may need is the most of any.
    """

    plans: tuple[Plan, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.plans)

    @cached_property
    def products(self) -> Mapping[str, Product]:
        """Every product of every plan, by code."""
        return {code: item for plan in reversed(self.plans) for code, item in plan.products.items()}

    @property
    def routes(self) -> tuple[str, ...]:
        """The routes that have contents in any plan."""
        return tuple(sorted({route for plan in self.plans for route in plan.routes}))

    def may_need(self, route: str, level: Level) -> dict[str, int]:
        """Units by product that a syringe of this route may take, whatever plan, arm and class: the most of each."""
        most: dict[str, int] = {}
        for plan in self.plans:
            for code, units in plan.may_need(route, level).items():
                most[code] = max(units, most.get(code, 0))
        return dict(sorted(most.items()))

    def routes_of(self, product: str) -> frozenset[str]:
        """The routes for which a syringe of any plan, arm, class and level may need the product."""
        return frozenset(route for plan in self.plans for route in plan.routes_of(product))


@dataclass(frozen=True, slots=True)
class PlansBySite:
    """The plans in use at each site; `everywhere`: the one plan of the trial, while there is no other."""

    everywhere: Plans
    by_site: Mapping[str, Plans]

    def at(self, site_code: str) -> Plans:
        """Those in use at a site."""
        return self.everywhere or self.by_site.get(site_code, Plans())
