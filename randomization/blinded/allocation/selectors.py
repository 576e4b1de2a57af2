"""Reads of allocation: the kit of a participant, and whether a site's list is enough or low."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final
from uuid import UUID

from django.db.models import Count, Exists, OuterRef

from randomization.audit.selectors import first_event
from randomization.blinded.allocation.envelope_departures import basis_of
from randomization.blinded.allocation.gate_facts import facts_of
from randomization.blinded.allocation.gates import against_allocation
from randomization.blinded.allocation.models import (
    Allocation,
    AllocationList,
    ListState,
    Misallocation,
    MisallocationKind,
)
from randomization.blinded.bedside.models import Dose
from randomization.blinded.bedside.states import WAITING
from randomization.blinded.screening.eligibility import window_ends_at
from randomization.blinded.screening.models import Participant
from randomization.blinded.screening.same_person import identity_of
from randomization.blinded.screening.selectors import open_reasons, protocol_for
from randomization.blinded.screening.states import State
from randomization.blinded.sites.selectors import on_duty
from randomization.shared import clock
from randomization.shared.errors import InvalidInput
from randomization.shared.identifiers import canonical
from randomization.shared.read_once import read_once
from randomization.shared.sentences import joined
from randomization.shared.sentences import sentence as _
from randomization.shared.service import Side, on_side

LOW_BELOW = 12


class ListSupply(StrEnum):
    """All that a person may know of how many positions a site's lists have left."""

    ENOUGH = "enough"
    LOW = "low"


WORDS_OF_SUPPLY: Final = {ListSupply.ENOUGH: _("enough"), ListSupply.LOW: _("low")}
"""As people read it."""


@read_once
def allocation_of(participant: Participant) -> Allocation | None:
    """The participant's allocation, or None."""
    return Allocation.objects.filter(participant=participant).first()


def allocation_by_kit(kit_code: str) -> Allocation | None:
    """As `allocation_of`, by kit code; for the pharmacy's reads from above."""
    return Allocation.objects.select_related("participant__site").filter(kit_code=canonical(kit_code)).first()


def has_eligible_verdict(participant: Participant) -> bool:
    """Whether an envelope of this participant can rest on an eligible verdict."""
    return basis_of(participant).verdict_uid is not None


def envelope_opened_at(number: str) -> datetime | None:
    """When the envelope of a participant was opened, as entered afterwards (UTC); None for one randomised online."""
    with on_side(Side.BLINDED):
        event_data = first_event(action="participant.allocate", subject=number)
    opened_at = event_data.get("envelope_opened_at") if event_data else None
    return clock.parse_stamp(str(opened_at)) if opened_at else None


def on_treatment(site_code: str) -> list[tuple[Participant, Allocation]]:
    """Who at a site has doses before them, with their allocation; for the code-break pack's reads from above."""
    waiting = Dose.objects.filter(
        course__participant=OuterRef("participant"), state__in=WAITING, course__stopped_at=None
    )
    allocations = Allocation.objects.select_related("participant__site").filter(Exists(waiting))
    allocations = allocations.filter(participant__site_id=site_code).order_by("participant__number")
    return [(allocation.participant, allocation) for allocation in allocations]


def obstacles(participant: Participant) -> list[str]:
    """What stands against randomising now, in sentences: what the file still lacks, then every other closed gate."""
    if allocation_of(participant) is not None:
        return []
    identity = identity_of(participant)
    reasons = open_reasons(participant, protocol_for(participant), identity)
    named = {reason.code for reason in reasons}
    closed = against_allocation(facts_of(participant, identity, clock.now()))
    others = [obstacle.sentence for obstacle in closed if obstacle.code not in named]
    return [*(reason.sentence for reason in reasons), *others]


def cautions(participant: Participant) -> list[str]:
    """What speaks against randomising now and forbids nothing: a reason is asked instead. None once randomised."""
    if participant.state == State.ALLOCATED:
        return []
    protocol, now = protocol_for(participant), clock.now()
    left = window_ends_at(participant.sepsis_at, protocol.eligibility) - now
    caution = protocol.logistics.caution if protocol.logistics else timedelta(0)
    warnings = []
    if left < caution:
        warnings.append(
            _("Less than %(minutes)s minutes of the window are left.", minutes=caution // timedelta(minutes=1))
        )
    if on_duty(participant.site) is None:
        warnings.append(_("Nobody is on duty in the pharmacy now: call before you randomise."))
    return warnings


def ask_reason(participant: Participant, reason: str) -> list[str]:
    """What the person who randomises was warned of; raises InvalidInput where that is something and no reason is given.

    Page and API ask, not `allocate`: it forbids nothing, and an allocation keeps to its fourteen statements.
    """
    warned = cautions(participant)
    if warned and not reason.strip():
        raise InvalidInput(
            _("%(warned)s Say why you randomise all the same.", warned=joined(warned)),
            field="caution_reason",
            code="caution",
        )
    return warned


def misallocations_of(participant: Participant) -> list[Misallocation]:
    """What was wrong with a randomisation, oldest first."""
    return list(Misallocation.objects.filter(participant=participant).order_by("id"))


def misallocated_by_kind() -> list[tuple[str, int]]:
    """How many randomisations were wrong, by what was wrong, in words."""
    words = dict(kinds_of_misallocation())
    counts = Misallocation.objects.values_list("kind").annotate(count=Count("pk")).order_by("kind")
    return [(words[kind], count) for kind, count in counts]


def kinds_of_misallocation() -> list[tuple[str, str]]:
    """What may be wrong, with its words."""
    return [(kind.value, str(kind.label)) for kind in MisallocationKind]


def statuses_by_list() -> dict[UUID, ListSupply]:
    """How many positions are left, the same for all lists of a site.

    By the site's total alone: that one stratum falls below a bound would say in which of them the last patient is.
    """
    left: dict[str, int] = {}
    strata: dict[str, set[UUID]] = {}
    lists = list(AllocationList.objects.all())
    for entry in lists:
        if entry.state == ListState.FALLBACK:
            continue
        waits = entry.state in {ListState.OPEN, ListState.SEALED}
        strata.setdefault(entry.site_id, set()).add(entry.stratum_uid)
        left[entry.site_id] = left.get(entry.site_id, 0) + (entry.length - entry.next_position + 1) * waits
    low = {site_code for site_code, count in left.items() if count < LOW_BELOW * len(strata[site_code])}
    return {entry.uid: ListSupply.LOW if entry.site_id in low else ListSupply.ENOUGH for entry in lists}


@dataclass(frozen=True, slots=True)
class PublishedList:
    """A list as this side received it: root as recorded in its trail, and slots with kit codes in order."""

    root: str
    slots: tuple[tuple[UUID, str], ...]


def published_list(list_uid: UUID) -> PublishedList | None:
    """What stands here of a sealed list; None for one that never came down (a drill)."""
    allocation_list = AllocationList.objects.filter(uid=list_uid).first()
    sealed = sealed_root(str(list_uid))
    if allocation_list is None or sealed is None:
        return None
    return PublishedList(sealed, tuple(allocation_list.slots.order_by("position").values_list("uid", "kit_code")))


def sealed_root(list_uid: str) -> str | None:
    """The root that stands in this side's trail since the list arrived, before any patient."""
    with on_side(Side.BLINDED):
        event_data = first_event(action="list.sealed", subject=list_uid)
    return str(event_data["root"]) if event_data else None
