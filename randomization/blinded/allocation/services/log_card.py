"""Keep that a card was printed."""

from __future__ import annotations

from randomization.accounts.policies import check_can
from randomization.accounts.roles import Permission
from randomization.audit.record import record
from randomization.shared.actor import Actor
from randomization.shared.service import service


@service
def log_card(*, actor: Actor, number: str, site_code: str, sha256: str) -> None:
    """Record one print of card and wristband; sha256 is that of the PDF, hex."""
    check_can(actor, Permission.CARD_PRINT, site_code=site_code)
    record(actor=actor, action="card.print", subject=number, stream=site_code, data={"sha256": sha256})
