"""A version of the protocol that makes syringes on the ward void: said first, and in force when that was accepted."""

from __future__ import annotations

import io
import sys
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
import time_machine
from django.core.management import CommandError, call_command

from randomization.blinded.bedside.models import Dose
from randomization.blinded.sites.models import Approval
from tests.blinded.sites.steps import TEXT, in_force
from tests.blinded.world import NUMBER, SITES, ready

pytestmark = pytest.mark.once

HOUR = timedelta(hours=1)
BOUND, WINDOW = 'reduced_below_ml_min = "30"', 'late_hours = "2" '
VERSION = ("approve_protocol", "2", "--site", "GR01", "--site", "GR02")
Load = Callable[..., None]


@pytest.fixture
def load(trial: None, tmp_path: Path) -> Load:
    """Keep version 2, in which some lines are others."""

    def keep(*changes: tuple[str, str]) -> None:
        text = TEXT.replace('version = "1"', 'version = "2"')
        for old, new in changes:
            assert old in text
            text = text.replace(old, new, 1)
        file = tmp_path / "protocol-2.toml"
        file.write_text(text, encoding="utf-8")
        call_command("load_protocol", str(file), stdout=io.StringIO())

    return keep


def approve(*more: str) -> str:
    out = io.StringIO()
    call_command(*VERSION, *more, stdout=out)
    return out.getvalue()


def refused(*more: str) -> str:
    """What is said where nothing is put in force anywhere."""
    before = Approval.objects.count()
    with pytest.raises(CommandError) as refusal:
        approve(*more)
    assert (in_force(), Approval.objects.count()) == (dict.fromkeys(SITES, "1"), before)
    return str(refusal.value)


def dose(route: str = "IV", number: int = 1) -> Dose:
    return Dose.objects.select_related("course__participant").get(
        course__participant__number=NUMBER, route=route, number=number
    )


def at_the_prompt(monkeypatch: pytest.MonkeyPatch, *answers: str) -> list[str]:
    """Somebody sits at a terminal and types these, one at each question; the questions asked."""
    left, questions = list(answers), []

    def typed(question: str) -> str:
        questions.append(question)
        return left.pop(0)

    monkeypatch.setattr(sys.stdin, "isatty", lambda: True, raising=False)
    monkeypatch.setattr("builtins.input", typed)
    return questions


@pytest.mark.requirement("R04")
def test_another_renal_bound_says_how_many_become_void_where_and_takes_their_number(load: Load) -> None:
    load((BOUND, 'reduced_below_ml_min = "90"'))
    ready(dose())
    ready(dose("SC"))
    said = refused()
    assert "GR01: 2 syringes that are ready on the ward become void; the first is planned for" in said
    assert "GR02" not in said
    assert "The pharmacy checks by itself what it has prepared and not announced yet." in said
    assert "Nothing is recorded yet." in said
    assert "--accept-voids 2" in said
    assert "--accept-voids 2" in refused("--accept-voids", "1")
    ready(dose("IV", 2))
    assert "--accept-voids 3" in refused("--accept-voids", "2"), "the number has changed: it asks again"
    assert "in force from now at: GR01, GR02." in approve("--accept-voids", "3")
    assert in_force() == dict.fromkeys(SITES, "2")


def test_at_a_terminal_it_asks(load: Load, monkeypatch: pytest.MonkeyPatch) -> None:
    load((BOUND, 'reduced_below_ml_min = "90"'))
    ready(dose())
    at_the_prompt(monkeypatch, "")
    assert refused() == "Nothing was changed."
    questions = at_the_prompt(monkeypatch, "Yes")
    said = approve()
    assert "GR01: 1 syringe that is ready on the ward becomes void; its dose is planned for" in said
    assert "in force from now at: GR01, GR02." in said
    assert len(questions) == 1


@pytest.mark.parametrize(
    "changes",
    [(), ((BOUND, 'reduced_below_ml_min = "60"'),), ((WINDOW, 'late_hours = "3" '),)],
    ids=["nothing of it", "a bound that changes nobody's level", "a window that the syringe outlasts"],
)
def test_where_nothing_becomes_void_nobody_is_asked(load: Load, changes: tuple[tuple[str, str], ...]) -> None:
    load(*changes)
    ready(dose(), use_before=dose().planned_at + 4 * HOUR)
    assert "in force from now at: GR01, GR02." in approve()


def test_with_nothing_announced_to_the_ward_nobody_is_asked(load: Load) -> None:
    load((BOUND, 'reduced_below_ml_min = "90"'))
    assert "in force from now at: GR01, GR02." in approve()


def test_a_longer_window_voids_what_does_not_last_in_it(load: Load) -> None:
    load((WINDOW, 'late_hours = "5" '), ('usable_after_hours = "4" ', 'usable_after_hours = "10" '))
    ready(dose(), use_before=dose().planned_at + 4 * HOUR)
    ready(dose("IV", 2), use_before=dose("IV", 2).planned_at + 5 * HOUR)
    assert "GR01: 1 syringe that is ready" in refused()


def test_a_longer_window_opens_a_dose_again_whose_syringe_is_past_its_use_before_time(load: Load) -> None:
    load((BOUND, 'reduced_below_ml_min = "90"'), (WINDOW, 'late_hours = "6" '))
    ready(dose(), use_before=dose().planned_at + 4 * HOUR)
    with time_machine.travel(dose().planned_at + 5 * HOUR, tick=False):
        assert "GR01: 1 syringe that is ready" in refused()
    with time_machine.travel(dose().planned_at + 7 * HOUR, tick=False):
        assert "in force from now at" in approve(), "it is past its time whatever the version says"
