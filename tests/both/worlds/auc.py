"""How well what the ward sees tells what a syringe held: areas under the curve, against drawing the arms again.

Pure statistics, without any model of the trial. An event belongs to a patient and a stratum; only events of one stratum
are compared, so that route and number of a dose, which everybody knows, count for nothing. Contents belong to
patients, all those of a patient together: so a permutation deals whole patients their contents anew, as the
randomisation list might have done.

Source: Hanley and McNeil, Radiology 1982, doi:10.1148/radiology.143.1.7063747 (area and rank sum); Westfall and Young,
Resampling-Based Multiple Testing, 1993 (all features at once by the largest deviation).
"""

from __future__ import annotations

import math
import random
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean, pstdev

SEED = 20260302
PERMUTATIONS = 2000
LEVEL = 0.99


@dataclass(frozen=True)
class Event:
    """What is seen of a pair, in minutes by feature; `patient` and `route` say whose syringe was the one before."""

    patient: str
    route: str
    stratum: str
    features: Mapping[str, float]


@dataclass(frozen=True)
class Finding:
    """The area of one feature, and the interval in which it lies where nothing is told; both in 0 to 1."""

    feature: str
    auc: float
    low: float
    high: float

    @property
    def inside(self) -> bool:
        """Whether nothing is shown. The ends belong to the interval."""
        return self.low - 1e-9 <= self.auc <= self.high + 1e-9


def midranks(values: Sequence[float]) -> list[float]:
    """The rank of each value from 1 on; equal values share the mean of their ranks."""
    order = sorted(range(len(values)), key=values.__getitem__)
    ranks, start = [0.0] * len(values), 0
    while start < len(order):
        end = start
        while end < len(order) and values[order[end]] == values[order[start]]:
            end += 1
        for place in order[start:end]:
            ranks[place] = (start + 1 + end) / 2
        start = end
    return ranks


def area(strata: Sequence[tuple[Sequence[int], Sequence[float]]], drug: Sequence[bool]) -> float:
    """The share of pairs of a drug and a dummy event, of one stratum, in which the drug's value is larger.

    `strata`: the places of the events of each, and their midranks. Ties count half; 0.5 where there is no such pair.
    """
    larger = pairs = 0.0
    for places, ranks in strata:
        of_drug = [rank for place, rank in zip(places, ranks, strict=True) if drug[place]]
        count = len(of_drug)
        larger += sum(of_drug) - count * (count + 1) / 2
        pairs += count * (len(places) - count)
    return larger / pairs if pairs else 0.5


@dataclass(frozen=True)
class _Ranked:
    """One feature of one family, ready to be scored for any dealing of contents."""

    family: str
    feature: str
    strata: Sequence[tuple[Sequence[int], Sequence[float]]]


def _ranked(families: Mapping[str, Sequence[Event]]) -> list[_Ranked]:
    ranked = []
    for family, events in families.items():
        grouped: dict[str, list[int]] = defaultdict(list)
        for place, event in enumerate(events):
            grouped[event.stratum].append(place)
        for feature in sorted(events[0].features):
            strata = [
                (places, midranks([events[place].features[feature] for place in places])) for places in grouped.values()
            ]
            ranked.append(_Ranked(family, feature, strata))
    return ranked


def findings(
    families: Mapping[str, Sequence[Event]],
    contents: Mapping[str, Mapping[str, bool]],
    *,
    permutations: int = PERMUTATIONS,
    seed: int = SEED,
    level: float = LEVEL,
) -> list[Finding]:
    """The area of every feature of every family of events, with an interval that holds for all of them at once.

    `contents`: whether there was drug in it, by patient and route.
    """
    patients, ranked = sorted(contents), _ranked(families)

    def areas(dealt: Mapping[str, str]) -> list[float]:
        drug = {
            family: [contents[dealt[event.patient]][event.route] for event in events]
            for family, events in families.items()
        }
        return [area(item.strata, drug[item.family]) for item in ranked]

    draw, shuffled = random.Random(seed), list(patients)
    drawn: list[list[float]] = []
    for _turn in range(permutations):
        draw.shuffle(shuffled)
        drawn.append(areas(dict(zip(patients, shuffled, strict=True))))
    columns = list(zip(*drawn, strict=True))
    means, spreads = [fmean(column) for column in columns], [pstdev(column) for column in columns]
    farthest = sorted(
        max(
            (abs(auc - mean) / spread for auc, mean, spread in zip(row, means, spreads, strict=True) if spread),
            default=0,
        )
        for row in drawn
    )
    reach = farthest[math.ceil(level * len(farthest)) - 1]
    observed = areas({patient: patient for patient in patients})
    return [
        Finding(f"{item.family}: {item.feature}", auc, max(0.0, mean - reach * spread), min(1.0, mean + reach * spread))
        for item, auc, mean, spread in zip(ranked, observed, means, spreads, strict=True)
    ]
