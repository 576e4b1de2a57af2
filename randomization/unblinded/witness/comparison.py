"""Whether the blinded database is still the one that was seen before. Reads alone.

Chains, positions, kits and messages only ever grow below. What is less than was seen, or something else, comes from an
older copy of that database, or was changed past the system.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from uuid import UUID

from django.db.models import Q

from randomization.audit.models import Event
from randomization.audit.selectors import streams
from randomization.blinded.allocation.for_unblinded import Allocation, AllocationList
from randomization.hatch.models import InboxMessage
from randomization.shared.ids import TRIAL_STREAM, site_of_number
from randomization.shared.service import Side, current_alias, on_side
from randomization.unblinded.witness.models import SeenHead, SeenKit, SeenList, SeenMessage

Heads = Mapping[str, tuple[int, str]]
"""By stream: number and hash of its last event."""
Difference = tuple[str, str]
"""Site code (empty for the trial), and what differs."""


@dataclass(frozen=True, slots=True)
class Binding:
    """A kit and the participant it is bound to below."""

    kit_code: str
    participant_uid: UUID
    participant_number: str
    site_code: str


def heads_below() -> Heads:
    """The heads of the blinded chains. Every service below records: equal heads mean that nothing changed there."""
    with on_side(Side.BLINDED):
        return {stream.name: (stream.seq, stream.head) for stream in streams()}


def binding_of(allocation: Allocation) -> Binding:
    """The kit and participant of an allocation, read with its participant."""
    participant = allocation.participant
    return Binding(allocation.kit_code, participant.uid, participant.number, site_of_number(participant.number))


def bindings_below() -> dict[str, Binding]:
    """Every kit that is bound, by its code."""
    columns = ("kit_code", "participant_id", "participant__number")
    rows = Allocation.objects.values_list(*columns)
    return {kit_code: Binding(kit_code, uid, number, site_of_number(number)) for kit_code, uid, number in rows}


def _site_of(stream: str) -> str:
    return "" if stream == TRIAL_STREAM else stream


def _trail(seen: Collection[SeenHead], heads: Heads) -> set[Difference]:
    wanted = Q(pk__in=[])
    for head in seen:
        wanted |= Q(stream=head.stream, seq=head.seq)
    with on_side(Side.BLINDED):
        hashes = dict(Event.objects.using(current_alias()).filter(wanted).values_list("stream", "hash"))
    return {
        (_site_of(head.stream), "trail")
        for head in seen
        if heads.get(head.stream, (0, ""))[0] < head.seq or hashes.get(head.stream) != head.hash
    }


def _positions(seen: Collection[SeenList]) -> set[Difference]:
    below = dict(AllocationList.objects.values_list("uid", "next_position"))
    return {(item.site_code, "positions") for item in seen if below.get(item.list_uid, 0) < item.next_position}


def _kits(seen: Collection[SeenKit], bindings: Mapping[str, Binding]) -> set[Difference]:
    return {
        (item.site_code, f"kit {item.kit_code}")
        for item in seen
        if item.kit_code not in bindings or bindings[item.kit_code].participant_uid != item.participant_uid
    }


def _messages(seen: Collection[SeenMessage]) -> set[Difference]:
    there = InboxMessage.objects.filter(signature__in=[item.signature for item in seen]).count()
    return set() if there == len(seen) else {("", "messages")}


@dataclass(frozen=True, slots=True)
class Look:
    """What the blinded side holds now, and in what it is not what was seen of it."""

    heads: Heads
    bindings: Mapping[str, Binding]
    wrong: frozenset[Difference]


def look() -> Look:
    """Compare. What was seen is read first: what another worker remembers meanwhile may be younger than this look."""
    heads_seen, lists, kits = list(SeenHead.objects.all()), list(SeenList.objects.all()), list(SeenKit.objects.all())
    last = list(SeenMessage.objects.all())
    heads, bindings = heads_below(), bindings_below()
    wrong = _trail(heads_seen, heads) | _positions(lists) | _kits(kits, bindings) | _messages(last)
    return Look(heads, bindings, frozenset(wrong))
