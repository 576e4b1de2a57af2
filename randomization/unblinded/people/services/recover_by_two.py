"""Let an unblinded person in again, as second of two, and tell them."""

from __future__ import annotations

from randomization.accounts.models import Account
from randomization.accounts.services.recover_account import confirm_recovery
from randomization.notices.models import Channel
from randomization.notices.outbox import queue
from randomization.shared.actor import Actor
from randomization.shared.service import service


@service
def confirm_and_tell(*, actor: Actor, recovery_id: str) -> Account:
    """As `confirm_readmission`; the person gets an e-mail, so that nobody takes an account over unseen."""
    account = confirm_recovery(actor=actor, recovery_id=recovery_id)
    queue(channel=Channel.PEOPLE, kind="readmitted", payload={"user_name": account.user_name})
    return account
