"""Note rows that are not messages of the other side; go on once somebody looked at them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Final
from uuid import UUID

from randomization.accounts.policies import check_can
from randomization.accounts.roles import Permission
from randomization.audit.record import record
from randomization.blinded.inbox.receiving import unreleased
from randomization.hatch.models import ForeignRow, InboxMessage
from randomization.hatch.verify import Fault
from randomization.shared import clock
from randomization.shared.actor import Actor
from randomization.shared.errors import InvalidInput, Refused, SignatureRefused
from randomization.shared.sentences import sentence as _
from randomization.shared.service import service
from randomization.signatures.command import SignedCommand
from randomization.signatures.services.sign import use_signature

SUBJECT: Final = "hatch"


@service
def note_foreign(*, actor: Actor, rows: Sequence[tuple[InboxMessage, Fault]]) -> None:
    """Stop the hatch for these rows. The trail says how many and why, and nothing of what stands in them."""
    now, noted = clock.now(), Counter[str]()
    for row, why in rows:
        mark = {"number": row.number, "why": why, "noted_at": now}
        if ForeignRow.objects.get_or_create(row=row.signature, defaults=mark)[1]:
            noted[why] += 1
    if noted:
        record(actor=actor, action="inbox.foreign", subject=SUBJECT, data={"rows": dict(sorted(noted.items()))})


@dataclass(frozen=True, slots=True)
class ReleaseForeign(SignedCommand):
    """How many foreign rows there are, why each is foreign and when it was noted.

    By its hash a reader says what was shown.
    """

    meaning: ClassVar[str] = "foreign messages looked at"
    rows: Sequence[ForeignRow]

    @property
    def subject(self) -> str:
        return SUBJECT

    def content(self) -> dict[str, Any]:
        return {"rows": [[row.why, clock.stamp(row.noted_at)] for row in self.rows]}


def check_shown(command: ReleaseForeign, shown: str) -> None:
    """Raise SignatureRefused where more foreign rows came since they were shown."""
    if shown != command.content_hash():
        raise SignatureRefused(
            _("More foreign messages came since you opened this page: read it again, then sign."),
            code="signed_changed",
        )


@service
def release_foreign(*, actor: Actor, reason: str, grant: UUID) -> int:
    """Go on after somebody found out how the foreign rows got there; returns how many there were.

    grant: a signature under `ReleaseForeign(unreleased())`. The rows stay, unread; a true message among
    them is applied as soon as it verifies. Raises Refused where there is none, InvalidInput without a reason.
    """
    check_can(actor, Permission.HATCH_RELEASE)
    if not reason.strip():
        raise InvalidInput(_("Say what was found and who was told."), field="reason")
    rows = unreleased()
    if not rows:
        raise Refused(_("No foreign message waits to be looked at."), code="nothing_foreign")
    signature = use_signature(actor=actor, grant=grant, command=ReleaseForeign(rows))
    ForeignRow.objects.filter(row__in=[row.row for row in rows]).update(
        released_at=clock.now(), released_by=actor.user_name
    )
    record(
        actor=actor,
        action="inbox.release",
        subject=SUBJECT,
        data={"rows": len(rows), "signature": str(signature.id)},
        texts={"reason": reason},
    )
    return len(rows)
