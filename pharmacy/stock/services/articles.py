"""Add an article number that is on a pack to its product, and withdraw one that was added by mistake."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, ClassVar
from uuid import UUID

from django.db import IntegrityError

from pharmacy.stock.articles import article_for, articles_at, product_of
from pharmacy.stock.models import Article
from pharmacy.stock.scanned_lot import read_article
from randomization.accounts.policies import check_can
from randomization.accounts.roles import Permission
from randomization.audit.record import record
from randomization.shared import clock
from randomization.shared.actor import Actor
from randomization.shared.errors import InvalidInput, Refused
from randomization.shared.sentences import sentence as _
from randomization.shared.service import savepoint, service
from randomization.signatures.command import SignedCommand
from randomization.signatures.services.sign import use_signature
from randomization.unblinded.lists.selectors import plans_in_use


@dataclass(frozen=True, slots=True)
class AddArticle(SignedCommand):
    """Which product packs with an article number are at a site; signed is the number as 14 digits (`read_article`)."""

    meaning: ClassVar[str] = "this article number is this product"
    site_code: str
    product: str
    gtin: str

    @property
    def subject(self) -> str:
        return self.gtin

    def content(self) -> dict[str, Any]:
        return {"site": self.site_code, "product": self.product, "gtin": self.gtin}


def _refuse_known(known: str, product: str, gtin: str) -> Refused:
    if known == product:
        return Refused(_("%(gtin)s is known as %(product)s already.", gtin=gtin, product=product), code="known_article")
    return Refused(
        _(
            "%(gtin)s is the article number of %(known)s: this pack is not %(product)s, do not use it.",
            gtin=gtin,
            known=known,
            product=product,
        ),
        code="other_product",
    )


@service
def add_article(*, actor: Actor, command: AddArticle, grant: UUID) -> Article:
    """Sign that packs with an article number are a product: at night too, by a preparer, since the unit lies there.

    Holds at this site alone. Raises InvalidInput for no article number or another product than the plan's, Refused
    where the number is known already, as this product or another.
    """
    site_code, product = command.site_code, command.product
    check_can(actor, Permission.PREPARATION_MAKE, site_code=site_code)
    gtin, plan = read_article(command.gtin), plans_in_use()
    if product not in plan.products:
        raise InvalidInput(_("The plan has no such product."), field="product")
    use_signature(actor=actor, grant=grant, command=replace(command, gtin=gtin))
    known = articles_at(site_code).get(gtin) or product_of(gtin)
    if known and (known != product or gtin in articles_at(site_code)):
        raise _refuse_known(known, product, gtin)
    try:
        with savepoint():
            added = Article.objects.create(
                site_code=site_code,
                product=product,
                gtin=gtin,
                added_at=clock.now(),
                added_by=actor.user_name,
                signature=grant,
            )
    except IntegrityError as error:
        raise _refuse_known(articles_at(site_code).get(gtin, product), product, gtin) from error
    record(
        actor=actor,
        action="stock.add_article",
        subject=gtin,
        stream=site_code,
        data={"product": product, "signature": str(grant)},
    )
    return added


@service
def withdraw_article(*, actor: Actor, article_id: int, reason: str) -> Article:
    """Withdraw an article number that was added here: it proves no pack any more. What was prepared stays as it is.

    Raises NotFound at another site or where it was withdrawn, InvalidInput without a reason.
    """
    article_for(actor, article_id)
    article = Article.objects.select_for_update().get(pk=article_id)
    if not reason.strip():
        raise InvalidInput(_("Say why it was wrong."), field="reason", code="reason_missing")
    article.withdrawn_at, article.withdrawn_by = clock.now(), actor.user_name
    article.save(update_fields=["withdrawn_at", "withdrawn_by"])
    record(
        actor=actor,
        action="stock.withdraw_article",
        subject=article.gtin,
        stream=article.site_code,
        data={"product": article.product},
        texts={"reason": reason},
    )
    return article
