"""All that the upper side reads of allocations: kits, who has which, and the lists as they were published.

Nothing above the line imports anything else of this package.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from django.db.models import Exists, OuterRef

from randomization.blinded.allocation.models import (
    Allocation,
    AllocationList,
    ListState,
)
from randomization.blinded.allocation.selectors import (
    PublishedList,
    allocation_by_kit,
    envelope_opened_at,
    on_treatment,
    published_list,
)
from randomization.blinded.bedside.models import Dose
from randomization.blinded.bedside.states import WAITING

__all__ = [
    "Allocation",
    "AllocationList",
    "PublishedList",
    "allocated_since",
    "allocation_by_kit",
    "allocation_by_uid",
    "allocation_times",
    "allocations_by_kit",
    "closed_lists",
    "envelope_opened_at",
    "lists_by_treating_site",
    "on_treatment",
    "published_list",
]


def allocated_since(moment: datetime) -> list[Allocation]:
    """Allocations after a moment (UTC), oldest first, with their sites; for the pharmacy's reads from above."""
    allocations = Allocation.objects.select_related("participant__site").filter(allocated_at__gt=moment)
    return list(
        allocations.prefetch_related("participant__site__duties").order_by("allocated_at", "participant__number")
    )


def allocation_by_uid(participant_uid: UUID) -> Allocation | None:
    """As `allocation_of`, by UID; for the pharmacy's and the code break's reads from above."""
    return Allocation.objects.select_related("participant__site").filter(participant_id=participant_uid).first()


def allocation_times(participant_uids: Sequence[UUID]) -> dict[UUID, datetime]:
    """When each of these was randomised (UTC); for the pharmacy's reads from above."""
    allocations = Allocation.objects.filter(participant_id__in=participant_uids)
    return dict(allocations.values_list("participant_id", "allocated_at"))


def allocations_by_kit(kit_codes: Sequence[str]) -> list[Allocation]:
    """As `allocation_by_kit`, for many."""
    return list(Allocation.objects.select_related("participant").filter(kit_code__in=kit_codes))


def closed_lists() -> set[UUID]:
    """Lists that nobody is randomised from any more; for the pharmacy's reads from above."""
    closed = AllocationList.objects.filter(state__in=(ListState.EXHAUSTED, ListState.SUPERSEDED))
    return set(closed.values_list("uid", flat=True))


def lists_by_treating_site() -> set[tuple[str, UUID]]:
    """Site and list of everybody who has doses before them; for the pharmacy's reads from above."""
    waiting = Dose.objects.filter(
        course__participant=OuterRef("participant"), state__in=WAITING, course__stopped_at=None
    )
    sites_and_lists = Allocation.objects.filter(Exists(waiting)).values_list("participant__site_id", "list_id")
    return set(sites_and_lists.distinct())
