"""The flow of participants as CONSORT draws it, reasons for not entering, and hours from sepsis to the first dose."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from statistics import quantiles
from typing import Final

from django.db.models import Count, Q

from randomization.blinded.allocation.selectors import misallocated_by_kind
from randomization.blinded.bedside.models import Course
from randomization.blinded.screening.models import Participant, Withdrawal
from randomization.blinded.screening.states import State
from randomization.blinded.sites.selectors import protocol_of_trial
from randomization.shared import clock
from randomization.shared.protocol import Protocol
from randomization.shared.sentences import sentence as _

SMALL: Final = 5
"""A count below this, where it breaks a group down, is told as `<5` and leads nowhere."""
COMPUTED: Final = {
    "age": _("Under age"),
    "neutropenia": _("Neutropenia"),
    "window_over": _("Window from sepsis over"),
    "sample_before_consent": _("Sample drawn before consent"),
    "verdict": _("Laboratory's verdict: not eligible"),
    "class_would_show": _("COVID-19 answer corrected after the verdict"),
    "randomised_before": _("Same person randomised before"),
    "randomised_elsewhere": _("Randomised at another site"),
}
"""Words of the reasons that no question of the protocol gives."""


@dataclass(frozen=True, slots=True)
class Part:
    """A part of a group: words, and the count as it may be told."""

    words: str
    count: str


@dataclass(frozen=True, slots=True)
class Hours:
    """From sepsis to the first dose given: lower quartile, median, upper quartile, in hours, of `count` people."""

    count: int
    lower: float
    median: float
    upper: float


@dataclass(frozen=True, slots=True)
class Flow:
    """Numbers of the CONSORT figure, pooled over arms; one participant may have several reasons."""

    screened: int
    in_screening: int
    withdrew_before: int
    not_eligible: int
    reasons: tuple[Part, ...]
    randomised: int
    treated: int
    on_treatment: int
    stopped: int
    causes: tuple[Part, ...]
    completed: int
    withdrew: tuple[Part, ...]
    hours: Hours | None
    misallocated: tuple[Part, ...]

    @property
    def untreated(self) -> int:
        """Randomised, and no dose given yet or ever."""
        return self.randomised - self.treated


def shown(count: int) -> str:
    """A count that breaks a group down."""
    return f"<{SMALL}" if 0 < count < SMALL else str(count)


def parts(counts: Iterable[tuple[str, int]], *, summed: bool = False) -> tuple[Part, ...]:
    """Most frequent first; those that are not told by name, so that their order tells nothing.

    summed: their sum stands beside them; where one alone is not told then, the smallest other is not told exactly.
    """
    groups = sorted(counts, key=lambda item: (-item[1] if item[1] >= SMALL else 0, item[0]))
    entries = [Part(words, shown(count)) for words, count in groups]
    if summed and len(groups) > 1 and sum(0 < count < SMALL for _name, count in groups) == 1 and groups[-2][1] >= SMALL:
        entries[-2] = Part(groups[-2][0], _("%(count)s or more", count=SMALL))
    return tuple(entries)


def _reasons(protocol: Protocol | None) -> tuple[Part, ...]:
    words = {**COMPUTED, **({item.key: item.reason for item in protocol.eligibility.criteria} if protocol else {})}
    counts: Counter[str] = Counter()
    signed = Participant.objects.filter(state=State.NOT_ELIGIBLE).values_list("confirmation__reasons", flat=True)
    for text in signed.order_by("number"):
        counts.update({words.get(code, code.replace("_", " ")) for code, _sentence in json.loads(text)})
    return parts(counts.items())


def _hours() -> Hours | None:
    courses = Course.objects.filter(anchored_at__isnull=False).order_by("anchored_at")
    moments = courses.values_list("anchored_at", "participant__sepsis_at")
    hours = [(first_dose - sepsis) / timedelta(hours=1) for first_dose, sepsis in moments if first_dose is not None]
    if len(hours) < SMALL:
        return None
    lower, median, upper = quantiles(hours, n=4, method="inclusive")
    return Hours(len(hours), lower, median, upper)


def flow() -> Flow:
    """The flow now; six statements however large the trial is."""
    states = dict(Participant.objects.values_list("state").annotate(count=Count("pk")).order_by("state"))
    protocol, now = protocol_of_trial(), clock.now()
    ended = now - (protocol.regimen.length if protocol else timedelta(days=15))
    by_cause = Course.objects.values("stop_cause").annotate(
        count=Count("pk"),
        treated=Count("anchored_at"),
        completed=Count("pk", filter=Q(stopped_at=None, first_dose_at__lte=ended) & ~Q(anchored_at=None)),
    )
    courses = list(by_cause.order_by("stop_cause"))
    causes = {row["stop_cause"]: row["count"] for row in courses if row["stop_cause"]}
    treated, completed = (sum(row[key] for row in courses) for key in ("treated", "completed"))
    randomised, stopped = states.get(State.ALLOCATED, 0), sum(causes.values())
    scopes = (
        Withdrawal.objects.filter(participant__state=State.ALLOCATED)
        .values_list("scope")
        .annotate(count=Count("pk"))
        .order_by("scope")
    )
    return Flow(
        screened=sum(states.values()),
        in_screening=states.get(State.SCREENING, 0) + states.get(State.ELIGIBLE, 0),
        withdrew_before=states.get(State.WITHDRAWN, 0),
        not_eligible=states.get(State.NOT_ELIGIBLE, 0),
        reasons=_reasons(protocol),
        randomised=randomised,
        treated=treated,
        on_treatment=randomised - stopped - completed,
        stopped=stopped,
        causes=parts(causes.items(), summed=True),
        completed=completed,
        withdrew=parts(scopes),
        hours=_hours(),
        misallocated=parts(misallocated_by_kind()),
    )
