"""Whether a dose may be given from a syringe at a moment: what the nurse is told, and what becomes a deviation.

Pure: no Django.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from randomization.shared import clock
from randomization.shared.obstacles import Obstacle
from randomization.shared.sentences import sentence as _


class GivingGate(StrEnum):
    """A gate of giving, by the code of its refusal, in the order in which a nurse is told."""

    ON_HOLD = "on_hold"
    STOPPED = "stopped"
    VOID = "voided"
    EXPIRED = "expired"
    OUTSIDE_WINDOW = "outside_window"
    TOO_SOON = "too_soon"


@dataclass(frozen=True, slots=True)
class Giving:
    """What decides; all times UTC.

    earliest, latest: the window of the dose, with both ends inside. given_before: when the dose before it of the same
    route was given. zone: of the ward, for the sentence.
    """

    at: datetime
    voided_at: datetime | None
    use_before: datetime
    earliest: datetime
    latest: datetime
    given_before: datetime | None
    least_interval: timedelta
    zone: str


def is_too_soon(at: datetime, given_before: datetime | None, least_interval: timedelta) -> bool:
    """Whether a dose comes too soon after the one before it of the same route; exactly the interval is not too soon."""
    return given_before is not None and at - given_before < least_interval


def against_course(
    at: datetime, *, held_at: datetime | None, stopped_at: datetime | None, transcribed: bool
) -> Iterator[Obstacle]:
    """On hold or stopped nothing is given; what was given before is still recorded, transcribed from the chart."""
    if held_at is not None and (at >= held_at or not transcribed):
        yield Obstacle(
            GivingGate.ON_HOLD, _("Treatment is on hold: do not give it. Return the syringe to the pharmacy.")
        )
    if stopped_at is not None and (at >= stopped_at or not transcribed):
        yield Obstacle(
            GivingGate.STOPPED, _("Treatment was stopped: do not give it. Return the syringe to the pharmacy.")
        )


def against_giving(giving: Giving) -> Iterator[Obstacle]:
    """What is wrong: a stop at the bedside, a deviation where it happened and is transcribed."""
    at = giving.at
    if giving.voided_at is not None and at >= giving.voided_at:
        yield Obstacle(GivingGate.VOID, _("This syringe is void: do not give it, return it to the pharmacy."))
    if at >= giving.use_before:
        yield Obstacle(
            GivingGate.EXPIRED, _("This syringe is past its use-before time: do not give it, call the pharmacy.")
        )
    if not giving.earliest <= at <= giving.latest:
        first, last = (
            f"{clock.site_moment(moment, giving.zone):%d %b %H:%M %z}" for moment in (giving.earliest, giving.latest)
        )
        yield Obstacle(
            GivingGate.OUTSIDE_WINDOW,
            _(
                "Outside the window of this dose, %(first)s to %(last)s: do not give it, call the investigator.",
                first=first,
                last=last,
            ),
        )
    if is_too_soon(at, giving.given_before, giving.least_interval):
        yield Obstacle(
            GivingGate.TOO_SOON,
            _(
                "Less than %(hours)s hours since the dose before it: do not give it yet, call the investigator.",
                hours=giving.least_interval // timedelta(hours=1),
            ),
        )
