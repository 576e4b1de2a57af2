"""The laboratory's part of the script: an implausible value, and the second person who enters it again."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial

from immunosep_site.demonstration import cast, play
from randomization.blinded.screening.models import Sample
from randomization.shared import clock
from randomization.unblinded.laboratory.services.analyse import enter_result, receive_sample

HLA_DR = "8"
"""Implausible, and in every class below the bound of HLA-DR: ferritin alone tells the classes apart."""


def _first(numbers: list[str], ferritin: str) -> None:
    """Both values entered by one person: no verdict goes out."""
    first, sample = cast.laboratory("GR"), Sample.objects.get(participant__number=numbers[-1])
    receive_sample(actor=first, sample_uid=sample.uid, received_at=clock.now())
    enter_result(actor=first, sample_uid=sample.uid, analyte="ferritin", value=ferritin)
    assert enter_result(actor=first, sample_uid=sample.uid, analyte="hla_dr", value=HLA_DR).waits


def _second(numbers: list[str]) -> None:
    sample = Sample.objects.get(participant__number=numbers[-1])
    enter_result(
        actor=cast.second_laboratory("GR"),
        sample_uid=sample.uid,
        analyte="hla_dr",
        value=HLA_DR,
        unit="molecules per monocyte",
    )


def acts(numbers: list[str], case: play.Case) -> Iterator[tuple[str, Callable[[], object], int]]:
    """Name, act, and the minutes before it."""
    yield "screen with an implausible value", lambda: numbers.append(play.screen(case).number), 5
    yield "an implausible value waits", partial(_first, numbers, case.ferritin), 7
    yield "no verdict yet", play.pass_hatch, 30
    yield "a second person enters it", partial(_second, numbers), 5
    yield "the verdict", play.pass_hatch, 5
