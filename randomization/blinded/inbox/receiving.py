"""What lies in the inbox: which rows are true, which are foreign, whether one is missing. Reads alone.

A true row was signed by the other side of this installation, bears the number after the last and follows it by its
digest. Nothing of a foreign row is read further than to its signature.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from django.conf import settings
from django.db.models import Count, Exists, OuterRef, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce

from randomization.blinded.inbox.models import Applied, Cursor, Parked
from randomization.hatch.models import ForeignRow, InboxMessage
from randomization.hatch.rows import HALT_NUMBER, Stop, content_of
from randomization.hatch.verify import Fault, PublicKey, fault_of, read_public_key
from randomization.notices.models import Alarm, AlarmKind
from randomization.shared.errors import ConfigurationError
from randomization.shared.read_once import read_once

MOST: Final = 1000
"""Rows looked at in one go."""


@dataclass(frozen=True, slots=True)
class Examination:
    """Foreign rows that nobody noted yet, with why; and what stops the hatch now."""

    foreign: tuple[tuple[InboxMessage, Fault], ...]
    stops: frozenset[Stop]
    key: PublicKey | None


def trusted_key() -> PublicKey:
    """The key that messages are verified with. Raises ConfigurationError where it cannot be read."""
    return read_public_key(Path(settings.HATCH_PUBLIC_KEY_FILE))


def position() -> Cursor:
    """The last message dealt with."""
    return Cursor.objects.filter(id=1).first() or Cursor()


def nothing_waits() -> bool:
    """Whether every row was dealt with and nothing is wrong; one read, so that an idle sweep takes no lock."""
    stopped = Alarm.objects.filter(kind=AlarmKind.HATCH_STOPPED, over_at=None)
    counts = Cursor.objects.filter(id=1).values_list(
        "last",
        _count(ForeignRow.objects.all()),
        _count(InboxMessage.objects.all()),
        _count(Parked.objects.all()) + _count(stopped),
    )
    for last, foreign, rows, wrong in counts:
        return bool(rows == last + foreign and not wrong)
    return not InboxMessage.objects.exists()


def _count(rows: QuerySet[Any]) -> Coalesce:
    """The number of rows, as part of another statement."""
    counted = rows.order_by().annotate(every=Value(1)).values("every").annotate(count=Count("pk")).values("count")
    return Coalesce(Subquery(counted), 0)


def next_row(cursor: Cursor, key: PublicKey) -> InboxMessage | None:
    """The true row after the last one; None where it is not there, or where a foreign row waits to be looked at."""
    if ForeignRow.objects.filter(released_at=None).exists():
        return None
    rows = InboxMessage.objects.filter(number=cursor.last + 1, previous=cursor.digest).order_by("signature")
    for row in rows:
        if fault_of(content_of(row), row.signature, key) is None and not _repeats(row):
            return row
    return None


def _repeats(row: InboxMessage) -> bool:
    """Whether another row with this uid was dealt with; this one itself may have been, by another worker just now."""
    dealt_with = (Applied.objects.filter(uid=row.uid), Parked.objects.filter(uid=row.uid))
    return any(rows.exclude(signature=row.signature).exists() for rows in dealt_with)


def _misplaced(row: InboxMessage) -> Fault:
    return Fault.HALT if row.number == HALT_NUMBER else Fault.OUT_OF_PLACE


def _behind(last: int, key: PublicKey) -> tuple[list[tuple[InboxMessage, Fault]], bool]:
    """Foreign rows under numbers dealt with already, and whether a row that was dealt with is gone."""
    rows = InboxMessage.objects.filter(number__lte=last)
    noted = ForeignRow.objects.filter(number__lte=last).count()
    if rows.count() == last + noted:
        return [], False
    here = OuterRef("signature")
    strays = list(
        rows.filter(~Exists(Applied.objects.filter(signature=here)), ~Exists(Parked.objects.filter(signature=here)))
        .filter(~Exists(ForeignRow.objects.filter(row=here)))
        .order_by("number", "signature")[:MOST]
    )
    whys = [(row, fault_of(content_of(row), row.signature, key) or _misplaced(row)) for row in strays]
    return whys, rows.count() - len(strays) < last + noted


def _ahead(cursor: Cursor, key: PublicKey) -> tuple[list[tuple[InboxMessage, Fault]], bool]:
    """Foreign rows under numbers to come, and whether one is missing before a true one."""
    rows = list(InboxMessage.objects.filter(number__gt=cursor.last).order_by("number", "signature")[:MOST])
    noted = set(ForeignRow.objects.filter(number__gt=cursor.last).values_list("row", flat=True))
    number, digest = cursor.last + 1, cursor.digest
    foreign: list[tuple[InboxMessage, Fault]] = []
    for row in rows:
        content = content_of(row)
        fault = fault_of(content, row.signature, key)
        if fault is None and row.number > number:
            return foreign, True
        if fault is None and row.previous == digest and not _repeats(row):
            number, digest = number + 1, content.digest()
        elif row.signature not in noted:
            foreign.append((row, fault or Fault.OUT_OF_PLACE))
    return foreign, False


def examine() -> Examination:
    """Look at every row that was not dealt with."""
    try:
        key = trusted_key()
    except ConfigurationError:
        return Examination((), frozenset({Stop.NO_KEY}), None)
    try:
        return _examine_with(key)
    except (ValueError, TypeError):  # SQLite keeps anything in any column
        return Examination((), frozenset({Stop.UNREADABLE}), None)


def _examine_with(key: PublicKey) -> Examination:
    cursor = position()
    behind, is_gone = _behind(cursor.last, key)
    ahead, is_missing = _ahead(cursor, key)
    foreign = (*behind, *ahead)
    stops = {Stop.FOREIGN} if foreign or ForeignRow.objects.filter(released_at=None).exists() else set()
    if is_gone or is_missing:
        stops.add(Stop.MISSING)
    return Examination(foreign, frozenset(stops), key)


@read_once
def unreleased() -> list[ForeignRow]:
    """Foreign rows that nobody looked at yet, as they were noted."""
    return list(ForeignRow.objects.filter(released_at=None).order_by("noted_at", "row"))
