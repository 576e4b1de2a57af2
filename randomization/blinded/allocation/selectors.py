"""Reads of allocation: the kit of a participant, and whether a site's list is enough or low."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from randomization.blinded.allocation.models import Allocation, AllocationList, ListState
from randomization.blinded.screening.models import Participant
from randomization.shared.actor import EVERYWHERE, Actor

LOW_BELOW = 12


def allocation_of(participant: Participant) -> Allocation | None:
    """The participant's allocation, or None."""
    return Allocation.objects.filter(participant=participant).first()


def allocation_by_uid(participant_uid: UUID) -> Allocation | None:
    """As `allocation_of`, by UID; for the pharmacy's and the code break's reads from above."""
    return Allocation.objects.select_related("participant__site").filter(participant_id=participant_uid).first()


@dataclass(frozen=True, slots=True)
class ListStatus:
    """What a person may know of a list: when it was sealed, its root, whether it will do."""

    site_code: str
    sealed_at: datetime
    root: str
    status: str


def _left(entries: list[AllocationList]) -> int:
    return sum(
        entry.length - entry.next_position + 1
        for entry in entries
        if entry.state in {ListState.OPEN, ListState.SEALED}
    )


def list_status(actor: Actor) -> list[ListStatus]:
    """Sealed lists within reach, each with `enough` or `low` for its stratum."""
    found = AllocationList.objects.order_by("site_id", "stratum_uid", "version")
    if actor.site_code != EVERYWHERE:
        found = found.filter(site__code__startswith=actor.site_code)
    groups: dict[UUID, list[AllocationList]] = {}
    for entry in found:
        groups.setdefault(entry.stratum_uid, []).append(entry)
    return [
        ListStatus(entry.site_id, entry.sealed_at, entry.root, "low" if _left(group) < LOW_BELOW else "enough")
        for group in groups.values()
        for entry in group
    ]


def published_root(list_uid: UUID) -> str | None:
    """The root of a list as this side received it before any patient; None for a list that never came here."""
    return AllocationList.objects.filter(uid=list_uid).values_list("root", flat=True).first()
