"""Packs with article numbers that the fixture's plan does not know, and the signature under one."""

from __future__ import annotations

from uuid import UUID

from immunosep_site.demonstration.password import PASSWORD
from pharmacy.stock.services import articles as naming
from randomization.shared.actor import Actor
from randomization.signatures.signing import sign

OTHER_PACK = "04012345678901"
ANAKINRA, INTERFERON, SALINE = "04012345000115", "04012345000214", "04012345000313"
"""First article numbers of the fixture's plan."""


def article_grant(actor: Actor, site_code: str, product: str, gtin: str) -> UUID:
    """The signature under an article number."""
    content = naming.signed_content(site_code, product, gtin)
    return sign(actor=actor, secret=PASSWORD, meaning=naming.MEANING, subject=gtin, content=content)
