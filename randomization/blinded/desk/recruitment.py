"""Recruitment against plan: by month, by site, by country. Counts are pooled over arms, which nobody here knows."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db.models import Count, Max
from django.db.models.functions import TruncMonth

from randomization.blinded.allocation.models import Allocation
from randomization.blinded.desk.figures import Chart, cumulative_chart
from randomization.blinded.sites.models import Site
from randomization.blinded.sites.selectors import protocol_of_trial
from randomization.shared import clock
from randomization.shared.protocol import Recruitment

YEAR = 12
DAYS_A_MONTH = 30.4375


@dataclass(frozen=True, slots=True)
class SiteRow:
    """One site, or a country (then `code` has two letters): randomised, expected by now, and the difference."""

    code: str
    randomised: int
    expected: float
    last_at: datetime | None

    @property
    def behind(self) -> float:
        """How many are missing against plan; negative: ahead."""
        return self.expected - self.randomised


@dataclass(frozen=True, slots=True)
class MonthRow:
    """One month: randomised in it, the sum at its end, and the sum that was planned."""

    month: date
    randomised: int
    total: int
    planned: float


@dataclass(frozen=True, slots=True)
class Progress:
    """The whole trial against its plan; `plan`: None where the protocol says nothing."""

    plan: Recruitment | None
    randomised: int
    expected: float
    sites: tuple[SiteRow, ...]
    countries: tuple[SiteRow, ...]
    months: tuple[MonthRow, ...]
    chart: Chart | None


def _months_between(start: date, end: date) -> float:
    return max(0.0, (end - start).days / DAYS_A_MONTH)


def next_month(month: date) -> date:
    """The first day of the month after."""
    return date(month.year + month.month // YEAR, month.month % YEAR + 1, 1)


def _month_rows(plan: Recruitment | None, counts: dict[date, int], today: date) -> tuple[MonthRow, ...]:
    """From the first month planned or used to the current one."""
    if not counts and plan is None:
        return ()
    first = min([*counts, *([plan.starts.replace(day=1)] if plan else [])])
    rows, month, total = [], first, 0
    while month <= today:
        total += counts.get(month, 0)
        planned = 0.0
        if plan is not None:
            planned = plan.target * min(1.0, _months_between(plan.starts, next_month(month)) / plan.months)
        rows.append(MonthRow(month, counts.get(month, 0), total, planned))
        month = next_month(month)
    return tuple(rows)


def _part_gone(plan: Recruitment | None, site: Site, today: date) -> float:
    """Which part of its time a site has had: from its opening, or the plan's start, to the plan's end; 0 to 1."""
    if plan is None or site.opened_at is None:
        return 0.0
    starts = max(site.opened_at.date(), plan.starts)
    today = min(today, site.closed_at.date()) if site.closed_at else today
    ends = plan.starts + timedelta(days=round(plan.months * DAYS_A_MONTH))
    if today >= ends:
        return 1.0
    return max(0.0, (today - starts) / (ends - starts)) if starts < ends else 0.0


def _site_rows(plan: Recruitment | None, sites: list[Site], today: date) -> tuple[SiteRow, ...]:
    tally = Allocation.objects.values_list("participant__home_id").annotate(count=Count("pk"), last=Max("allocated_at"))
    done: dict[str, tuple[int, datetime | None]] = {
        code: (count, last) for code, count, last in tally.order_by("participant__home_id")
    }
    share = plan.target / len(sites) if plan and sites else 0.0
    rows = []
    for site in sites:
        count, last = done.get(site.code, (0, None))
        rows.append(SiteRow(site.code, count, share * _part_gone(plan, site, today), last))
    return tuple(rows)


def _countries(sites: tuple[SiteRow, ...]) -> tuple[SiteRow, ...]:
    rows = []
    for country in sorted({site.code[:2] for site in sites}):
        here = [site for site in sites if site.code[:2] == country]
        last = max((site.last_at for site in here if site.last_at), default=None)
        rows.append(SiteRow(country, sum(s.randomised for s in here), sum(s.expected for s in here), last))
    return tuple(rows)


def progress(sites: list[Site] | None = None, *, with_chart: bool = True) -> Progress:
    """Recruitment so far, of these sites or all; four statements however large the trial is.

    A site is expected to enrol its share of the target by the end of the plan, evenly from the day it opened.
    """
    protocol, today = protocol_of_trial(), clock.now().date()
    plan = protocol.recruitment if protocol else None
    rows = _site_rows(plan, list(Site.objects.order_by("code")) if sites is None else sites, today)
    counts: Counter[date] = Counter()
    chart: Chart | None = None
    months: tuple[MonthRow, ...] = ()
    if with_chart:
        by_month = Allocation.objects.annotate(month=TruncMonth("allocated_at")).values("month")
        for row in by_month.annotate(count=Count("pk")).order_by("month"):
            counts[row["month"].date()] += row["count"]
        months = _month_rows(plan, dict(counts), today)
        if months:
            chart = cumulative_chart(
                [f"{row.month:%Y-%m}" for row in months],
                [row.total for row in months],
                [row.planned for row in months],
            )
    expected = 0.0
    if plan is not None:
        expected = plan.target * min(1.0, _months_between(plan.starts, today) / plan.months)
    return Progress(plan, sum(row.randomised for row in rows), expected, rows, _countries(rows), months, chart)
