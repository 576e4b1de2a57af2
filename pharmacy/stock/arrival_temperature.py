"""Whether a delivery arrived within the temperature limits of its product."""

from __future__ import annotations

from decimal import Decimal
from typing import Final

from randomization.shared.errors import InvalidInput
from randomization.shared.sentences import sentence as _
from randomization.unblinded.formulary.contents import Product
from randomization.unblinded.lists.selectors import plans_in_use

MOST_DEGREES: Final = Decimal(200)
"""Above this, or below its negative, no reading in degrees Celsius is believed."""


def product_in_use(site_code: str, code: str) -> Product:
    """A product of the plans in use at a site. Raises InvalidInput for another."""
    plan = plans_in_use(site_code)
    if code not in plan.products:
        raise InvalidInput(_("The plan has no such product."), field="product")
    return plan.products[code]


def is_warm(site_code: str, product: str, temperature_c: Decimal | None) -> bool:
    """Whether what arrived at its worst temperature (degrees Celsius; None: no reading) goes on hold."""
    limits = product_in_use(site_code, product).limits
    if temperature_c is not None and not (temperature_c.is_finite() and abs(temperature_c) <= MOST_DEGREES):
        raise InvalidInput(_("Write the temperature in degrees Celsius, like 5,5."), field="temperature_c")
    return not (limits is None or (temperature_c is not None and limits[0] <= temperature_c <= limits[1]))
