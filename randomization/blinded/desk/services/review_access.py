"""Sign that who can do what where was read."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final
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
from randomization.signatures.services.sign import content_hash, use_signature

MEANING: Final = "access reviewed"
SUBJECT: Final = "access"


def signed_content(rows: Sequence[AccessRow]) -> dict[str, Any]:
    """What the manager signs: every membership as it was shown, but for when somebody was last seen."""
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
            for row in rows
        ]
    }


def hash_of(rows: Sequence[AccessRow]) -> str:
    """By which a reader says what was shown."""
    return content_hash(signed_content(rows))


def check_shown(rows: Sequence[AccessRow], shown: str) -> None:
    """Raise SignatureRefused where the memberships changed since they were shown."""
    if shown != hash_of(rows):
        raise SignatureRefused(
            _("Somebody's access changed since you opened this page: read it again, then sign."), code="signed_changed"
        )


@service
def review_access(*, actor: Actor, rows: Sequence[AccessRow], note: str, grant: UUID) -> AccessReview:
    """Keep the review over these rows, which `check_shown` compared with what the reader saw."""
    check_can(actor, Permission.PEOPLE_APPOINT)
    content = signed_content(rows)
    signature = use_signature(actor=actor, grant=grant, meaning=MEANING, subject=SUBJECT, content=content)
    access_review = AccessReview.objects.create(
        reviewed_by=actor.user_name,
        reviewed_at=clock.now(),
        memberships=len(rows),
        content_hash=content_hash(content),
        signature=signature.id,
    )
    record(
        actor=actor,
        action="access.review",
        subject=SUBJECT,
        data={"memberships": len(rows), "content": access_review.content_hash, "signature": str(signature.id)},
        texts={"note": note},
    )
    return access_review
