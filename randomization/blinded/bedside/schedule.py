"""The timetable: every route's doses in elapsed hours from the first dose. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from randomization.shared.protocol import Regimen


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
        PlannedDose(route.code, number, start + (number - 1) * route.interval)
        for route in regimen.routes
        for number in range(1, route.doses + 1)
    ]
    return sorted(doses, key=lambda dose: (dose.at, dose.route, dose.number))
