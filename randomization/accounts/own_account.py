"""What changes one's own account: the password is asked again."""

from __future__ import annotations

from django.contrib.auth.hashers import check_password

from randomization.accounts.models import Account, ApiToken
from randomization.shared.actor import Actor
from randomization.shared.errors import NotFound, SignatureRefused
from randomization.shared.sentences import sentence as _
from randomization.shared.service import current_scope


def own_person(actor: Actor, password: str) -> Account:
    """Inside the running service: the acting person under lock; raises SignatureRefused for a wrong password."""
    account = Account.objects.using(current_scope().alias).select_for_update().filter(user_name=actor.user_name).first()
    if account is None:
        raise NotFound()
    if not check_password(password, account.password):
        raise SignatureRefused(_("The password is not right: nothing was changed."), field="password")
    return account


def replace_password(account: Account, password_hash: str, *, is_own: bool) -> None:
    """Inside the running service: a new password; with the old one sessions, tokens, PIN and badge end."""
    account.password, account.password_is_own, account.pin, account.badge_sha256 = password_hash, is_own, "", None
    account.save(update_fields=["password", "password_is_own", "pin", "badge_sha256"])
    ApiToken.objects.using(current_scope().alias).filter(membership__account=account).delete()
