"""Whether a plan agrees with itself: what is drawn, by the strength of the product, is the amount. UNBLINDED.

Pure: no Django.

Everything is compared as exact fractions: 1.34 mL of a product with 100 mg in 0.67 mL hold 200 mg and nothing else.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from typing import Final

from randomization.shared.protocol.syringes import Difference, number
from randomization.unblinded.formulary.contents import Content, ContentKey, Product
from randomization.unblinded.lists.plan import Plan

GRAMS: Final = {
    "g": Fraction(1),
    "mg": Fraction(1, 10**3),
    **dict.fromkeys(("microgram", "micrograms", "mcg", "ug", "\N{GREEK SMALL LETTER MU}g"), Fraction(1, 10**6)),
    "ng": Fraction(1, 10**9),
}
"""Units of mass, in grams; any other unit is compared as a word."""
_QUANTITY: Final = re.compile(r"\s*([0-9]+(?:\.[0-9]+)?)\s*([^\W\d][^/]*?)\s*")
_CONCENTRATION: Final = re.compile(r"(.*?)\s*(?:/|\bper\b)\s*([0-9]+(?:\.[0-9]+)?)?\s*ml\s*")
WRITE: Final = "write a number and a unit, like 100 mg or, as a strength, 100 mg/mL"


@dataclass(frozen=True, slots=True)
class Quantity:
    """An exact quantity; masses are in grams."""

    value: Fraction
    unit: str


def quantity(text: str) -> Quantity | None:
    """`100 microgram` as a quantity; None where it is no number with a unit."""
    match = _QUANTITY.fullmatch(text.casefold())
    if match is None:
        return None
    value, unit = Fraction(match[1]), " ".join(match[2].split())
    return Quantity(value * GRAMS[unit], "g") if unit in GRAMS else Quantity(value, unit)


def per_ml(product: Product) -> Quantity | None:
    """What 1 mL of a product holds; None where its strength is no quantity.

    The strength is what one unit of `unit_ml` holds, or says its own volume (`100 mg/mL`, `100 mg/5 mL`).
    """
    match = _CONCENTRATION.fullmatch(product.strength.casefold())
    held = quantity(match[1] if match else product.strength)
    volume = Fraction(match[2] or 1) if match else Fraction(product.unit_ml or 0)
    return None if held is None or not volume else Quantity(held.value / volume, held.unit)


def is_dummy(plan: Plan, content: Content) -> bool:
    """Whether a syringe holds the diluent alone."""
    return plan.products[content.product].name == plan.diluent


def _is_open(product: Product) -> bool:
    """A product without `unit_ml` whose strength names no volume: one unit is enough, nothing can be compared."""
    return product.unit_ml is None and _CONCENTRATION.fullmatch(product.strength.casefold()) is None


def contradictions(plan: Plan, *, plan_name: str = "plan") -> Iterator[Difference]:
    """Each entry of a drug whose `draw_ml` times strength is not its `amount`, or cannot be compared with it."""
    for key, content in plan.contents.items():
        product = plan.products[content.product]
        if is_dummy(plan, content) or _is_open(product):
            continue
        strength, amount = per_ml(product), quantity(content.amount)
        if strength is None or amount is None:
            said = f"{content.amount} ({WRITE})" if amount is None else content.amount
            yield _difference(plan_name, key, content, product, said)
        elif strength.unit != amount.unit or Fraction(content.draw_ml) * strength.value != amount.value:
            yield _difference(plan_name, key, content, product, content.amount)


def _difference(plan_name: str, key: ContentKey, content: Content, product: Product, amount: str) -> Difference:
    volume = "" if product.unit_ml is None else f" in units of {number(product.unit_ml)} mL"
    drawn = f"{number(content.draw_ml)} mL for an amount of {amount}"
    place = f"content {', '.join(key)}: draw_ml"
    return Difference(
        plan_name, place, drawn, plan_name, f"product {product.code}: strength", product.strength + volume
    )
