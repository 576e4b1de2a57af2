"""Sign: identity and secret given again. The slow check of the secret holds no lock of any database."""

from __future__ import annotations

from typing import Final
from uuid import UUID

from django.conf import settings
from django.contrib.auth.hashers import check_password

from randomization.accounts.lock_out import Door, LogInAction
from randomization.accounts.locked_names import check_not_locked
from randomization.accounts.roles import Role
from randomization.accounts.selectors import membership_for
from randomization.accounts.wrong_secrets import note_failure
from randomization.shared.actor import Actor
from randomization.shared.errors import ProgrammingError, SignatureRefused
from randomization.shared.sentences import sentence as _
from randomization.shared.service import inside_service
from randomization.signatures.command import SignedCommand
from randomization.signatures.services.sign import give_grant

WITHOUT_DELEGATION: Final = (Role.CODE_BREAKER,)


def sign(*, actor: Actor, secret: str, command: SignedCommand) -> UUID:
    """Give a signature grant for a command; returns its id.

    Raises SignatureRefused for a wrong secret (recorded; five lock the name for a while), for a membership
    without delegation or training, and for a first password that somebody else knows (but in the demonstration, where
    everybody's is printed): a code break never needs those (E6 3.15.2(d)).
    """
    if inside_service():
        raise ProgrammingError("Sign before the act: inside it, a wrong password would be rolled back and not count.")
    check_not_locked(Door.SESSION, actor.user_name)
    membership = membership_for(actor)
    if membership is None or not check_password(secret, membership.account.password):
        note_failure(actor.user_name, LogInAction.WRONG_TO_SIGN)
        raise SignatureRefused(_("The password is not right: nothing was signed. Type it again."), field="secret")
    if Role(actor.role) not in WITHOUT_DELEGATION and not (membership.delegated_by and membership.trained_for):
        raise SignatureRefused(
            _("Your delegation or training is not on file, so you cannot sign: ask the trial manager."),
            code="not_delegated",
        )
    if (
        Role(actor.role) not in WITHOUT_DELEGATION
        and not membership.account.password_is_own
        and not settings.DEMONSTRATION
    ):
        raise SignatureRefused(
            _("Your password was given to you by somebody else: set your own first, on the page Password, then sign."),
            code="first_password",
        )
    return give_grant(actor=actor, command=command, trained_for=membership.trained_for)
