"""Every name and e-mail used above the line is reserved below, whichever way the account was made."""

from __future__ import annotations

from django.db.models import Q

from randomization.accounts.models import Account
from randomization.accounts.services.appoint import email_hash
from randomization.audit.record import record
from randomization.hatch.messages import UserNameReserved
from randomization.hatch.send import send
from randomization.notices.models import Channel
from randomization.notices.selectors import payloads_of
from randomization.shared.actor import Actor
from randomization.shared.errors import Refused
from randomization.shared.sentences import sentence as _
from randomization.shared.service import Side, alias_of, current_side, service


def known_below(user_name: str, email: str) -> bool:
    """Whether user name or e-mail belongs to a person of the blinded side; read there: these two columns."""
    accounts = Account.objects.using(alias_of(Side.BLINDED))
    accounts = accounts.filter(Q(user_name=user_name.lower()) | Q(email=email.lower()))
    return bool(list(accounts.values_list("user_name", "email")))


def reserve(account: Account) -> None:
    """Inside the service that makes an account above: its name and e-mail go down to be reserved.

    But for a code breaker, who is a person there. Raises Refused where somebody below has one of the two.
    """
    if current_side() is not Side.UNBLINDED or account.exists_below:
        return
    if known_below(account.user_name, account.email):
        raise Refused(
            _("Somebody on the blinded side has this user name or e-mail: nobody is on both sides."), code="both_sides"
        )
    _send(account)


def _send(account: Account) -> None:
    send(UserNameReserved(user_name=account.user_name, email_sha256=email_hash(account.email)))
    account.is_reserved_below = True
    account.save(update_fields=["is_reserved_below"])


def not_reserved() -> list[Account]:
    """Accounts above whose names were not seen to be sent: from before this was kept with the account."""
    accounts = Account.objects.using(alias_of(Side.UNBLINDED)).filter(exists_below=False, is_reserved_below=False)
    return list(accounts.order_by("user_name"))


@service
def reserve_earlier(*, actor: Actor) -> int:
    """Send the names of earlier accounts that were never sent; returns how many. Part of the sweep.

    Where somebody below has the name or e-mail by now, the message is refused there, and the trial manager is told.
    """
    sent = {payload["user_name"] for payload in payloads_of(Channel.HATCH, UserNameReserved.__name__)}
    count = 0
    for account in not_reserved():
        if account.user_name in sent:
            account.is_reserved_below = True
            account.save(update_fields=["is_reserved_below"])
            continue
        _send(account)
        record(actor=actor, action="person.reserve.send", subject=account.user_name)
        count += 1
    if not count:
        record(actor=actor, action="person.reserve.seen", subject="people")
    return count
