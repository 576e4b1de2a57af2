"""A site that tries itself: every label is set on the blinded side, with what the site and the protocol say alone."""

from __future__ import annotations

from typing import Any

from immunosep_site.demonstration import cast
from randomization.accounts.roles import Role
from randomization.blinded.sites.services import sign_self_check as checking
from randomization.shared import clock
from randomization.shared.service import Side, on_side
from randomization.signatures.signing import sign


def self_check(site_code: str) -> None:
    """Sign it, below the line."""
    actor = cast.at_site(Role.COORDINATOR, site_code)
    tried: dict[str, Any] = {
        **dict.fromkeys(("printer", "scanner", "people_trained"), True),
        "telephone_answered_by": cast.at_site(Role.INVESTIGATOR, site_code).user_name,
        "telephone_called_at": clock.now(),
    }
    with on_side(Side.BLINDED):
        content = checking.signed_content(site_code, **tried)
        grant = sign(actor=actor, secret=cast.PASSWORD, meaning=checking.MEANING, subject=site_code, content=content)
        checking.sign_self_check(actor=actor, site_code=site_code, grant=grant, **tried)
