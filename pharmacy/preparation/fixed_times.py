"""When the ward sees a prepared dose, and how long it may be used: by planned times and their causes alone.

Nothing here takes the moment at which a syringe was opened, made or released: a drug takes longer than saline, the next
syringe waits for the one before, and every such moment would tell (docs/decisions/0030). The one exception is a release
that came too late; it is rounded to steps of the day and recorded as a risk to the blind.

Pure: no Django.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from randomization.shared.clock import next_step, step_at_or_before
from randomization.shared.protocol import Regimen, Route


@dataclass(frozen=True, slots=True)
class Times:
    """What is fixed for the next packaging of a dose; all UTC.

    printed_at: the planned time on its label. ready_at: when the ward sees it. use_before: until when it may be given.
    opens_at: from when on it may be opened, so that it lasts until then.
    """

    printed_at: datetime
    ready_at: datetime
    use_before: datetime
    opens_at: datetime


def fixed_times(
    *,
    planned_at: datetime,
    route: Route,
    regimen: Regimen,
    now: datetime,
    cause_at: datetime | None = None,
    allocated_at: datetime | None = None,
) -> Times:
    """The times of a dose planned for `planned_at`.

    cause_at: what asked for a replacement, last; None where nothing did. allocated_at: for first doses alone, to the
    minute, as they are planned. now: it only says whether a packaging of these times would be past its use-before time
    already: then that time is the next cause, as for one that was released and not given.
    """
    ends, wait = planned_at + route.late, regimen.replacement_after
    printed = planned_at if cause_at is None else min(max(planned_at, cause_at + wait), ends)
    while printed + route.usable_after <= min(now, ends):
        cause_at = printed + route.usable_after
        printed = min(cause_at + wait, ends)
    floors = [planned_at - route.ready_lead]
    if allocated_at is not None:
        floors.append(allocated_at.replace(second=0, microsecond=0) + regimen.first_ready_after)
    if cause_at is not None:
        floors.append(cause_at + wait)
    use_before = printed + route.usable_after
    return Times(printed, max(floors), use_before, use_before - route.in_use)


def ready_from(*, ready_at: datetime, steered_at: datetime | None, wait: timedelta) -> datetime:
    """From when on (UTC) the ward sees a syringe that it was not shown yet.

    A course that was resumed, moved or transferred before `ready_at` asks for `wait` from then on, also for what was
    opened already: whether it was opened before or after must make no difference to the ward.
    """
    if steered_at is None or steered_at > ready_at:
        return ready_at
    return max(ready_at, steered_at + wait)


@dataclass(frozen=True, slots=True)
class EarlierTime:
    """A ready time that a dose had at a site, and when (UTC) something gave it another: a course that moved, or a
    cause.
    """

    ready_at: datetime
    until: datetime
    site_code: str


@dataclass(frozen=True, slots=True)
class Release:
    """When (UTC) a syringe of a dose was released, and when it became void; None where it did not."""

    at: datetime
    void_at: datetime | None


def missed_ready_time(times: Iterable[EarlierTime], releases: Sequence[Release]) -> EarlierTime | None:
    """The first ready time that passed with nothing released, before the dose was given another; None without one.

    What was released after it, and before that, was counted as late when it was released.
    """
    for time in times:
        has_release = any(
            release.at < time.until and (release.void_at is None or release.void_at > time.ready_at)
            for release in releases
        )
        if time.ready_at < time.until and not has_release:
            return time
    return None


@dataclass(frozen=True, slots=True)
class Late:
    """Another dose of the same patient that the ward does not see yet; `released_at`: None while it is not released."""

    ready_at: datetime
    released_at: datetime | None


def shown_late_at(
    *, released_at: datetime, ends: datetime, others: Iterable[Late], now: datetime, step: timedelta
) -> datetime | None:
    """When a dose that was released after its ready time is shown; None where that lies ahead of `now`.

    step: the regimen's `late_shown_every`. All late doses of one patient together, at the first step of the day after
    the last of them was released; but the wait for the others ends at the last step that leaves the ward another one to
    give it before its window `ends`.
    """
    waiting, first = list(others), next_step(released_at, step)
    last = max(first, step_at_or_before(ends - step, step))
    moment = first
    while moment <= now:
        late = [other for other in waiting if other.ready_at <= moment]
        if moment >= last or all(other.released_at is not None and other.released_at < moment for other in late):
            return moment
        moment += step
    return None
