"""Whether a pack is the product that is wanted, and whether its lot and expiry can be true. No override exists.

What is wrong here was never taken by mistake of the system: the hand holds another pack than the instruction says.

Pure: no Django.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from randomization.shared.errors import InvalidInput, Refused
from randomization.shared.identifiers import canonical
from randomization.shared.sentences import sentence as _


def check_product(gtin: str, wanted: str, articles: Mapping[str, str]) -> None:
    """Raise Refused where an article number is another product's (`other_product`) or nobody's (`unknown_article`).

    articles: product by article number (14 digits), as the plan and this site's pharmacy say.
    """
    product = articles.get(gtin)
    if product == wanted:
        return
    if product is None:
        raise Refused(
            _(
                "The article number %(gtin)s is not known here: add it to its product at the stock first, or take "
                "another pack.",
                gtin=gtin,
            ),
            code="unknown_article",
        )
    raise Refused(
        _("This pack is %(product)s, not %(wanted)s: do not use it.", product=product, wanted=wanted),
        code="other_product",
    )


def check_is_no_lot_of(number: str, wanted: str, lots: Mapping[str, str], *, is_hospital: bool) -> None:
    """Raise Refused where a lot number is a sponsor's lot of another product.

    lots: products by canonical lot number. is_hospital: what is wanted comes from the hospital's own stock, and no lot
    that the sponsor sent is that.
    """
    product = lots.get(canonical(number))
    if product is None or product == wanted:
        return
    if is_hospital:
        raise Refused(
            _(
                "Lot %(number)s is a lot of the sponsor's %(product)s: do not use it as %(wanted)s.",
                number=number,
                product=product,
                wanted=wanted,
            ),
            code="sponsor_lot",
        )
    raise Refused(
        _(
            "Lot %(number)s is booked in as %(product)s, not as %(wanted)s: do not use it.",
            number=number,
            product=product,
            wanted=wanted,
        ),
        code="other_product",
    )


def expiry_of(*, scanned: date | None, typed: date | None, known: date | None, number: str) -> date:
    """The last day of use, when all that say it agree; `known`: on record for the lot.

    Raises InvalidInput where code and hand differ, or nobody says it; Refused where the record says another day.
    """
    if scanned is not None and typed is not None and scanned != typed:
        raise InvalidInput(
            _(
                "The code says %(scanned)s, and you typed %(typed)s: read the pack again.",
                scanned=f"{scanned:%d %b %Y}",
                typed=f"{typed:%d %b %Y}",
            ),
            field="lots",
            code="expiry",
        )
    read = scanned or typed
    if read is None and known is None:
        raise InvalidInput(
            _("Type the expiry of lot %(number)s as printed: the code does not hold it.", number=number),
            field="lots",
            code="expiry_missing",
        )
    if read is not None and known is not None and read != known:
        raise Refused(
            _(
                "Lot %(number)s was recorded with the expiry %(last_day)s: read both again. If that one is wrong, "
                "correct it on the lot's page.",
                number=number,
                last_day=f"{known:%d %b %Y}",
            ),
            code="expiry",
        )
    day = known or read
    assert day is not None
    return day
