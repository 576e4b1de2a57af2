"""Products, and what each syringe holds, as a plan file says. UNBLINDED.

Pure: no Django.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_CEILING, Decimal
from enum import StrEnum
from functools import partial
from typing import Final

from randomization.shared.gtin import as_gtin
from randomization.shared.protocol import CLASSES, ROUTE_CODES
from randomization.shared.toml_file import Table

STORED_PLACES: Final = 3
"""Decimals of a volume that a preparation keeps, in mL."""


class Level(StrEnum):
    """The dose level that the creatinine clearance calls for."""

    FULL = "full"
    REDUCED = "reduced"


class Source(StrEnum):
    """Where a product comes from: shipped by the sponsor and booked in, or taken from the hospital's own stock."""

    SPONSOR = "sponsor"
    HOSPITAL = "hospital"


@dataclass(frozen=True, slots=True)
class Product:
    """What is kept in stock, counted in units (a syringe, a vial, an ampoule) of `unit_ml` mL.

    unit_ml: None where one unit is enough for any dose. strength: what one unit holds, like `100 mg`, or a
    concentration like `100 mg/mL`, which is compared with what is drawn. storage: limits in degrees Celsius, like
    `2-8 C`.
    gtins: the first article numbers on its packs, 14 digits; further ones are added where packs are opened.
    """

    code: str
    name: str
    strength: str
    storage: str
    source: Source = Source.SPONSOR
    unit_ml: Decimal | None = None
    gtins: tuple[str, ...] = ()

    @property
    def limits(self) -> tuple[Decimal, Decimal] | None:
        """Lowest and highest storage temperature in degrees Celsius; None where the plan's words give none."""
        match = re.fullmatch(r"\s*(-?[0-9.]+)\s*-\s*(-?[0-9.]+)\s*°?\s*C\s*", self.storage)
        return (Decimal(match[1]), Decimal(match[2])) if match else None

    def units(self, volume_ml: Decimal) -> int:
        """How many units `volume_ml` mL take, each opened once."""
        return 1 if self.unit_ml is None else int((volume_ml / self.unit_ml).to_integral_value(ROUND_CEILING))


@dataclass(frozen=True, slots=True)
class Content:
    """One syringe: `draw_ml` of the product, filled up with the diluent to `final_ml` (both mL)."""

    product: str
    amount: str
    draw_ml: Decimal
    final_ml: Decimal


ContentKey = tuple[str, str, str, Level]


def _gtins(table: Table, taken: set[str]) -> tuple[str, ...]:
    """The article numbers of one product; none has a wrong check digit, none is on two products."""
    read = []
    for written in table.texts("gtins") if table.has("gtins") else ():
        gtin = as_gtin(written)
        if not gtin:
            table.collect(
                table.refuse("gtins", f"{written!r} is no article number (GTIN), or its check digit is wrong.")
            )
        elif gtin in taken:
            table.collect(table.refuse("gtins", f"{written!r} stands twice: an article is one product."))
        taken.add(gtin)
        read.append(gtin)
    return tuple(read)


def _product(taken: set[str], table: Table) -> Product:
    known = table.keys()
    product = Product(
        table.text("code"),
        table.text("name"),
        table.text("strength"),
        table.text("storage"),
        source=Source(table.one_of("source", list(Source))) if "source" in known else Source.SPONSOR,
        unit_ml=table.decimal("unit_ml", places=STORED_PLACES) if "unit_ml" in known else None,
        gtins=_gtins(table, taken),
    )
    table.done()
    return product


def read_products(top: Table) -> dict[str, Product]:
    """The products of a plan file, by code; what is wrong with one is collected in `top`."""
    products: dict[str, Product] = {}
    taken: set[str] = set()
    for product in top.each("product", partial(_product, taken)):
        if product.code in products:
            top.collect(top.refuse("product", f"code {product.code} stands twice: remove one."))
        products[product.code] = product
    return products


def _content(names: Sequence[str], codes: Sequence[str], contents: dict[ContentKey, Content], table: Table) -> None:
    """Add one entry to `contents`."""
    content = Content(
        product=table.one_of("product", codes),
        amount=table.text("amount"),
        draw_ml=table.decimal("draw_ml", places=STORED_PLACES),
        final_ml=table.decimal("final_ml", places=STORED_PLACES),
    )
    route = table.one_of("route", ROUTE_CODES)
    levels = [Level(level) for level in table.some_of("levels", list(Level))]
    chosen = table.some_of("arms", names), table.some_of("classes", CLASSES)
    table.done()
    if content.draw_ml > content.final_ml:
        raise table.refuse("draw_ml", "is more than final_ml: a syringe cannot hold it.")
    for arm, immune_class, level in itertools.product(*chosen, levels):
        key = (arm, immune_class, route, level)
        if key in contents:
            raise table.refuse("arms", f"{', '.join(key)} already has contents: keep one entry.")
        contents[key] = content


def read_contents(top: Table) -> dict[ContentKey, Content]:
    """What each syringe holds, by arm, class, route and level; what is wrong with an entry is collected in `top`."""
    contents: dict[ContentKey, Content] = {}
    names, codes = top.named("arm", "name"), sorted(top.named("product", "code"))
    top.each("content", partial(_content, names, codes, contents))
    return contents
