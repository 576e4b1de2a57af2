"""Set the language in which a person reads pages and e-mails."""

from __future__ import annotations

from randomization.accounts.languages import LANGUAGES
from randomization.accounts.models import Account
from randomization.audit.record import record
from randomization.shared.actor import Actor
from randomization.shared.errors import InvalidInput
from randomization.shared.sentences import sentence as _
from randomization.shared.service import current_scope, service


@service
def choose_language(*, actor: Actor, language: str) -> None:
    """Keep the language. Raises InvalidInput for one that is not offered."""
    if language not in dict(LANGUAGES):
        raise InvalidInput(_("Choose one of the languages on the list."), field="language")
    accounts = Account.objects.using(current_scope().alias)
    old = accounts.filter(user_name=actor.user_name).values_list("language", flat=True).first()
    if old in {None, language}:
        return
    accounts.filter(user_name=actor.user_name).update(language=language)
    record(actor=actor, action="person.language", subject=actor.user_name, data={"old": old, "new": language})
