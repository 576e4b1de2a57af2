"""What a preparer does at the bench: scan a carton as it is opened, take the units from it, read lot and expiry."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, timedelta

from immunosep_site.demonstration.cast import at_site
from pharmacy.preparation.instruction import last_day, lots_taken, needs_of
from pharmacy.preparation.models import Preparation
from pharmacy.preparation.units_taken import TypedLot
from pharmacy.stock.cartons import hospital_lots_at, open_cartons
from pharmacy.stock.read_pack import Typed
from pharmacy.stock.selectors import holdings, lot_by_number, lot_ids
from pharmacy.stock.services.cartons import open_carton
from randomization.accounts.roles import Role
from randomization.shared import clock
from randomization.unblinded.formulary.contents import Source
from randomization.unblinded.lists.selectors import plans_in_use

NO_CODE = "there is no code on it"


def _in_a_year() -> date:
    return (clock.now() + timedelta(days=365)).date().replace(day=1)


def on_paper(site_code: str) -> dict[str, TypedLot]:
    """The lots that a paper names: of the hospital's own stock, and of what was sent the one that most is left of."""
    plan = plans_in_use()
    written = {}
    for item in plan.products.values():
        held = sorted(holdings(lot_ids(site_code, item.code)), key=lambda lot: lot.balance)
        if item.source is Source.HOSPITAL:
            written[item.code] = TypedLot("HOSPITAL-1", _in_a_year())
        elif held:
            written[item.code] = TypedLot(held[-1].number)
    return written


def code_of(product: str, number: str, expires_on: date) -> str:
    """The manufacturer's code on a pack, as a scanner sends it; empty where the plan has no article number."""
    plan = plans_in_use()
    gtins = plan.products[product].gtins
    return f"]d201{gtins[0]}10{number}\x1d17{expires_on:%y%m%d}" if gtins else ""


def open_one(site_code: str, product: str, number: str, expires_on: date) -> int:
    """The carton of a lot that is open at a site; one is scanned and opened where none is."""
    for row in open_cartons(site_code, product):
        if row.lot_number == number and row.left != 0:
            return row.pk
    code = code_of(product, number, expires_on)
    typed = Typed(code) if code else Typed(number, expires_on, reason=NO_CODE)
    actor = at_site(Role.PHARMACIST, site_code)
    return int(open_carton(actor=actor, site_code=site_code, product=product, typed=typed).pk)


def _of_the_hospital(site_code: str, product: str, until: date) -> tuple[str, date]:
    usable = [lot for lot in hospital_lots_at(site_code, product) if lot.expires_on >= until]
    if usable:
        return usable[0].number, usable[0].expires_on
    number = "HOSPITAL-1" if lot_by_number(site_code, product, "HOSPITAL-1") is None else f"HOSPITAL-{until:%y%m%d}"
    return number, _in_a_year()


def _lots_to_open(preparations: Sequence[Preparation], site_code: str, product: str) -> list[tuple[str, date]]:
    """Number and expiry of the lots that these syringes take of a product, first expiring first."""
    until, plan = max(last_day(preparation) for preparation in preparations), plans_in_use()
    if plan.products[product].source is Source.HOSPITAL:
        return [_of_the_hospital(site_code, product, until)]
    chosen, missing = [], sum(needs_of(preparation).get(product, 0) for preparation in preparations)
    for lot in sorted(holdings(lot_ids(site_code, product)), key=lambda lot: (lot.expires_on, lot.number)):
        if missing > 0 and lot.free(arm_neutral=False) and not lot.reason_against_taking(until):
            chosen.append((lot.number, lot.expires_on))
            missing -= lot.free(arm_neutral=False)
    return chosen


def from_cartons(preparations: Sequence[Preparation], site_code: str, but: Iterable[str] = ()) -> dict[str, TypedLot]:
    """The open cartons that these syringes are preparation from, by product, `but` some; opened where none is open."""
    needed = {product for preparation in preparations for product in needs_of(preparation)} - set(but)
    return {
        product: TypedLot(
            cartons=tuple(
                open_one(site_code, product, number, expires_on)
                for number, expires_on in _lots_to_open(preparations, site_code, product)
            )
        )
        for product in sorted(needed)
    }


def lots_read(preparations: Sequence[Preparation]) -> list[int]:
    """The lots that the second person reads on the units."""
    return [lot.pk for lot in lots_taken(preparations)]
