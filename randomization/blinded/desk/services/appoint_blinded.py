"""Appoint a blinded person at a site that exists."""

from __future__ import annotations

from randomization.accounts.models import Membership
from randomization.accounts.services.appoint import Delegation, appoint
from randomization.blinded.sites.selectors import check_site_exists
from randomization.shared.actor import Actor
from randomization.shared.service import service


@service
def appoint_blinded(*, actor: Actor, delegation: Delegation, password: str) -> Membership:
    """As `appoint`; raises InvalidInput for a site that is not registered."""
    check_site_exists(delegation.reach)
    return appoint(actor=actor, delegation=delegation, password=password)
