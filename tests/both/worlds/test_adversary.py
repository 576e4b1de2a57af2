"""The statistical adversary finds what is told, and nothing where nothing is told."""

from __future__ import annotations

import math
import random
from pathlib import Path

import pytest

from tests.both.databases import Pair
from tests.both.worlds.adversary import judge, play
from tests.both.worlds.auc import Event, Finding, area, findings, midranks
from tests.both.worlds.paired import compare, seen_from, signed_rank

PATIENTS = [f"P{order:02}" for order in range(24)]
CONTENTS = {patient: {"IV": order % 3 == 0} for order, patient in enumerate(PATIENTS)}


def _found(more_for_drug: float, *, strata: int = 1) -> Finding:
    draw = random.Random(4)
    events = [
        Event(patient, "IV", f"{order % strata}", {"gap": draw.gauss(15, 5) + more_for_drug * CONTENTS[patient]["IV"]})
        for order, patient in enumerate(PATIENTS * 3)
    ]
    return findings({"one before": events}, CONTENTS, permutations=400)[0]


def test_equal_values_share_their_ranks() -> None:
    assert midranks([5, 1, 5, 0]) == [3.5, 2, 3.5, 1]


@pytest.mark.parametrize(
    ("values", "drug", "expected"),
    [
        ([1, 2, 3, 4], [False, False, True, True], 1.0),
        ([1, 2, 3, 4], [True, True, False, False], 0.0),
        ([1, 1, 1, 1], [True, False, True, False], 0.5),
        ([1, 2, 2, 3], [False, True, False, True], 0.875),
        ([1, 2, 3, 4], [False] * 4, 0.5),
    ],
)
def test_the_area_is_the_share_of_pairs(values: list[float], drug: list[bool], expected: float) -> None:
    assert area([(range(len(values)), midranks(values))], drug) == pytest.approx(expected)


def test_values_of_different_strata_are_not_compared() -> None:
    """The first stratum has the larger values and the drug; in neither does the value tell anything."""
    strata = [([0, 1], midranks([90, 90])), ([2, 3, 4], midranks([5, 5, 5]))]
    assert area(strata, [True, True, False, False, True]) == 0.5


@pytest.mark.requirement("R14")
@pytest.mark.parametrize(("more", "inside"), [(0.0, True), (12.0, False), (-12.0, False)])
@pytest.mark.parametrize("strata", [1, 4])
def test_it_finds_a_leak_in_either_direction_and_nothing_without(more: float, inside: bool, strata: int) -> None:
    assert _found(more, strata=strata).inside is inside


def test_the_same_seed_gives_the_same_interval() -> None:
    assert _found(3.0) == _found(3.0)


def test_what_belongs_to_a_patient_is_not_taken_for_many_observations() -> None:
    """A habit of single patients, repeated over their doses, lies within what drawing the arms again brings."""
    draw = random.Random(9)
    habit = {patient: draw.gauss(0, 30) for patient in PATIENTS}
    events = [Event(patient, "IV", "", {"gap": habit[patient]}) for patient in PATIENTS * 20]
    assert findings({"one before": events}, CONTENTS, permutations=400)[0].inside


def _times(slower: float, *, drift: float = 0.0) -> list[tuple[float, float]]:
    """100 pairs of about 100 ms; the first of each takes `slower` times as long. All take longer and longer by `drift`.

    What is drawn comes in either order, so that chance favours neither.
    """
    draw, usual = random.Random(2), [100 * (1 + drift * order) for order in range(100)]
    noise = [(math.exp(draw.gauss(0, 0.1)), math.exp(draw.gauss(0, 0.1))) for _draw in range(50)]
    turned = [*noise, *((second, first) for first, second in noise)]
    return [(usual * slower * first, usual * second) for usual, (first, second) in zip(usual, turned, strict=True)]


def test_the_p_of_pairs_is_small_where_they_differ_alone() -> None:
    same, slower, quicker = (compare(_times(ratio)) for ratio in (1.0, 1.08, 0.92))
    assert same.p > 0.5
    assert same.ratio == pytest.approx(1)
    assert slower.p < 0.01
    assert slower.ratio == pytest.approx(1.08, abs=0.01)
    assert quicker.p < 0.01
    assert quicker.ratio == pytest.approx(0.92, abs=0.01)


def test_what_slows_both_of_a_pair_hides_nothing() -> None:
    assert compare(_times(1.0, drift=0.05)).p > 0.5
    assert compare(_times(1.08, drift=0.05)).p < 0.01


def test_one_long_pause_is_not_taken_for_a_difference() -> None:
    paused = _times(1.0)
    paused[7] = (paused[7][0] * 1000, paused[7][1])
    assert compare(paused).p > 0.05


def test_it_says_from_which_difference_on_it_would_notice_one() -> None:
    """A difference as large as it says is noticed, one of a third is not."""
    least = seen_from(_times(1.0))
    assert 0.04 <= least <= 0.08
    assert compare(_times(1 + least)).p < 0.01
    assert compare(_times(1 + least / 3)).p > 0.01
    assert seen_from(_times(1.2)) == pytest.approx(least, abs=0.005), "the spread alone counts"


def test_signed_ranks() -> None:
    assert signed_rank([0.0, 1.0, -2.0, 5.0]) == 2 - 3 + 4
    assert compare([(4.0, 4.0)] * 20).p == 1
    with pytest.raises(ValueError, match="nothing"):
        compare([])


@pytest.mark.once
@pytest.mark.requirement("R14")
def test_a_small_ward_is_played_and_tells_nothing(template: Pair, tmp_path: Path) -> None:
    ward = play(template, tmp_path, 4, "")
    assert len(ward["events"]) == 16
    assert ward["risks"] == 0
    judged = judge(ward)
    assert len(judged) == 12
    assert all(finding.inside for finding in judged)
