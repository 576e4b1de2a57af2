"""What waits for a second person, with the reason of each."""

from __future__ import annotations

from randomization.accounts.models import AccountRecovery
from randomization.accounts.policies import check_can
from randomization.accounts.roles import Permission
from randomization.accounts.selectors import open_recoveries
from randomization.audit.selectors import texts_by_value
from randomization.shared.actor import Actor


def waiting_recoveries(actor: Actor) -> list[tuple[AccountRecovery, str]]:
    """Who waits to be let in again, and the reason of this request alone."""
    check_can(actor, Permission.PEOPLE_APPOINT)
    waiting = list(open_recoveries())
    reasons = texts_by_value(actor, "person.readmit.ask", "request", [str(recovery.id) for recovery in waiting])
    return [(recovery, reasons.get(str(recovery.id), "")) for recovery in waiting]


def facts_of(asked: AccountRecovery, reason: str) -> dict[str, str]:
    """What the second person is shown of a request."""
    return {"id": str(asked.id), "user_name": asked.account.user_name, "asked_by": asked.asked_by, "reason": reason}
