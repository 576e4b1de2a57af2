"""Whether a prepared syringe may still be given: every cause alone, pairs, and the exact moments."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import combinations
from typing import Any, Final

import pytest

from pharmacy.preparation.outdated import WORDS, DoseNow, Syringe, becomes_void_for, causes_against, refuse_outdated
from pharmacy.preparation.states import VoidCause
from randomization.shared.errors import Refused
from randomization.unblinded.formulary.contents import Level
from randomization.unblinded.laboratory.immune_class import ImmuneClass

pytestmark = pytest.mark.once
NOW: Final = datetime(2026, 3, 2, 20, 0, tzinfo=UTC)
MOMENT: Final = timedelta(microseconds=1)
SYRINGE: Final = Syringe(
    site_code="GR01",
    opened_at=NOW - timedelta(hours=2),
    use_before=NOW + timedelta(hours=20),
    level=Level.FULL,
    immune_class=ImmuneClass.SIP,
    is_struck=False,
    is_void_on_ward=False,
)
DOSE: Final = DoseNow(
    is_due=True,
    site_code="GR01",
    planned_again_at=None,
    fits_its_time=True,
    window_is_over=False,
    level=Level.FULL,
    immune_class=None,
)
CAUSES: Final[list[tuple[str, VoidCause, dict[str, Any], dict[str, Any]]]] = [
    ("expired", VoidCause.EXPIRED, {"use_before": NOW}, {}),
    ("not due", VoidCause.COURSE, {}, {"is_due": False}),
    ("treated elsewhere", VoidCause.COURSE, {}, {"site_code": "GR02"}),
    ("missed and planned again", VoidCause.COURSE, {}, {"planned_again_at": NOW - timedelta(hours=1)}),
    ("quarantine", VoidCause.STOCK, {"is_struck": True}, {}),
    ("moved too far", VoidCause.TIME, {}, {"fits_its_time": False}),
    ("level", VoidCause.LEVEL, {}, {"level": Level.REDUCED}),
    ("decided class", VoidCause.CLASS, {}, {"immune_class": ImmuneClass.MALS}),
    ("void on the ward", VoidCause.COURSE, {"is_void_on_ward": True}, {}),
]


def causes(syringe: dict[str, Any], dose: dict[str, Any]) -> list[VoidCause]:
    return list(causes_against(replace(SYRINGE, **syringe), replace(DOSE, **dose), NOW))


def test_the_table_names_every_cause_but_a_person() -> None:
    assert {cause for _name, cause, _syringe, _dose in CAUSES} == set(WORDS) == set(VoidCause) - {VoidCause.PERSON}
    assert causes({}, {}) == []
    refuse_outdated([])


@pytest.mark.parametrize(("name", "cause", "syringe", "dose"), CAUSES, ids=[row[0] for row in CAUSES])
def test_each_cause_alone(name: str, cause: VoidCause, syringe: dict[str, Any], dose: dict[str, Any]) -> None:
    assert causes(syringe, dose) == [cause]
    assert becomes_void_for(replace(SYRINGE, **syringe), replace(DOSE, **dose), NOW) is cause
    with pytest.raises(Refused) as refusal:
        refuse_outdated(causes(syringe, dose))
    assert (refusal.value.code, refusal.value.sentence) == (WORDS[cause].code, WORDS[cause].sentence)


@pytest.mark.parametrize(
    ("first", "second"), list(combinations(CAUSES, 2)), ids=[f"{a[0]}, {b[0]}" for a, b in combinations(CAUSES, 2)]
)
def test_of_two_causes_the_first_in_the_table_counts(first: Any, second: Any) -> None:
    together = causes(first[2] | second[2], first[3] | second[3])
    both_of_course = first[1] is second[1] is VoidCause.COURSE and second[0] != "void on the ward"
    assert together == [first[1]] if both_of_course else together == [first[1], second[1]]


@pytest.mark.parametrize(
    ("syringe", "dose", "expected"),
    [
        ({"use_before": NOW + MOMENT}, {}, None),
        ({"use_before": NOW}, {}, VoidCause.EXPIRED),
        ({"use_before": NOW}, {"window_is_over": True}, None),
        ({"use_before": NOW}, {"is_due": False}, None),
        ({"use_before": NOW, "is_struck": True}, {"window_is_over": True}, None),
        ({}, {"window_is_over": True}, None),
        ({}, {"planned_again_at": SYRINGE.opened_at - MOMENT}, None),
        ({}, {"planned_again_at": SYRINGE.opened_at}, VoidCause.COURSE),
        ({}, {"immune_class": ImmuneClass.SIP}, None),
    ],
)
def test_what_expired_is_void_only_while_it_can_be_replaced(
    syringe: dict[str, Any], dose: dict[str, Any], expected: VoidCause | None
) -> None:
    assert becomes_void_for(replace(SYRINGE, **syringe), replace(DOSE, **dose), NOW) is expected
