"""Compare what was sent with what arrived, before anything more is carried. Reads alone, on the unblinded side."""

from __future__ import annotations

from dataclasses import dataclass

from randomization.blinded.inbox.models import ForeignRow, InboxMessage
from randomization.blinded.inbox.receiving import Stop
from randomization.notices.models import Channel
from randomization.notices.selectors import signed_after


@dataclass(frozen=True, slots=True)
class Comparison:
    """What stops the carrying, and the numbers that did not arrive."""

    stops: frozenset[Stop]
    absent: tuple[int, ...]


class Compared:
    """How far this process compared already: a number and its signature, which covers all before it by its digest."""

    number = 0
    signature = ""


def _start() -> int:
    """From where to compare: where the rows up to there are as many as before, and the last one is still ours."""
    number, signature = Compared.number, Compared.signature
    if not number or signed_after(Channel.HATCH, number - 1).get(number, (None, ""))[1] != signature:
        return 0
    noted = ForeignRow.objects.filter(number__lte=number).count()
    is_there = InboxMessage.objects.filter(signature=signature).exists()
    return number if is_there and InboxMessage.objects.filter(number__lte=number).count() == number + noted else 0


def compare() -> Comparison:
    """Every uid and signature that was sent against every one that lies in the inbox."""
    start = _start()
    sent = signed_after(Channel.HATCH, start)
    noted = dict(ForeignRow.objects.values_list("row", "released_at"))
    stops = {Stop.FOREIGN} if None in noted.values() else set()
    arrived: set[int] = set()
    rows = InboxMessage.objects.filter(number__gt=start).order_by("number", "signature")
    for number, uid, signature in rows.values_list("number", "uid", "signature"):
        own = sent.get(number)
        if own is not None and own[0] == uid and own[1] in {"", signature}:
            arrived.add(number)
        elif signature not in noted:
            stops.add(Stop.FOREIGN)
    absent = tuple(number for number in sent if number not in arrived)
    last = max(arrived, default=start)
    if any(number < last for number in absent):
        stops.add(Stop.MISSING)
    if not stops and arrived:
        Compared.number, Compared.signature = last, sent[last][1]
    return Comparison(frozenset(stops), absent)
