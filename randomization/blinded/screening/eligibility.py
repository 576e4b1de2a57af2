"""Eligible or not, with all the reasons. Facts in, reasons out.

Pure: no Django.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from randomization.shared.protocol import Eligibility
from randomization.shared.sentences import sentence as _
from randomization.shared.verdict import Verdict


@dataclass(frozen=True, slots=True)
class Reason:
    """One reason against entering now. `final`: it will not pass by waiting or completing the form."""

    code: str
    sentence: str
    final: bool


@dataclass(frozen=True, slots=True)
class Facts:
    """Everything that decides, as recorded; times are aware, neutrophils per mm3, None: not recorded."""

    sepsis_at: datetime
    consent_at: datetime | None
    answers: Mapping[str, bool] | None
    year_of_birth: int | None
    neutrophils_per_mm3: int | None
    drawn_at: datetime | None
    verdict: Verdict | None
    covid19: bool | None = None
    was_judged_with_covid19: bool = False


def window_ends_at(sepsis_at: datetime, rules: Eligibility) -> datetime:
    """The moment at which the window from sepsis to treatment is over."""
    return sepsis_at + rules.window


def window_is_over(sepsis_at: datetime, rules: Eligibility, at: datetime) -> bool:
    """Whether `at` is too late; the window is elapsed time and exclusive: exactly 72:00:00 is too late."""
    return at - sepsis_at >= rules.window


def tells_the_class(*, covid19: bool, was_judged_with_covid19: bool) -> bool:
    """Whether a verdict over this COVID-19 answer would tell the ward the class (docs/decisions/0047).

    With the answer yes one class alone is eligible: who knows that verdict learns the class from one without.
    """
    return was_judged_with_covid19 and not covid19


def _of_answers(facts: Facts, rules: Eligibility, now: datetime) -> Iterator[Reason]:
    if facts.answers is None:
        yield Reason("no_answers", _("The eligibility questions are not answered yet."), final=False)
        return
    for criterion in rules.criteria:
        answer = facts.answers.get(criterion.key)
        if answer is None:
            yield Reason(
                f"unanswered_{criterion.key}", _("Not answered: %(question)s.", question=criterion.text), final=False
            )
        elif not criterion.met(answer):
            yield Reason(criterion.key, f"{criterion.reason}.", final=True)
    if facts.year_of_birth is None:
        yield Reason("no_year", _("Not answered: year of birth."), final=False)
    elif now.year - facts.year_of_birth < rules.least_age_years:
        yield Reason("age", _("Under %(years)s years by the year of birth.", years=rules.least_age_years), final=True)
    if facts.neutrophils_per_mm3 is None:
        yield Reason("no_neutrophils", _("Not answered: neutrophils per mm3."), final=False)
    elif facts.neutrophils_per_mm3 < rules.least_neutrophils_per_mm3:
        least_neutrophils_per_mm3 = rules.least_neutrophils_per_mm3
        yield Reason(
            "neutropenia",
            _(
                "Neutrophils %(count)s/mm3, below %(bound)s.",
                count=facts.neutrophils_per_mm3,
                bound=least_neutrophils_per_mm3,
            ),
            final=True,
        )


def _of_sample(facts: Facts) -> Iterator[Reason]:
    if facts.drawn_at is None:
        yield Reason("no_sample", _("No blood sample is recorded yet."), final=False)
        return
    if facts.consent_at is not None and facts.drawn_at < facts.consent_at:
        yield Reason("sample_before_consent", _("The sample was drawn before consent."), final=True)
    if facts.covid19 is False and tells_the_class(
        covid19=facts.covid19, was_judged_with_covid19=facts.was_judged_with_covid19
    ):
        yield Reason(
            "class_would_show",
            _("A verdict was given with the COVID-19 answer yes: one with the answer no would tell the immune class."),
            final=True,
        )
        return
    match facts.verdict:
        case Verdict.ELIGIBLE:
            return
        case Verdict.NOT_ELIGIBLE:
            yield Reason("verdict", _("The laboratory's verdict is: not eligible."), final=True)
        case _:
            yield Reason("verdict_pending", _("The laboratory's verdict is not there yet."), final=False)


def reasons_of_answers(facts: Facts, rules: Eligibility, now: datetime) -> tuple[Reason, ...]:
    """What the answers alone say so far: which bar entry, which are missing."""
    return tuple(_of_answers(facts, rules, now))


def reasons_against(facts: Facts, rules: Eligibility, now: datetime) -> tuple[Reason, ...]:
    """All reasons against entering at `now`; none means eligible."""
    reasons = []
    if facts.consent_at is None:
        reasons.append(Reason("no_consent", _("No consent is recorded."), final=False))
    if window_is_over(facts.sepsis_at, rules, now):
        hours = int(rules.window.total_seconds() // 3600)
        reasons.append(
            Reason("window_over", _("More than %(hours)s hours have passed since sepsis.", hours=hours), final=True)
        )
    reasons += _of_answers(facts, rules, now)
    reasons += _of_sample(facts)
    return tuple(reasons)
