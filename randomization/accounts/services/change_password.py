"""Set a password of one's own, knowing the old one."""

from __future__ import annotations

from django.contrib.auth.hashers import check_password, make_password

from randomization.accounts.models import Account, AccountRecovery
from randomization.accounts.own_account import replace_password
from randomization.accounts.passwords import LEAST_PASSWORD
from randomization.audit.record import record
from randomization.shared.actor import Actor
from randomization.shared.errors import InvalidInput, NotFound, SignatureRefused
from randomization.shared.sentences import sentence as _
from randomization.shared.service import current_scope, service


@service
def change_password(*, actor: Actor, old: str, new: str) -> Account:
    """Replace the password; tokens, PIN and badge end, and a request to be let in again with them.

    Raises SignatureRefused for a wrong old one.
    """
    account = Account.objects.using(current_scope().alias).select_for_update().filter(user_name=actor.user_name).first()
    if account is None:
        raise NotFound()
    if not check_password(old, account.password):
        raise SignatureRefused(_("The old password is not right."), field="old")
    if len(new) < LEAST_PASSWORD or new == old:
        raise InvalidInput(
            _(
                "A new password has at least %(least_password)s characters and is not the old one.",
                least_password=LEAST_PASSWORD,
            ),
            field="new",
        )
    replace_password(account, make_password(new), is_own=True)
    AccountRecovery.objects.using(current_scope().alias).filter(account=account, confirmed_by="").delete()
    record(actor=actor, action="password.change", subject=actor.user_name)
    return account
