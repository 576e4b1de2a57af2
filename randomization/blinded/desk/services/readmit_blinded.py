"""Let a blinded person in again, and tell them."""

from __future__ import annotations

from randomization.accounts.models import Person
from randomization.accounts.services.readmit import readmit
from randomization.notices.models import Channel
from randomization.notices.outbox import queue
from randomization.shared.actor import Actor
from randomization.shared.service import service


@service
def readmit_blinded(*, actor: Actor, user_name: str, reason: str, password: str) -> Person:
    """As `readmit`; the person gets an e-mail, so that nobody takes an account over unseen."""
    person = readmit(actor=actor, user_name=user_name, reason=reason, password=password)
    queue(channel=Channel.PEOPLE, kind="readmitted", payload={"user_name": person.user_name})
    return person
