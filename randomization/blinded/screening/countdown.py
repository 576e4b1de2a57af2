"""Can we still make it? A countdown backwards from the end of the window through the steps that remain.

Pure: no Django.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from randomization.shared.protocol import Logistics
from randomization.shared.sentences import sentence as _


@dataclass(frozen=True, slots=True)
class Leg:
    """One step before the first dose: how long it usually takes, since when it runs (UTC), whether it is done.

    by: a limit of its own (UTC), as for a sample that must be shipped within hours.
    """

    words: str
    takes: timedelta
    done: bool
    since: datetime | None = None
    by: datetime | None = None


@dataclass(frozen=True, slots=True)
class Latest:
    """Until when (UTC) a step must be done, so that what follows still fits; `late`: it is not, and that has passed."""

    words: str
    until: datetime
    done: bool
    late: bool


@dataclass(frozen=True, slots=True)
class Countdown:
    """Every step with its latest moment, and the time to spare; negative: usual durations do not suffice any more."""

    steps: tuple[Latest, ...]
    spare: timedelta


def legs_of(
    *,
    logistics: Logistics,
    preparation: timedelta,
    shipped_at: datetime | None,
    received_at: datetime | None,
    verdict_there: bool,
    signed: bool,
    ship_by: datetime | None = None,
) -> tuple[Leg, ...]:
    """The way of a sample and a signature to the first dose; moments are UTC, None: not yet."""
    nothing = timedelta(0)
    return (
        Leg(_("Sample shipped"), nothing, shipped_at is not None, by=ship_by),
        Leg(_("Sample at the laboratory"), logistics.courier, received_at is not None or verdict_there, shipped_at),
        Leg(_("Verdict"), logistics.laboratory, verdict_there, received_at),
        Leg(_("Eligibility signed"), logistics.signature, signed),
        Leg(_("Randomised, preparation begins"), nothing, done=False),
        Leg(_("First dose"), preparation, done=False),
    )


def countdown(legs: Sequence[Leg], ends_at: datetime, now: datetime) -> Countdown:
    """Each step's latest end, from the last one backwards; the window ends at `ends_at`, exclusive."""
    steps: list[Latest] = []
    until, needed = ends_at, timedelta(0)
    for leg in reversed(legs):
        latest = min(until, leg.by) if leg.by else until
        steps.insert(0, Latest(leg.words, latest, leg.done, not leg.done and latest <= now))
        until -= leg.takes
        if not leg.done:
            ran = now - leg.since if leg.since else timedelta(0)
            needed += max(leg.takes - ran, timedelta(0))
    return Countdown(tuple(steps), ends_at - now - needed)
