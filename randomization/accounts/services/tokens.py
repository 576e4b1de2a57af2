"""API tokens: shown once, stored as a hash, expiring."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from randomization.accounts.models import ApiToken
from randomization.accounts.selectors import membership_for
from randomization.audit.record import record
from randomization.shared import clock
from randomization.shared.actor import Actor
from randomization.shared.entropy import digest_of, random_bytes
from randomization.shared.errors import NotPermitted
from randomization.shared.sentences import sentence as _
from randomization.shared.service import current_scope, service

LIFETIME: Final = timedelta(hours=12)


@service
def issue_token(*, actor: Actor) -> tuple[str, datetime]:
    """A new token for the actor's membership, and when it expires (UTC)."""
    membership = membership_for(actor)
    if membership is None:
        raise NotPermitted(_("This membership has ended: no token is issued."))
    token = random_bytes(32).hex()
    expires = clock.now() + LIFETIME
    ApiToken.objects.using(current_scope().alias).create(
        digest=digest_of(token), membership=membership, expires_at=expires
    )
    record(actor=actor, action="token.issue", subject=actor.user_name, data={"expires": clock.stamp(expires)})
    return token, expires
