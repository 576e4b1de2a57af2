"""A site that tries itself: every label is set on the blinded side, with what the site and the protocol say alone."""

from __future__ import annotations

from typing import Any

from immunosep_site.demonstration import cast
from randomization.accounts.roles import Role
from randomization.blinded.sites.services.sign_self_check import SignSelfCheck, sign_self_check
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
        command = SignSelfCheck(site_code, **tried)
        grant = sign(actor=actor, secret=cast.PASSWORD, command=command)
        sign_self_check(actor=actor, command=command, grant=grant)
