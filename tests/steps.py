"""Every state of a participant there is, and the acts that the next steps of one side name."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product
from uuid import UUID

from django.urls import NoReverseMatch, reverse

from randomization.blinded.bedside.states import StopCause
from randomization.blinded.outcomes.states import MilestoneKind
from randomization.blinded.participants.next_step import (
    Act,
    Bar,
    DoseStage,
    NextStep,
    SampleStage,
    Screening,
    Treatment,
    before_allocation,
    on_treatment,
)
from randomization.blinded.screening.states import State
from randomization.blinded.sites.gates import SiteGate

YES_NO = (True, False)


def screenings() -> Iterator[Screening]:
    """All states before randomisation."""
    states = [state for state in State if state is not State.ALLOCATED]
    for state, window, consent, answers, identity, sample, bar, site in product(
        states, YES_NO, YES_NO, YES_NO, YES_NO, SampleStage, Bar, (None, *SiteGate)
    ):
        sentence = "" if bar is Bar.NONE else "Under 18 years."
        yield Screening(state, window, consent, answers, identity, sample, bar, sentence, site)


def treatments() -> Iterator[Treatment]:
    """All states after it."""
    for stopped, ended, held, stage in product(("", *StopCause), ("", *MilestoneKind), YES_NO, DoseStage):
        yield Treatment(stopped, ended, held, stage, "" if stage is DoseStage.NONE else "IV 07")


def walked() -> Iterator[NextStep]:
    """The next step of every state."""
    for facts in screenings():
        yield before_allocation(facts)
    for course in treatments():
        yield on_treatment(course)


def address(name: str, number: str) -> str:
    """The address of a name, whatever it takes: nothing, a participant, a site, a dose or a sample."""
    for arguments in ({}, {"number": number}, {"code": number[:4]}, {"uid": UUID(int=1)}):
        try:
            return reverse(name, kwargs=arguments)
        except NoReverseMatch:
            continue
    raise AssertionError(f"no address is called {name}")


def acts(*, below: bool) -> list[Act]:
    """The acts that some state of a participant names, of one side."""
    return sorted({step.act for step in walked() if step.act.is_below == below}, key=lambda act: act.page)
