"""Reads of supply."""

from __future__ import annotations

from pharmacy.stock.models import SupplyStatement
from randomization.accounts.policies import check_can
from randomization.accounts.roles import Permission
from randomization.shared.actor import Actor


def supply_of(actor: Actor, site_code: str) -> SupplyStatement | None:
    """The last statement of a site within reach, or None."""
    check_can(actor, Permission.PREPARATION_READ, site_code=site_code)
    return SupplyStatement.objects.filter(site_code=site_code).order_by("-id").first()
