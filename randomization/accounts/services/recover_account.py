"""Let somebody in again who lost the password or the second factor: a new first password, and the factor ends.

Below the line the trial manager does it; above it one person asks and another confirms, as with an appointment:
a person who sets a password could log in with it.
"""

from __future__ import annotations

from randomization.accounts.lock_out import ACCOUNT_RECOVERED
from randomization.accounts.models import Account, AccountRecovery, SecondFactor
from randomization.accounts.own_account import replace_password
from randomization.accounts.passwords import hashed
from randomization.accounts.policies import check_can
from randomization.accounts.roles import Permission
from randomization.accounts.second_person import waiting_for_second
from randomization.accounts.selectors import current_memberships, open_recoveries
from randomization.audit.record import record
from randomization.shared import clock
from randomization.shared.actor import Actor
from randomization.shared.errors import InvalidInput, NotFound, Refused
from randomization.shared.sentences import sentence as _
from randomization.shared.service import Side, current_scope, service

OWN = _("Nobody lets themselves in again: ask another person who appoints people.")


def _asked_for(actor: Actor, user_name: str, reason: str) -> Account:
    """The person, under lock; NotFound for an unknown name, InvalidInput without a reason, Refused for oneself."""
    check_can(actor, Permission.PEOPLE_APPOINT)
    accounts = Account.objects.using(current_scope().alias).select_for_update()
    account = accounts.filter(user_name=user_name.strip().lower(), is_active=True).first()
    if account is None or not current_memberships(account):
        raise NotFound(_("Nobody here has this user name and a role that holds: read it again."))
    if account.user_name == actor.user_name:
        raise Refused(OWN, code="own_account")
    if not reason.strip():
        raise InvalidInput(_("Say why, and how you know that it is this person who asks."), field="reason")
    return account


def _let_in(actor: Actor, account: Account, password_hash: str, **request: str) -> None:
    """The new first password, and the second factor ends."""
    replace_password(account, password_hash, is_own=False)
    factors, _rows = SecondFactor.objects.using(current_scope().alias).filter(account=account).delete()
    record(
        actor=actor,
        action=ACCOUNT_RECOVERED,
        subject=account.user_name,
        data={"second_factor_ended": bool(factors), **request},
    )


@service
def recover_account(*, actor: Actor, user_name: str, reason: str, password: str) -> Account:
    """Let a blinded person in again, at once.

    Raises NotFound for an unknown name, InvalidInput for a short password or without a reason, Refused for oneself and
    on the unblinded side, where it takes two.
    """
    account = _asked_for(actor, user_name, reason)
    if current_scope().side is Side.UNBLINDED:
        raise Refused(_("It takes two: ask, and another person confirms."), code="two_people")
    record(actor=actor, action="person.readmit.why", subject=account.user_name, texts={"reason": reason})
    _let_in(actor, account, hashed(password))
    return account


@service
def ask_recovery(*, actor: Actor, user_name: str, reason: str, password: str) -> AccountRecovery:
    """First of two on the unblinded side; raises as `readmit`. Nothing changes before the second person confirms.

    Asked for twice, the later one counts.
    """
    account = _asked_for(actor, user_name, reason)
    recoveries = AccountRecovery.objects.using(current_scope().alias)
    recoveries.filter(confirmed_by="").exclude(pk__in=open_recoveries().exclude(account=account)).delete()
    asked = recoveries.create(
        account=account, password=hashed(password), asked_by=actor.user_name, asked_at=clock.now()
    )
    record(
        actor=actor,
        action="person.readmit.ask",
        subject=account.user_name,
        data={"request": str(asked.id)},
        texts={"reason": reason},
    )
    return asked


def _waiting(actor: Actor, recovery_id: str) -> AccountRecovery:
    return waiting_for_second(actor, open_recoveries(), recovery_id, asked_by="asked_by")


@service
def confirm_recovery(*, actor: Actor, recovery_id: str) -> Account:
    """Second of two. Raises Refused for who asked and for oneself, NotFound where nothing waits."""
    asked = _waiting(actor, recovery_id)
    account = Account.objects.using(current_scope().alias).select_for_update().get(pk=asked.account_id)
    if account.user_name == actor.user_name:
        raise Refused(OWN, code="own_account")
    if asked.asked_by == actor.user_name:
        raise Refused(_("A second person must confirm it."), code="second_person")
    _let_in(actor, account, asked.password, request=str(asked.id), asked_by=asked.asked_by)
    asked.confirmed_by, asked.password = actor.user_name, ""
    asked.save(update_fields=["confirmed_by", "password"])
    return account


@service
def refuse_recovery(*, actor: Actor, recovery_id: str) -> None:
    """A person who appoints people may say no, also who asked: nothing changes. Raises NotFound where nothing waits."""
    asked = _waiting(actor, recovery_id)
    data = {"request": str(asked.id), "asked_by": asked.asked_by}
    record(actor=actor, action="person.readmit.refuse", subject=asked.account.user_name, data=data)
    asked.delete()
