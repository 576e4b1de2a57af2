"""The server's clock, in UTC; the only place that reads it (ICH E6(R3) 4.2.2(d)).

Pure: no Django.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from randomization.shared.errors import InvalidInput
from randomization.shared.sentences import sentence as _

QUARTER = timedelta(minutes=15)


def now() -> datetime:
    """The present moment, aware, UTC."""
    return datetime.now(UTC)  # noqa: TID251 (the one place)


def stamp(moment: datetime) -> str:
    """`YYYY-MM-DDTHH:MM:SS.ffffffZ`, the form used in the audit chain.

    Raises ValueError for a naive moment.
    """
    if moment.tzinfo is None:
        raise ValueError("a moment without a time zone cannot be recorded")
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def parse_stamp(text: str) -> datetime:
    """Read any ISO 8601 moment with offset; raises InvalidInput where the offset is missing."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise InvalidInput(
            _("%(text)s is not a date and time: write 2026-03-01T14:30+02:00.", text=repr(text))
        ) from error
    if moment.tzinfo is None:
        raise InvalidInput(_("%(text)s lacks a UTC offset: add it, for example +02:00.", text=repr(text)))
    return moment.astimezone(UTC)


def quarter_at_or_before(moment: datetime) -> datetime:
    """The quarter hour at or before `moment` (UTC)."""
    moment = moment.astimezone(UTC)
    return moment.replace(minute=moment.minute - moment.minute % 15, second=0, microsecond=0)


def quarter_at_or_after(moment: datetime) -> datetime:
    """The quarter hour at or after `moment` (UTC)."""
    floor = quarter_at_or_before(moment)
    return floor if floor == moment.astimezone(UTC) else floor + QUARTER


def step_at_or_before(moment: datetime, step: timedelta) -> datetime:
    """The step of the day at or before `moment` (UTC): steps count from 00:00 UTC, a day is a whole number of them."""
    moment = moment.astimezone(UTC)
    midnight = moment.replace(hour=0, minute=0, second=0, microsecond=0)
    return moment - (moment - midnight) % step


def next_step(moment: datetime, step: timedelta) -> datetime:
    """The first step of the day after `moment` (UTC), never `moment` itself."""
    return step_at_or_before(moment, step) + step


def site_moment(moment: datetime, zone: str) -> datetime:
    """`moment` in the site's zone, for showing: always print it with its offset."""
    return moment.astimezone(ZoneInfo(zone))


def from_site_time(local: datetime, zone: str, *, offset: timedelta | None = None) -> datetime:
    """Turn a local time typed at a site into UTC.

    `local` is naive. When clocks change, a local time may not exist (InvalidInput) or exist twice:
    then `offset` says which one is meant, and its absence raises InvalidInput with code
    `ambiguous_time`.
    """
    zone_info = ZoneInfo(zone)
    first, second = local.replace(tzinfo=zone_info, fold=0), local.replace(tzinfo=zone_info, fold=1)
    if first.astimezone(UTC).astimezone(zone_info).replace(tzinfo=None) != local:
        raise InvalidInput(
            _("%(local)s did not exist here: clocks went forward. Check the time.", local=f"{local:%Y-%m-%d %H:%M}")
        )
    if first.utcoffset() != second.utcoffset():
        for choice in (first, second):
            if offset is not None and choice.utcoffset() == offset:
                return choice.astimezone(UTC)
        raise InvalidInput(
            _(
                "%(local)s happened twice, clocks went back: say which, %(first)s (before the change) or "
                "%(second)s (after it).",
                local=f"{local:%Y-%m-%d %H:%M}",
                first=f"{first:%z}",
                second=f"{second:%z}",
            ),
            code="ambiguous_time",
        )
    return first.astimezone(UTC)
