"""Reads of pages and API: tablets, and what was answered under a one-time key."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.conf import settings

from randomization.delivery.models import OneTimeKey, Tablet
from randomization.delivery.one_time_keys import Answer, Sent
from randomization.shared import clock
from randomization.shared.actor import Actor
from randomization.shared.entropy import digest_of
from randomization.shared.errors import InvalidInput
from randomization.shared.reach import within
from randomization.shared.sentences import sentence as _
from randomization.shared.service import current_alias


def tablet_of(secret: str) -> Tablet | None:
    """The tablet a cookie stands for, where it is enrolled still."""
    return Tablet.objects.using(current_alias()).filter(digest=digest_of(secret), ended_at=None).first()


def tablets_for(actor: Actor) -> list[Tablet]:
    """The tablets within reach that are enrolled, by name."""
    tablets = within(Tablet.objects.using(current_alias()).filter(ended_at=None), actor, "site_code")
    return list(tablets.order_by("site_code", "name"))


def oldest_kept() -> datetime:
    """Until when (UTC) a one-time key was taken that is over now."""
    return clock.now() - timedelta(hours=settings.ONE_TIME_KEY_HOURS)


def answer_to(actor: Actor, sent: Sent) -> Answer | None:
    """What was answered when the same was sent under this key before; None where it was not, or not within the time.

    Raises InvalidInput, code `key_reused`, where the key was used for something else.
    """
    kept = (
        OneTimeKey.objects.using(current_alias())
        .filter(user_name=actor.user_name, key=sent.key, kept_at__gt=oldest_kept())
        .first()
    )
    if kept is None:
        return None
    if kept.content_hash != sent.content_hash:
        raise InvalidInput(
            _(
                "This was sent before under the same one-time key, with other values: open the page again, or send it "
                "under a key of its own."
            ),
            code="key_reused",
        )
    return Answer(kept.status, kept.answer)
