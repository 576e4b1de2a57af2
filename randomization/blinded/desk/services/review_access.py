"""Sign that who can do what where was read."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Final
from uuid import UUID

from randomization.accounts.policies import check_can
from randomization.accounts.roles import Permission
from randomization.audit.record import record
from randomization.blinded.desk.access import AccessRow
from randomization.blinded.desk.models import AccessReview
from randomization.shared import clock
from randomization.shared.actor import Actor
from randomization.shared.errors import SignatureRefused
from randomization.shared.sentences import sentence as _
from randomization.shared.service import service
from randomization.signatures.command import SignedCommand
from randomization.signatures.services.sign import use_signature

SUBJECT: Final = "access"


@dataclass(frozen=True, slots=True)
class ReviewAccess(SignedCommand):
    """Every membership as it was shown, but for when somebody was last seen.

    By its hash a reader says what was shown.
    """

    meaning: ClassVar[str] = "access reviewed"
    rows: Sequence[AccessRow]

    @property
    def subject(self) -> str:
        return SUBJECT

    def content(self) -> dict[str, Any]:
        return {
            "memberships": [
                [
                    row.user_name,
                    row.role,
                    row.reach,
                    clock.stamp(row.since),
                    clock.stamp(row.until) if row.until else "",
                    row.delegated_by,
                    row.trained_for,
                ]
                for row in self.rows
            ]
        }


def check_shown(command: ReviewAccess, shown: str) -> None:
    """Raise SignatureRefused where the memberships changed since they were shown."""
    if shown != command.content_hash():
        raise SignatureRefused(
            _("Somebody's access changed since you opened this page: read it again, then sign."), code="signed_changed"
        )


@service
def review_access(*, actor: Actor, command: ReviewAccess, note: str, grant: UUID) -> AccessReview:
    """Keep the review over the memberships, which `check_shown` compared with what the reader saw."""
    check_can(actor, Permission.PEOPLE_APPOINT)
    signature = use_signature(actor=actor, grant=grant, command=command)
    access_review = AccessReview.objects.create(
        reviewed_by=actor.user_name,
        reviewed_at=clock.now(),
        memberships=len(command.rows),
        content_hash=command.content_hash(),
        signature=signature.id,
    )
    record(
        actor=actor,
        action="access.review",
        subject=SUBJECT,
        data={"memberships": len(command.rows), "content": access_review.content_hash, "signature": str(signature.id)},
        texts={"note": note},
    )
    return access_review
