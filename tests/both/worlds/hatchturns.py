"""Turns that the hatch takes: a row that nobody sent, somebody who looks at it, a message about nobody here."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from uuid import UUID

from immunosep_site.demonstration import cast
from randomization.audit.record import record
from randomization.blinded.inbox.receiving import unreleased
from randomization.blinded.inbox.services.note_foreign import ReleaseForeign, release_foreign
from randomization.hatch.messages import DoseReady, DoseVoided
from randomization.hatch.models import InboxMessage
from randomization.hatch.send import send
from randomization.shared import clock
from randomization.shared.actor import SYSTEM, Actor
from randomization.shared.service import Side, on_side, service
from randomization.signatures.signing import sign


def _foreign() -> None:
    InboxMessage.objects.create(
        number=10**6,
        uid=UUID(int=7),
        kind="SiteSupply",
        payload='{"site_code": "GR01", "may_supply": false}',
        installation=UUID(int=7),
        epoch=1,
        previous="",
        signature="nobody's",
    )


def _look_at_it() -> None:
    with on_side(Side.BLINDED):
        grant = sign(actor=cast.MANAGER, secret=cast.PASSWORD, command=ReleaseForeign(unreleased()))
        release_foreign(actor=cast.MANAGER, reason="a test of the host", grant=grant)


@service
def _about_nobody(*, actor: Actor) -> None:
    now = clock.now()
    send(DoseReady(UUID(int=8), "GR01", "7F2QXK9S", now, now + timedelta(hours=4)))
    send(DoseVoided(UUID(int=8), "7F2QXK9S"))
    record(actor=actor, action="test.send", subject="nobody")


def acts() -> Iterator[tuple[str, Callable[[], None], int]]:
    """Name, act, minutes after the one before."""
    yield "foreign message", _foreign, 5
    yield "messages go on", _look_at_it, 5
    yield "message about nobody", lambda: _about_nobody(actor=SYSTEM), 5
