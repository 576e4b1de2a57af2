"""Times of two kinds of message, compared in pairs that were measured one right after the other.

Pure statistics. What drifts (a growing database, a busy machine) touches both of a pair alike. Where nothing is told,
either of a pair is as likely the slower one, so a permutation turns pairs round. Ratios are compared by their logarithm
and rank: one long pause of the machine counts no more than a short one.

Source: Wilcoxon, Biometrics Bulletin 1945, doi:10.2307/3001968 (signed ranks); Phipson and Smyth, Stat Appl Genet Mol
Biol 2010, doi:10.2202/1544-6115.1585 (a permutation p is never zero).
"""

from __future__ import annotations

import math
import random
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from statistics import median

from tests.both.worlds.auc import PERMUTATIONS, SEED, midranks

ALPHA = 0.01
POWER = 0.9
STEP = 0.005
LARGEST = 1.0
RESAMPLES = 200

Pairs = Sequence[tuple[float, float]]
"""Two times of one unit each, both above 0."""


@dataclass(frozen=True)
class Comparison:
    """Medians in the unit of the times; `ratio`: the median, over the pairs, of first over second."""

    pairs: int
    first: float
    second: float
    ratio: float
    p: float


def signed_rank(differences: Sequence[float]) -> float:
    """The sum of the ranks of the sizes, each with the sign of its difference; 0 counts for neither side."""
    ranks = midranks([abs(value) for value in differences])
    return sum(math.copysign(rank, value) for rank, value in zip(ranks, differences, strict=True) if value)


@cache
def _by_chance(count: int) -> list[float]:
    """The sizes of the sum of signed ranks where each of `count` pairs was turned round by a coin; smallest first."""
    draw, ranks = random.Random(SEED), range(1, count + 1)
    return sorted(abs(sum(rank if draw.random() < 0.5 else -rank for rank in ranks)) for _time in range(PERMUTATIONS))


def _logarithms(pairs: Pairs) -> list[float]:
    if not pairs:
        raise ValueError("nothing to compare")
    return [math.log(first / second) for first, second in pairs]


def compare(pairs: Pairs) -> Comparison:
    """Compare the first of each pair with the second; raises ValueError without pairs."""
    differences = _logarithms(pairs)
    by_chance, observed = _by_chance(len(pairs)), abs(signed_rank(differences))
    as_far = len(by_chance) - bisect_left(by_chance, observed - 1e-9)
    return Comparison(
        len(pairs),
        median(first for first, _second in pairs),
        median(second for _first, second in pairs),
        math.exp(median(differences)),
        (as_far + 1) / (len(by_chance) + 1),
    )


def seen_from(pairs: Pairs) -> float:
    """The smallest relative difference (0.05 is 5 %) that as many pairs of this spread show in nine of ten runs.

    Found by drawing pairs again, each without the difference that is there and with one of a known size. At most
    `LARGEST`. Raises ValueError without pairs.
    """
    differences, draw = _logarithms(pairs), random.Random(SEED)
    centre, by_chance = median(differences), _by_chance(len(pairs))
    threshold = by_chance[math.ceil((1 - ALPHA) * len(by_chance)) - 1]
    samples = [
        [value - centre for value in draw.choices(differences, k=len(differences))] for _time in range(RESAMPLES)
    ]

    def noticed(step: int) -> bool:
        shift = math.log1p(step * STEP)
        times = sum(signed_rank([value + shift for value in sample]) > threshold for sample in samples)
        return times >= POWER * RESAMPLES

    return bisect_left(range(round(LARGEST / STEP)), True, lo=1, key=noticed) * STEP
