"""Do what was sent under a one-time key, once; the key and the answer lie in the transaction of the act."""

from __future__ import annotations

from http import HTTPStatus
from typing import Final

from django.db import IntegrityError

from randomization.delivery.models import OneTimeKey
from randomization.delivery.one_time_keys import Act, Answer, Sent
from randomization.delivery.selectors import answer_to, oldest_kept
from randomization.shared import clock
from randomization.shared.actor import Actor
from randomization.shared.errors import ProgrammingError
from randomization.shared.service import current_scope, savepoint, service, undo

AT_A_TIME: Final = 100
"""Expired keys that one act drops: what it costs stays small."""


def _drop_expired() -> None:
    keys = OneTimeKey.objects.using(current_scope().alias)
    expired = keys.select_for_update(skip_locked=True).filter(kept_at__lte=oldest_kept()).order_by("id")
    keys.filter(pk__in=list(expired.values_list("pk", flat=True)[:AT_A_TIME])).delete()


def _take(actor: Actor, sent: Sent) -> OneTimeKey | None:
    """The key, taken now; None where another request has it, whose transaction was waited for."""
    keys, now = OneTimeKey.objects.using(current_scope().alias), clock.now()
    keys.filter(user_name=actor.user_name, key=sent.key, kept_at__lte=oldest_kept()).delete()
    try:
        with savepoint():
            return keys.create(user_name=actor.user_name, key=sent.key, content_hash=sent.content_hash, kept_at=now)
    except IntegrityError:
        return None


@service
def act_once(*, actor: Actor, sent: Sent, act: Act) -> Answer | None:
    """The answer of `act`, which is called unless the same was done before: then its first answer.

    What `act` refuses leaves no key behind, so that it can be sent again, corrected; nor does one that does nothing
    yet, like a question before it. None where `act` gives no answer to keep. Raises InvalidInput, code `key_reused`,
    where the key was used for something else.
    """
    scope = current_scope()
    _drop_expired()
    taken = _take(actor, sent)
    if taken is None:
        kept = answer_to(actor, sent)
        undo()
        if kept is None:
            raise ProgrammingError("A one-time key was taken and is not there.")
        return kept
    before = scope.writes
    answer = act()
    if not scope.recorded and scope.writes == before:
        undo()  # nothing was done: the key stays free
        return answer
    taken.status, taken.answer = (answer.status, answer.body) if answer else (HTTPStatus.NO_CONTENT, "")
    taken.save(update_fields=["status", "answer"])
    return answer
