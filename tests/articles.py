"""Packs with article numbers that the fixture's plan does not know, and the signature under one."""

from __future__ import annotations

from immunosep_site.demonstration.password import PASSWORD
from pharmacy.stock.models import Article
from pharmacy.stock.services.articles import AddArticle, add_article
from randomization.shared.actor import Actor
from randomization.signatures.signing import sign

OTHER_PACK = "04012345678901"
ANAKINRA, INTERFERON, SALINE = "04012345000115", "04012345000214", "04012345000313"
"""First article numbers of the fixture's plan."""


def add_signed(actor: Actor, site_code: str, product: str, gtin: str) -> Article:
    """Sign and add an article number."""
    command = AddArticle(site_code, product, gtin)
    return add_article(actor=actor, command=command, grant=sign(actor=actor, secret=PASSWORD, command=command))
