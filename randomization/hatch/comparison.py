"""Compare what was sent with what arrived, before anything more is carried. Reads alone, on the unblinded side."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from randomization.hatch.models import ForeignRow, InboxMessage
from randomization.hatch.rows import HALT_NUMBER, Stop, content_of
from randomization.hatch.verify import Fault, PublicKey, fault_of
from randomization.notices.models import Channel
from randomization.notices.selectors import known_signatures, signed_after


@dataclass(frozen=True, slots=True)
class Comparison:
    """What stops the carrying, the numbers that did not arrive, and the last number that was given."""

    stops: frozenset[Stop]
    absent: tuple[int, ...]
    last: int


class Compared:
    """How far this process compared already: a number and its signature, which covers all before it by its digest."""

    number = 0
    signature = ""


def _start(noted: Collection[ForeignRow]) -> int:
    """From where to compare: where the rows up to there are as many as before, and the last one is still ours."""
    number, signature = Compared.number, Compared.signature
    if not number or signed_after(Channel.HATCH, number - 1).get(number, (None, ""))[1] != signature:
        return 0
    foreign = sum(row.number <= number for row in noted)
    is_there = InboxMessage.objects.filter(signature=signature).exists()
    return number if is_there and InboxMessage.objects.filter(number__lte=number).count() == number + foreign else 0


def _is_own(signature: str, key: PublicKey) -> bool:
    """Whether a row that this side does not know was signed with its key: then this side is the older copy."""
    row = InboxMessage.objects.get(signature=signature)
    return row.number != HALT_NUMBER and fault_of(content_of(row), signature, key) is None


def _is_forgotten(noted: Collection[ForeignRow]) -> bool:
    """Whether the blinded side noted a row that was truly signed and that this side does not know."""
    misplaced = [row.row for row in noted if row.why == Fault.OUT_OF_PLACE]
    return len(known_signatures(Channel.HATCH, misplaced)) < len(misplaced)


def compare(key: PublicKey) -> Comparison:
    """Every uid and signature that was sent against every one that lies in the inbox."""
    noted = list(ForeignRow.objects.all())
    start = _start(noted)
    rows = InboxMessage.objects.filter(number__gte=start and start + 1).order_by("number", "signature")
    # In this order: another worker may number and insert meanwhile, and what arrived must be known as sent.
    there = list(rows.values_list("number", "uid", "signature"))
    sent = signed_after(Channel.HATCH, start)
    stops = {Stop.FOREIGN} if any(row.released_at is None for row in noted) else set()
    known = {row.row for row in noted}
    arrived: set[int] = set()
    for number, uid, signature in there:
        own = sent.get(number)
        if own is not None and own[0] == uid and own[1] in {"", signature}:
            arrived.add(number)
        elif _is_own(signature, key):
            stops.add(Stop.OLDER_COPY)
        elif signature not in known:
            stops.add(Stop.FOREIGN)
    if _is_forgotten(noted):
        stops.add(Stop.OLDER_COPY)
    absent = tuple(number for number in sent if number not in arrived)
    last = max(arrived, default=start)
    if any(number < last for number in absent):
        stops.add(Stop.MISSING)
    if not stops and arrived:
        Compared.number, Compared.signature = last, sent[last][1]
    return Comparison(frozenset(stops), absent, max(sent, default=start))
