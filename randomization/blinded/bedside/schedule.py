"""The timetable: every route's doses in elapsed hours from the first dose, and how it moves.

Pure: no Django.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from randomization.shared.protocol import Regimen, Route

MINUTE: Final = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class PlannedDose:
    """One dose of the timetable; numbers count from 1 on each route, `at` is UTC."""

    route: str
    number: int
    at: datetime


def planned_doses(*, first_dose_at: datetime, regimen: Regimen) -> list[PlannedDose]:
    """All doses in order of time (45 IV and 8 SC in ImmunoSep).

    Every 8 hours means 8 elapsed hours, also through a change of clocks: hence UTC.
    Raises ValueError for a moment without a time zone.
    """
    if first_dose_at.tzinfo is None:
        raise ValueError("the first dose needs a time zone")
    start = first_dose_at.astimezone(UTC)
    doses = [
        PlannedDose(route.code, number, time_of(route=route, number=number, anchor=start))
        for route in regimen.routes
        for number in range(1, route.doses + 1)
    ]
    return sorted(doses, key=lambda dose: (dose.at, dose.route, dose.number))


def anchor_of(*, route: Route, number: int, given_at: datetime) -> datetime:
    """When the first dose would have been due, had dose `number`, given at `given_at`, come as planned."""
    return given_at.astimezone(UTC) - (number - 1) * route.interval


def time_of(*, route: Route, number: int, anchor: datetime, shift: timedelta = timedelta(0)) -> datetime:
    """When dose `number` is due after the anchor; a shift moves everything but dose 1.

    A shift leads to the ward's hours: what it moves is due at a full minute, whatever the seconds of the anchor.
    """
    moment = anchor + (number - 1) * route.interval
    if number == 1 or not shift:
        return moment
    return (moment + shift + MINUTE / 2).replace(second=0, microsecond=0)


def is_dropped(*, at: datetime, anchor: datetime, regimen: Regimen) -> bool:
    """Whether a dose falls behind the last hour of treatment (360 in ImmunoSep)."""
    return at - anchor > regimen.length


def still_fits(*, route: Route, printed_at: datetime, planned_at: datetime, use_before: datetime) -> bool:
    """Whether a syringe labelled for `printed_at` may still be given for a dose that is due at `planned_at` now.

    The printed time must lie inside the dose's window, and the syringe last until the window ends, or for half of
    `usable_after` from the planned time where that is sooner: so a course may move a little later.
    """
    inside = planned_at - route.early <= printed_at <= planned_at + route.late
    return inside and planned_at + min(route.late, route.usable_after / 2) <= use_before


def shifts_of(*, route: Route, first_given_at: datetime, zone: str) -> list[datetime]:
    """The moments (UTC) to which dose 2 may be moved, once: the ward's hours that keep the least interval.

    From the least interval after dose 1 to as long after the planned time as the least interval lies before it. An
    hour that does not exist on the day clocks go forward is left out.
    """
    planned = first_given_at.astimezone(UTC) + route.interval
    slack, local = route.interval - route.least_interval, ZoneInfo(zone)
    moments = []
    for day in range(-1, 2 + route.interval // timedelta(days=1)):
        for hour in route.ward_hours:
            date = (first_given_at.astimezone(local) + timedelta(days=day)).date()
            moment = datetime(date.year, date.month, date.day, hour, tzinfo=local)
            utc = moment.astimezone(UTC)
            if utc.astimezone(local).hour == hour and abs(utc - planned) <= slack and utc != planned:
                moments.append(utc)
    return sorted(moments)
