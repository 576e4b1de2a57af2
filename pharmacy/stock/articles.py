"""Reads of article numbers: which product a pack is, by the plan and by what the site's pharmacy signed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from pharmacy.stock.models import Article, Lot, Recall
from randomization.accounts.policies import check_can
from randomization.accounts.roles import Permission
from randomization.shared.actor import Actor
from randomization.shared.errors import NotFound
from randomization.shared.identifiers import canonical
from randomization.unblinded.formulary.contents import Source
from randomization.unblinded.lists.selectors import plans_in_use


def _of_the_plan() -> dict[str, str]:
    plan = plans_in_use()
    return {gtin: code for code, item in plan.products.items() for gtin in item.gtins}


def articles_at(site_code: str) -> dict[str, str]:
    """Product by article number, as it proves a pack at a site."""
    added = Article.objects.filter(site_code=site_code, withdrawn_at=None).order_by("id")
    return {**dict(added.values_list("gtin", "product")), **_of_the_plan()}


def product_of(gtin: str) -> str:
    """The product that anybody in the trial knows an article number as; empty where nobody does."""
    known = _of_the_plan().get(gtin)
    if known is None:
        known = Article.objects.filter(gtin=gtin, withdrawn_at=None).values_list("product", flat=True).first()
    return known or ""


def sponsor_lots(number: str, product: str) -> dict[str, str]:
    """Product by canonical number, where this is the number of a sponsor's lot, at any site or recalled.

    Several products may have a lot of one number: then it counts as that of `product`, where that is among them.
    """
    key, plan = canonical(number), plans_in_use()
    sponsor = {code for code, item in plan.products.items() if item.source is Source.SPONSOR}
    known = set(Lot.objects.filter(canonical_number=key, source=Source.SPONSOR).values_list("product", flat=True))
    known |= set(Recall.objects.filter(canonical_number=key, product__in=sponsor).values_list("product", flat=True))
    return {key: product if product in known else min(known)} if known else {}


def article_for(actor: Actor, article_id: int, permission: Permission = Permission.STOCK_MANAGE) -> Article:
    """One article number that was added and holds; raises NotFound at another site."""
    article = Article.objects.filter(pk=article_id, withdrawn_at=None).first()
    if article is None:
        raise NotFound()
    check_can(actor, permission, site_code=article.site_code)
    return article


@dataclass(frozen=True, slots=True)
class ArticleRow:
    """One article number for the pharmacy's page; `pk` None: of the plan, added by nobody here."""

    gtin: str
    product: str
    pk: int | None = None
    added_at: datetime | None = None
    added_by: str = ""


def articles_for(actor: Actor, site_code: str) -> list[ArticleRow]:
    """What proves packs at a site, by product: the plan's article numbers, then those added here."""
    check_can(actor, Permission.PREPARATION_READ, site_code=site_code)
    rows = [ArticleRow(gtin, product) for gtin, product in _of_the_plan().items()]
    for item in Article.objects.filter(site_code=site_code, withdrawn_at=None).order_by("id"):
        rows.append(ArticleRow(item.gtin, item.product, item.pk, item.added_at, item.added_by))
    return sorted(rows, key=lambda row: row.product)
