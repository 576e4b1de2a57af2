"""What the page frame shows on every page: side, person, role, site, clock."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest

from randomization.accounts.roles import Permission, Role
from randomization.shared import clock
from randomization.shared.service import Side, process_side


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
    }
