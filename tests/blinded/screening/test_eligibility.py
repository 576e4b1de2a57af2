"""Whether somebody may enter at a moment: every reason alone, pairs, and what each waits for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import combinations
from typing import Any, Final

import pytest

from immunosep_site.demonstration.fixtures import FIXTURES
from randomization.blinded.screening.eligibility import (
    Facts,
    reasons_against,
    reasons_of_answers,
    window_ends_at,
    window_is_over,
)
from randomization.shared.protocol import load_protocol
from randomization.shared.verdict import Verdict

pytestmark = pytest.mark.once
RULES: Final = load_protocol(FIXTURES / "protocol.toml").eligibility
NOW: Final = datetime(2026, 3, 2, 20, 0, tzinfo=UTC)
HOUR: Final = timedelta(hours=1)
ANSWERS: Final = {criterion.key: criterion.kind == "inclusion" for criterion in RULES.criteria}
RIGHT: Final = Facts(
    sepsis_at=NOW - 30 * HOUR,
    consent_at=NOW - 6 * HOUR,
    answers=ANSWERS,
    year_of_birth=1960,
    neutrophils_per_mm3=9000,
    drawn_at=NOW - 5 * HOUR,
    verdict=Verdict.ELIGIBLE,
    covid19=False,
)


def but_for(**answers: bool | None) -> Mapping[str, bool]:
    """The answers that let everybody in, with some changed; None: not answered."""
    return {key: answer for key, answer in {**ANSWERS, **answers}.items() if answer is not None}


ANSWERED: Final[list[tuple[str, dict[str, Any], bool]]] = [
    ("unanswered_hiv", {"answers": but_for(hiv=None)}, False),
    *[(key, {"answers": but_for(**{key: not wanted})}, True) for key, wanted in ANSWERS.items()],
    ("no_year", {"year_of_birth": None}, False),
    ("age", {"year_of_birth": 2026 - 17}, True),
    ("no_neutrophils", {"neutrophils_per_mm3": None}, False),
    ("neutropenia", {"neutrophils_per_mm3": 0}, True),
]
"""Code, what is recorded instead, and whether it is final: it does not pass by waiting or completing the form."""
OTHERS: Final[list[tuple[str, dict[str, Any], bool]]] = [
    ("no_consent", {"consent_at": None}, False),
    ("window_over", {"sepsis_at": NOW - 72 * HOUR}, True),
    ("sample_before_consent", {"drawn_at": NOW - 7 * HOUR}, True),
    ("class_would_show", {"was_judged_with_covid19": True}, True),
    ("verdict", {"verdict": Verdict.NOT_ELIGIBLE}, True),
    ("verdict_pending", {"verdict": None}, False),
]
ALONE: Final = [*ANSWERED, *OTHERS, ("no_answers", {"answers": None}, False), ("no_sample", {"drawn_at": None}, False)]
HIDDEN: Final = {
    frozenset(("sample_before_consent", "no_consent")): {"no_consent"},
    frozenset(("class_would_show", "verdict")): {"class_would_show"},
    frozenset(("class_would_show", "verdict_pending")): {"class_would_show"},
}
"""Pairs of which one alone is said: without consent nothing is before it, and what would tell the class hides it."""


def said(facts: Facts) -> set[str]:
    codes = [reason.code for reason in reasons_against(facts, RULES, NOW)]
    assert len(codes) == len(set(codes))
    return set(codes)


def test_who_has_everything_is_eligible() -> None:
    assert reasons_against(RIGHT, RULES, NOW) == ()


@pytest.mark.requirement("R08")
@pytest.mark.parametrize(("code", "changed", "final"), ALONE, ids=[code for code, _changed, _final in ALONE])
def test_each_reason_alone(code: str, changed: dict[str, Any], final: bool) -> None:
    (reason,) = reasons_against(replace(RIGHT, **changed), RULES, NOW)
    assert (reason.code, reason.final) == (code, final)
    assert str(reason.sentence).strip()


def test_of_two_reasons_both_are_said() -> None:
    pairs = [
        (first, second)
        for first, second in combinations([*ANSWERED, *OTHERS], 2)
        if not first[1].keys() & second[1].keys()
    ]
    assert len(pairs) > 100
    for first, second in pairs:
        codes = {first[0], second[0]}
        assert said(replace(RIGHT, **first[1], **second[1])) == HIDDEN.get(frozenset(codes), codes), codes


@pytest.mark.parametrize(("code", "changed", "_final"), OTHERS, ids=[code for code, _changed, _final in OTHERS])
def test_without_a_sample_or_answers_nothing_is_said_of_them(code: str, changed: dict[str, Any], _final: bool) -> None:
    without = replace(RIGHT, **changed, answers=None)
    assert said(without) == {code, "no_answers"}
    of_file = {code} if code in {"no_consent", "window_over"} else set()
    assert said(replace(without, drawn_at=None)) == {"no_answers", "no_sample"} | of_file


def test_every_wrong_answer_and_every_missing_one_is_said() -> None:
    wrong = replace(RIGHT, answers={key: not wanted for key, wanted in ANSWERS.items()})
    assert said(wrong) == set(ANSWERS)
    assert said(replace(RIGHT, answers={})) == {f"unanswered_{key}" for key in ANSWERS}


@pytest.mark.parametrize(("code", "changed", "final"), ALONE, ids=[code for code, _changed, _final in ALONE])
def test_the_answers_are_judged_without_the_rest(code: str, changed: dict[str, Any], final: bool) -> None:
    nothing_else = replace(RIGHT, consent_at=None, drawn_at=None, verdict=None)
    of_answers = reasons_of_answers(replace(nothing_else, **changed), RULES, NOW)
    assert [reason.code for reason in of_answers] == (
        [code] if code not in {row[0] for row in (*OTHERS, ALONE[-1])} else []
    )


@pytest.mark.requirement("R08")
@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"year_of_birth": 2026 - 18}, None),
        ({"year_of_birth": 2026 - 17}, "age"),
        ({"neutrophils_per_mm3": 1500}, None),
        ({"neutrophils_per_mm3": 1499}, "neutropenia"),
        ({"sepsis_at": NOW - 72 * HOUR + timedelta(microseconds=1)}, None),
        ({"sepsis_at": NOW - 72 * HOUR}, "window_over"),
        ({"drawn_at": NOW - 6 * HOUR}, None),
        ({"drawn_at": NOW - 6 * HOUR - timedelta(microseconds=1)}, "sample_before_consent"),
        ({"covid19": True, "was_judged_with_covid19": True}, None),
        ({"covid19": True}, None),
        ({"covid19": None, "was_judged_with_covid19": True}, None),
    ],
)
def test_each_bound_belongs_to_its_side(changed: dict[str, Any], code: str | None) -> None:
    assert said(replace(RIGHT, **changed)) == ({code} if code else set())


@pytest.mark.parametrize("hours", [24, 48, 72])
def test_the_window_is_the_protocols(hours: int) -> None:
    rules = replace(RULES, window=hours * HOUR)
    ends_at = window_ends_at(NOW, rules)
    assert ends_at == NOW + hours * HOUR
    assert window_is_over(NOW, rules, ends_at)
    assert not window_is_over(NOW, rules, ends_at - timedelta(microseconds=1))
    (reason,) = reasons_against(replace(RIGHT, sepsis_at=NOW - hours * HOUR), rules, NOW)
    assert f"{hours} hours" in str(reason.sentence)
