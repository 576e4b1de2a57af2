"""One screen for the trial manager: which site is behind, who waits, what went wrong this week."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from django.db.models import F, Q, QuerySet
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from randomization.blinded.desk.models import Alert, AlertKind
from randomization.blinded.desk.recruitment import Progress, SiteRow, progress
from randomization.blinded.participants.board import Row, waiting_rows
from randomization.blinded.screening.models import Deviation
from randomization.blinded.sites.gates import SiteGate, closed_gates
from randomization.blinded.sites.models import Site
from randomization.blinded.sites.selectors import facts_of_site
from randomization.shared import clock
from randomization.shared.actor import Actor
from randomization.shared.reach import within
from randomization.shared.read_once import read_once

WEEK = timedelta(days=7)
WORDS_OF_GATES: Final[dict[SiteGate, Promise]] = {
    SiteGate.CLOSED: _("closed"),
    SiteGate.NO_DRILL: _("no drill"),
    SiteGate.MESSAGES_STOPPED: _("messages stopped"),
    SiteGate.NO_SUPPLY: _("cannot supply"),
}


@dataclass(frozen=True, slots=True)
class SiteLine:
    """One site: recruitment, who waits there, its open alerts, and in words what keeps it from randomising."""

    site: Site
    recruitment: SiteRow
    waiting: int
    alerts: int
    closed_gates: tuple[Promise, ...]


@dataclass(frozen=True, slots=True)
class Count:
    """So many of a kind, and at which sites."""

    words: str
    count: int
    sites: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Overview:
    """What the manager asks each morning."""

    progress: Progress
    lines: tuple[SiteLine, ...]
    waits: tuple[tuple[str, int], ...]
    longest: tuple[Row, ...]
    open_alerts: int
    late_doses: int
    week: tuple[Count, ...]
    deviations: tuple[Count, ...]
    since: datetime


def alerts_for(actor: Actor, *, kind: str = "", site_code: str = "", past: bool = False) -> QuerySet[Alert]:
    """Alerts within reach: those that stand, the unacknowledged first, or all of the last week; filtered."""
    alerts = Alert.objects.filter(raised_at__gt=clock.now() - WEEK) if past else Alert.objects.filter(over_at=None)
    alerts = within(alerts, actor, "site_code")
    if kind:
        alerts = alerts.filter(kind=kind)
    if site_code:
        alerts = alerts.filter(site_code=site_code)
    return alerts.order_by(F("acknowledged_at").asc(nulls_first=True), "raised_at", "id")


@read_once
def alert(actor: Actor, alert_id: int) -> Alert | None:
    """One alert within reach."""
    return alerts_for(actor).filter(pk=alert_id).first() or alerts_for(actor, past=True).filter(pk=alert_id).first()


def _words_of_gates(site: Site) -> tuple[Promise, ...]:
    return tuple(WORDS_OF_GATES[gate] for gate in closed_gates(facts_of_site(site)))


def _counted(pairs: list[tuple[str, str]]) -> tuple[Count, ...]:
    counts: Counter[str] = Counter(words for words, _code in pairs)
    return tuple(
        Count(words, count, tuple(sorted({code for other, code in pairs if other == words and code})))
        for words, count in counts.most_common()
    )


def overview(actor: Actor) -> Overview:
    """Everything on the one screen, the site that is most behind first."""
    sites = {site.code: site for site in Site.objects.order_by("code")}
    enrolment, since = progress(list(sites.values()), with_chart=False), clock.now() - WEEK
    rows = waiting_rows(actor)
    waiting = Counter(row.participant.site_id for row in rows)
    alerts = Alert.objects.filter(Q(over_at=None) | Q(raised_at__gt=since)).order_by("kind", "id")
    every = list(alerts.values_list("site_code", "kind", "over_at", "raised_at"))
    open_now = [(code, kind) for code, kind, over_at, _raised_at in every if over_at is None]
    standing = Counter(code for code, _kind in open_now)
    lines = [
        SiteLine(sites[row.code], row, waiting[row.code], standing[row.code], _words_of_gates(sites[row.code]))
        for row in sorted(enrolment.sites, key=lambda row: (-round(row.behind, 1), row.code))
    ]
    arose = Deviation.objects.filter(arose_at__gt=since, lifted_at=None).order_by("kind", "id")
    return Overview(
        progress=enrolment,
        lines=tuple(lines),
        waits=tuple(Counter(row.step.waits_for for row in rows).most_common()),
        longest=tuple(rows[:8]),
        open_alerts=len(open_now),
        late_doses=sum(kind == AlertKind.DOSE_LATE for _code, kind in open_now),
        week=_counted([(str(AlertKind(kind).label), code) for code, kind, _over, raised in every if raised > since]),
        deviations=_counted(list(arose.values_list("kind", "participant__site_id"))),
        since=since,
    )


def kinds() -> list[tuple[str, str]]:
    """The kinds of alerts with their words."""
    return [(kind.value, str(kind.label)) for kind in AlertKind]
