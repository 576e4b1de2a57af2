"""What the page frame shows on every page: side, person, role, site, clock."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db import DatabaseError
from django.http import HttpRequest

from randomization.accounts.roles import Permission, Role
from randomization.blinded.sites.selectors import site
from randomization.shared import clock
from randomization.shared.actor import Actor
from randomization.shared.service import Side, process_side


def zone_of(actor: Actor | None) -> str:
    """The zone of the actor's site; empty where the reach is wider than one, or where nothing answers there."""
    if actor is None or not actor.is_at_one_site:
        return ""
    try:
        return site(actor, actor.site_code).time_zone
    except DatabaseError:
        return ""  # a code break goes on while the blinded side is down


def frame(request: HttpRequest) -> dict[str, Any]:
    """Context for every template."""
    actor = getattr(request, "actor", None)
    membership = getattr(request, "membership", None)
    return {
        "side": process_side(),
        "is_blinded": process_side() is Side.BLINDED,
        "actor": actor,
        "role_words": Role(actor.role).value.replace("_", " ") if actor else "",
        "may": {permission.name: bool(membership and membership.allows(permission)) for permission in Permission},
        "now": clock.now(),
        "code_break_address": getattr(settings, "CODE_BREAK_ADDRESS", ""),
        "zone": zone_of(actor),
    }
