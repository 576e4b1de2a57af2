"""What the forms of a site offer: products of the plans in use there, and what of others is still on its shelves."""

from __future__ import annotations

from pharmacy.stock.models import Lot
from randomization.unblinded.formulary.contents import Product, Source
from randomization.unblinded.lists.selectors import plans_in_use


def products_in_use(site_code: str, source: Source | None = None) -> list[Product]:
    """The products of the plans in use at a site; an empty site code means anywhere."""
    items = plans_in_use(site_code).products.values()
    return [item for item in items if source is None or item.source is source]


def products_there(site_code: str) -> list[Product]:
    """As `products_in_use`, and the products of other plans of which the site has lots: they may need a hold, too."""
    in_use, every = plans_in_use(site_code).products, plans_in_use().products
    lots = Lot.objects.filter(site_code=site_code).exclude(product__in=in_use).order_by("product")
    left = lots.values_list("product", flat=True).distinct()
    return [*in_use.values(), *(every[code] for code in left if code in every)]


def choices(products: list[Product]) -> list[tuple[str, str]]:
    """Code and name of each product, for a field of a form."""
    return [(item.code, item.name) for item in products]


def storages(site_code: str) -> list[str]:
    """Where a site keeps its products, as written in the plan."""
    return sorted({product.storage for product in products_there(site_code)})
