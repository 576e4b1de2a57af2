"""Let a blinded person in again, and tell them."""

from __future__ import annotations

from randomization.accounts.models import Account
from randomization.accounts.services.recover_account import recover_account
from randomization.notices.models import Channel
from randomization.notices.outbox import queue
from randomization.shared.actor import Actor
from randomization.shared.service import service


@service
def recover_blinded_account(*, actor: Actor, user_name: str, reason: str, password: str) -> Account:
    """As `readmit`; the person gets an e-mail, so that nobody takes an account over unseen."""
    account = recover_account(actor=actor, user_name=user_name, reason=reason, password=password)
    queue(channel=Channel.PEOPLE, kind="readmitted", payload={"user_name": account.user_name})
    return account
