"""What one preparation asks for: the steps, what it takes from which lots, and what comes next."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Final

from pharmacy.labels.selectors import was_printed
from pharmacy.preparation.models import Preparation
from pharmacy.preparation.selectors import at_step
from pharmacy.preparation.states import PreparationState
from pharmacy.stock.cartons import CartonRow, hospital_lots_at, open_cartons
from pharmacy.stock.choices import products_there
from pharmacy.stock.ledger import Holding, NotEnough, first_expiring
from pharmacy.stock.selectors import holdings, local_date, lot_ids
from pharmacy.stock.uses import uses_of
from randomization.blinded.sites.for_unblinded import protocol_of, site
from randomization.shared import clock
from randomization.shared.actor import SYSTEM, Actor
from randomization.shared.sentences import joined
from randomization.shared.sentences import sentence as _
from randomization.unblinded.formulary.contents import Content, Source
from randomization.unblinded.lists.selectors import plan_of_kit, plans_in_use

STEPS: Final = {
    PreparationState.OPENED: "make",
    PreparationState.MADE: "check",
    PreparationState.CHECKED: "release",
}
"""The page of each step, by address name."""


@dataclass(frozen=True, slots=True)
class Ingredient:
    """One product that some preparations take: units, whether it is counted here, and the lots to take first.

    cartons: open ones to choose from. known: lots of the hospital's own stock that were used here before.
    """

    code: str
    name: str
    counted: bool
    units: int
    suggested: str
    cartons: tuple[CartonRow, ...] = ()
    known: tuple[Holding, ...] = ()


def last_day(preparation: Preparation) -> date:
    """The day, at the site, until which what goes into the syringe must last: the end of the window, or the use-before
    time where that is later; today at least.
    """
    place = site(SYSTEM, preparation.site_code)
    late = protocol_of(place).regimen.route(preparation.route).late
    return local_date(max(preparation.planned_at + late, preparation.use_before, clock.now()), place.time_zone)


Taken = list[tuple[str, int]]
"""Lots by number with the units taken from each."""


def in_words(taken: Iterable[tuple[str, int]]) -> str:
    """`2 of lot A, 1 of lot B`: what several syringes take of one product."""
    units: dict[str, int] = {}
    for number, count in taken:
        units[number] = units.get(number, 0) + count
    return joined(
        (_("%(count)s of lot %(number)s", count=count, number=number) for number, count in units.items()), ", "
    )


def suggestion(preparations: Sequence[Preparation], product: str) -> str:
    """The lots that syringes, in their order, best take of one product: first expiring first. Nothing is booked."""
    held = holdings(lot_ids(preparations[0].site_code, product))
    numbers, taken = {lot.lot_id: lot.number for lot in held}, Taken()
    for preparation in preparations:
        try:
            chosen = first_expiring(held, needs_of(preparation).get(product, 0), last_day(preparation))
        except NotEnough:
            return _("not enough is usable here")
        taken += [(numbers[lot_id], units) for lot_id, units in chosen]
        left = dict(chosen)
        held = [replace(lot, balance=lot.balance - left.get(lot.lot_id, 0)) for lot in held]
    return in_words(taken)


def needs_of(preparation: Preparation) -> dict[str, int]:
    """Units by product that the syringe takes, by code, as the plan of its kit says."""
    plan = plan_of_kit(preparation.kit_code)
    if plan is None:
        return {}
    content = Content(preparation.product, preparation.amount, preparation.draw_ml, preparation.final_ml)
    return dict(sorted(plan.needs(content).items()))


def ingredients(preparations: Sequence[Preparation]) -> list[Ingredient]:
    """What some preparations of one site take together, by product."""
    plan = plans_in_use()
    wanted: dict[str, int] = {}
    for preparation in preparations:
        for code, units in needs_of(preparation).items():
            wanted[code] = wanted.get(code, 0) + units
    ingredient_list = []
    for code, units in sorted(wanted.items()):
        product = plan.products.get(code)
        counted = product is not None and product.source is Source.SPONSOR
        suggested = suggestion(preparations, code) if counted else ""
        ingredient_list.append(
            Ingredient(
                code,
                product.name if product else code,
                counted,
                units,
                suggested,
                tuple(open_cartons(preparations[0].site_code, code)),
                () if counted else tuple(hospital_lots_at(preparations[0].site_code, code)),
            )
        )
    return ingredient_list


def products(site_code: str) -> list[Ingredient]:
    """Every product that an envelope of the site may name, for papers that name their lots.

    With the lots of the hospital's own stock that were used here before.
    """
    named = []
    for item in products_there(site_code):
        counted = item.source is Source.SPONSOR
        known = () if counted else tuple(hospital_lots_at(site_code, item.code))
        named.append(Ingredient(item.code, item.name, counted, 0, "", known=known))
    return named


def lots_of(preparation: Preparation) -> list[str]:
    """The lots that went into the syringe, in words."""
    return [
        _(
            "%(count)s x %(product)s lot %(number)s, expires %(day)s",
            count=-use.quantity,
            product=use.lot.product,
            number=use.lot.number,
            day=f"{use.lot.last_day:%d %b %Y}",
        )
        for use in uses_of(str(preparation.uid))
    ]


@dataclass(frozen=True, slots=True)
class LotTaken:
    """A lot in some syringes, for the second person to read on the units: `pk` is the lot's."""

    pk: int
    product: str
    number: str
    expires_on: date
    units: int

    def __str__(self) -> str:
        return _(
            "%(count)s x %(product)s lot %(number)s, expires %(day)s",
            count=self.units,
            product=self.product,
            number=self.number,
            day=f"{self.expires_on:%d %b %Y}",
        )


def lots_taken(preparations: Iterable[Preparation]) -> list[LotTaken]:
    """The lots that went into some syringes together, in the order in which they were taken."""
    taken: dict[int, LotTaken] = {}
    for preparation in preparations:
        for use in uses_of(str(preparation.uid)):
            before = taken[use.lot_id].units if use.lot_id in taken else 0
            taken[use.lot_id] = LotTaken(
                use.lot_id, use.lot.product, use.lot.number, use.lot.last_day, before - use.quantity
            )
    return list(taken.values())


def is_labelled(preparation: Preparation) -> bool:
    """Whether its labels were printed."""
    return was_printed(preparation.pack_code)


def next_step(actor: Actor, kit_code: str) -> str:
    """The address name of the first step at which something of this kit waits; empty where nothing does."""
    return next((name for state, name in STEPS.items() if at_step(actor, kit_code, state)), "")


def steps(preparation: Preparation) -> list[str]:
    """The instruction, in steps: what to draw, with what to fill up, to which volume."""
    rest = (preparation.final_ml - preparation.draw_ml).normalize()
    lines = [
        _(
            "Draw %(ml)s mL of %(product)s (%(amount)s).",
            ml=f"{preparation.draw_ml.normalize():f}",
            product=preparation.product_name,
            amount=preparation.amount,
        )
    ]
    if rest:
        lines.append(_("Fill up with %(ml)s mL of %(diluent)s.", ml=f"{rest:f}", diluent=preparation.diluent))
    lines += [
        _(
            "Check: final volume %(ml)s mL, %(route)s syringe.",
            ml=f"{preparation.final_ml.normalize():f}",
            route=preparation.route,
        ),
        _("Put on the label with this packaging code and scan it back."),
    ]
    return lines
