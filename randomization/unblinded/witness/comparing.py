"""Is the blinded side still the one that was seen before? Reads alone.

Chains, positions, kits and messages only ever grow below. What is less than was seen, or something else, comes from an
older copy of that database, or was changed past the system.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from django.db.models import Q

from randomization.audit.models import Event
from randomization.audit.selectors import streams
from randomization.blinded.allocation.models import Allocation, AllocationList
from randomization.blinded.inbox.models import InboxMessage
from randomization.shared.ids import TRIAL_STREAM
from randomization.shared.service import Side, current_alias, on_side
from randomization.unblinded.witness.models import SeenHead, SeenKit, SeenList, SeenMessage

Heads = Mapping[str, tuple[int, str]]
"""By stream: number and hash of its last event."""
Difference = tuple[str, str]
"""Site code (empty for the trial), and what differs."""


@dataclass(frozen=True, slots=True)
class Bound:
    """A kit and the participant it is bound to below."""

    kit_code: str
    participant_uid: UUID
    participant_number: str
    site_code: str


def heads_below() -> Heads:
    """The heads of the blinded chains. Every service below records: equal heads mean that nothing changed there."""
    with on_side(Side.BLINDED):
        return {stream.name: (stream.seq, stream.head) for stream in streams()}


def bound(allocation: Allocation) -> Bound:
    """The kit and participant of an allocation, read with its participant."""
    person = allocation.participant
    return Bound(allocation.kit_code, person.uid, person.number, person.number[:4])


def bound_below() -> dict[str, Bound]:
    """Every kit that is bound, by its code."""
    columns = ("kit_code", "participant_id", "participant__number")
    rows = Allocation.objects.values_list(*columns)
    return {kit_code: Bound(kit_code, uid, number, number[:4]) for kit_code, uid, number in rows}


def _site_of(stream: str) -> str:
    return "" if stream == TRIAL_STREAM else stream[:4]


def _trail(heads: Heads) -> set[Difference]:
    seen = {head.stream: head for head in SeenHead.objects.all()}
    wanted = Q(pk__in=[])
    for name, head in seen.items():
        wanted |= Q(stream=name, seq=head.seq)
    with on_side(Side.BLINDED):
        hashes = dict(Event.objects.using(current_alias()).filter(wanted).values_list("stream", "hash"))
    return {
        (_site_of(name), "trail")
        for name, head in seen.items()
        if heads.get(name, (0, ""))[0] < head.seq or hashes.get(name) != head.hash
    }


def _positions() -> set[Difference]:
    below = dict(AllocationList.objects.values_list("uid", "next_position"))
    return {
        (seen.site_code, "positions")
        for seen in SeenList.objects.all()
        if below.get(seen.list_uid, 0) < seen.next_position
    }


def _kits(bound: Mapping[str, Bound]) -> set[Difference]:
    wrong = set()
    for seen in SeenKit.objects.all():
        now = bound.get(seen.kit_code)
        if now is None or now.participant_uid != seen.participant_uid:
            wrong.add((seen.site_code, f"kit {seen.kit_code}"))
    return wrong


def _messages() -> set[Difference]:
    seen = SeenMessage.objects.filter(id=1).first()
    if seen is None or InboxMessage.objects.filter(signature=seen.signature).exists():
        return set()
    return {("", "messages")}


def differences(heads: Heads, bound: Mapping[str, Bound]) -> set[Difference]:
    """Everything in which the blinded side is not what was seen of it."""
    return _trail(heads) | _positions() | _kits(bound) | _messages()
