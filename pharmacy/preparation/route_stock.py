"""Whether a route can be prepared at a site at all, and what an opening counts as taken: the same for every content."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from pharmacy.stock.booking import lock_lots, reserve
from pharmacy.stock.debts import owe
from pharmacy.stock.ledger import Holding, NotEnough, first_expiring
from randomization.shared.actor import Actor
from randomization.unblinded.formulary.contents import Level, Source
from randomization.unblinded.lists.selectors import plan_of_kit


@dataclass(frozen=True, slots=True)
class RouteStock:
    """What a syringe of a route may take of each product that is counted, and the lots there, locked."""

    site_code: str
    wanted: dict[str, int]
    held: list[Holding]
    until: date

    def missing(self) -> list[str]:
        """Products of which not enough would be there, had every preparation taken everything it may need."""
        return [product for product in self.wanted if not self._enough(product)]

    def _enough(self, product: str) -> bool:
        try:
            first_expiring(self._lots(product), self.wanted[product], self.until, arm_neutral=True)
        except NotEnough:
            return False
        return True

    def _lots(self, product: str) -> list[Holding]:
        return [lot for lot in self.held if lot.product == product]

    def reserve(self, actor: Actor, reference: str, missing: list[str]) -> None:
        """Count what the route may need as taken; what is missing is owed, and the next delivery note pays."""
        for product, units in self.wanted.items():
            if product in missing:
                owe(self.site_code, product, units, reference)
            else:
                reserve(actor, self.held, product, units, self.until, reference)


def route_stock(kit_code: str, site_code: str, route: str, level: Level, until: date) -> RouteStock:
    """What a syringe of a route may take at a site, whatever it will hold, by the kit's plan; the lots are locked."""
    plan = plan_of_kit(kit_code)
    needs = plan.may_need(route, level) if plan else {}
    wanted = {code: units for code, units in needs.items() if plan and plan.products[code].source is Source.SPONSOR}
    return RouteStock(site_code, wanted, lock_lots(site_code, sorted(wanted)), until)
