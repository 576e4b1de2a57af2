"""Let an unblinded person in again, as second of two, and tell them."""

from __future__ import annotations

from randomization.accounts.models import Person
from randomization.accounts.services.readmit import confirm_readmission
from randomization.notices.models import Channel
from randomization.notices.outbox import queue
from randomization.shared.actor import Actor
from randomization.shared.service import service


@service
def confirm_and_tell(*, actor: Actor, readmission_id: str) -> Person:
    """As `confirm_readmission`; the person gets an e-mail, so that nobody takes an account over unseen."""
    person = confirm_readmission(actor=actor, readmission_id=readmission_id)
    queue(channel=Channel.PEOPLE, kind="readmitted", payload={"user_name": person.user_name})
    return person
