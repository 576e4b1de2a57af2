"""When the ward sees a prepared dose, and how long it may be used: fixed before the arm is opened. Pure.

Saline is quicker to prepare than the drug; neither the moment of release nor the use-before time may tell.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from randomization.shared.clock import QUARTER, quarter_at_or_after, quarter_at_or_before


def ready_time(*, opened_at: datetime, planned_at: datetime, lead: timedelta) -> datetime:
    """The quarter hour at or before the opening plus the lead, or the planned time minus the lead if later."""
    return max(quarter_at_or_before(opened_at) + lead, planned_at - lead)


def ready_time_if_missed(*, ready_at: datetime, released_at: datetime) -> datetime:
    """`ready_at`, or the next full quarter hour where the release came after it."""
    return ready_at if released_at <= ready_at else quarter_at_or_after(released_at)


def use_before(*, opened_at: datetime, in_use: timedelta) -> datetime:
    """The quarter hour at or before the opening plus the in-use period: never a lot's expiry."""
    return quarter_at_or_before(opened_at) + in_use


def earliest_opening(*, planned_at: datetime, late: timedelta, in_use: timedelta) -> datetime:
    """From when on a preparation lasts until the end of the dose's window: the first quarter hour that does."""
    return quarter_at_or_before(planned_at + late - in_use) + QUARTER
