"""The figure of the timetable: which mark a dose has and where it stands, whatever its state and the moment."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Final

import pytest

from immunosep_site.demonstration.fixtures import FIXTURES
from randomization.blinded.bedside.figure_of_course import kind_of, timetable_picture
from randomization.blinded.bedside.models import Dose
from randomization.blinded.bedside.schedule import planned_doses
from randomization.blinded.bedside.states import DoseState
from randomization.blinded.bedside.timetable_figure import DAY, LEFT, ROW, SHAPES, TOP, Shown, draw
from randomization.shared.protocol import load_protocol

pytestmark = pytest.mark.once
REGIMEN: Final = load_protocol(FIXTURES / "protocol.toml").regimen
START: Final = datetime(2026, 3, 28, 18, 0, tzinfo=UTC)
"""The clocks of the sites change in the night after."""
HOUR: Final = timedelta(hours=1)
MOMENT: Final = timedelta(microseconds=1)


def dose(state: DoseState = DoseState.PLANNED, *, route: str = "IV", number: int = 1, at: datetime = START) -> Dose:
    """A dose that is not stored."""
    return Dose(route=route, number=number, planned_at=at, state=state)


@pytest.mark.parametrize(
    ("state", "shape"),
    [
        (DoseState.PLANNED, "empty"),
        (DoseState.READY, "ring"),
        (DoseState.GIVEN, "full"),
        (DoseState.PART_GIVEN, "half"),
        (DoseState.MISSED, "cross"),
        (DoseState.HELD, "bar"),
        (DoseState.DROPPED, "dot"),
    ],
)
def test_each_state_has_its_mark(state: DoseState, shape: str) -> None:
    (mark,) = timetable_picture([dose(state)], REGIMEN, START - 9 * HOUR).marks
    assert (mark.kind, mark.shape, mark.name) == (state.value, shape, "IV 01")


def test_no_state_is_without_a_mark() -> None:
    assert set(SHAPES) == {state.value for state in DoseState} | {"due", "late"}


@pytest.mark.parametrize(
    ("route", "from_planned", "kind"),
    [
        ("IV", -2 * HOUR - MOMENT, "planned"),
        ("IV", -2 * HOUR, "due"),
        ("IV", timedelta(0), "due"),
        ("IV", 2 * HOUR, "due"),
        ("IV", 2 * HOUR + MOMENT, "late"),
        ("SC", -12 * HOUR - MOMENT, "planned"),
        ("SC", -12 * HOUR, "due"),
        ("SC", 12 * HOUR, "due"),
        ("SC", 12 * HOUR + MOMENT, "late"),
    ],
)
def test_a_planned_dose_is_due_in_its_window_and_late_behind_it(route: str, from_planned: timedelta, kind: str) -> None:
    assert kind_of(dose(route=route), REGIMEN, START + from_planned) == kind
    (mark,) = timetable_picture([dose(route=route)], REGIMEN, START + from_planned).marks
    assert (mark.kind, mark.shape) == (kind, {"planned": "empty", "due": "ring", "late": "square"}[kind])


@pytest.mark.parametrize("state", [state for state in DoseState if state is not DoseState.PLANNED])
@pytest.mark.parametrize("from_planned", [-9 * HOUR, timedelta(0), 9 * HOUR])
def test_any_other_dose_is_shown_by_its_state_at_every_moment(state: DoseState, from_planned: timedelta) -> None:
    assert kind_of(dose(state), REGIMEN, START + from_planned) == state


@pytest.mark.parametrize(
    ("after", "x"),
    [
        (timedelta(0), LEFT),
        (8 * HOUR, LEFT + round(DAY / 3)),
        (24 * HOUR, LEFT + DAY),
        (timedelta(days=14), LEFT + 14 * DAY),
        (-12 * HOUR, LEFT - DAY // 2),
    ],
)
def test_a_mark_stands_at_the_hours_since_the_first_dose(after: timedelta, x: int) -> None:
    (mark,) = draw([Shown("IV", 2, START + after, "planned")], START, START, 15).marks
    assert mark.x == x


@pytest.mark.parametrize(
    ("now", "x"),
    [
        (START - MOMENT, None),
        (START, LEFT),
        (START + timedelta(days=7), LEFT + 7 * DAY),
        (START + timedelta(days=15), LEFT + 15 * DAY),
        (START + timedelta(days=15) + MOMENT, None),
    ],
)
def test_the_line_of_now_is_drawn_during_the_course_alone(now: datetime, x: int | None) -> None:
    assert draw([Shown("IV", 1, START, "given")], START, now, 15).now_x == x


@pytest.mark.parametrize("routes", [("IV",), ("SC",), ("SC", "IV")])
def test_each_route_has_a_row_and_its_marks_stand_in_it(routes: tuple[str, ...]) -> None:
    picture = draw([Shown(route, 1, START, "given") for route in routes], START, START, 15)
    assert [route for _y, route in picture.rows] == sorted(routes)
    assert [y for y, _route in picture.rows] == [TOP + ROW // 2 + ROW * order for order in range(len(routes))]
    assert {(mark.y, mark.name) for mark in picture.marks} == {(y, f"{route} 01") for y, route in picture.rows}
    assert picture.height == TOP + ROW * len(routes) + 8


@pytest.mark.parametrize("days", [1, 7, 15])
def test_each_day_has_a_column(days: int) -> None:
    picture = draw([Shown("IV", 1, START, "given")], START, START, days)
    assert picture.days == tuple((LEFT + day * DAY, day + 1) for day in range(days))
    assert picture.width > picture.days[-1][0] + DAY


def test_a_whole_course_lies_within_the_figure_and_no_mark_on_another() -> None:
    doses = [
        dose(route=planned.route, number=planned.number, at=planned.at)
        for planned in planned_doses(first_dose_at=START, regimen=REGIMEN)
    ]
    picture = timetable_picture(doses, REGIMEN, START)
    assert len(picture.marks) == len(doses) == 53
    assert len(picture.days) == 15
    assert len({(mark.x, mark.y) for mark in picture.marks}) == 53
    assert all(LEFT <= mark.x < picture.width and TOP <= mark.y < picture.height for mark in picture.marks)
