"""Who can do what where, since when, and when they were last seen: the access review (CS annex 3)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from randomization.accounts.lock_out import LOG_INS
from randomization.accounts.selectors import all_current
from randomization.audit.selectors import last_moments
from randomization.blinded.desk.models import AccessReview


@dataclass(frozen=True, slots=True)
class AccessRow:
    """One membership that holds now; `seen`: last log-in (UTC), None: never."""

    user_name: str
    role: str
    reach: str
    since: datetime
    until: datetime | None
    delegated_by: str
    trained_for: str
    seen: datetime | None


def access_rows() -> list[AccessRow]:
    """Every membership of this side, by person; two statements."""
    seen = last_moments(actions=LOG_INS)
    return [
        AccessRow(
            item.account.user_name,
            item.role,
            item.reach,
            item.starts_at,
            item.ends_at,
            item.delegated_by,
            item.trained_for,
            seen.get(item.account.user_name),
        )
        for item in all_current()
    ]


def reviews() -> list[AccessReview]:
    """The last reviews, newest first."""
    return list(AccessReview.objects.order_by("-id")[:10])
