"""The timetable follows the first dose given; hold, stop, shift, missed doses and transcription, on both sides."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from hypothesis import given
from hypothesis import strategies as st

from immunosep_site.demonstration import cast, play
from immunosep_site.demonstration.fixtures import FIXTURES
from immunosep_site.demonstration.play import Case
from pharmacy.preparation.models import Preparation
from pharmacy.preparation.services.finish import release
from pharmacy.preparation.services.prepare import prepare
from randomization.accounts.roles import Role
from randomization.audit.models import Event
from randomization.blinded.bedside.models import Administration, Course, Dose, Packaging
from randomization.blinded.bedside.schedule import is_dropped, planned_doses, shifts_of, still_fits, time_of
from randomization.blinded.bedside.services import steer_course
from randomization.blinded.bedside.services.administer import administer, miss_dose
from randomization.blinded.bedside.services.steer_course import StopCourse
from randomization.blinded.bedside.states import StopCause
from randomization.blinded.outcomes.services.withdraw import WithdrawConsent, withdraw
from randomization.blinded.screening.models import Deviation, Scope
from randomization.shared import clock
from randomization.shared.errors import InvalidInput, NotFound, NotPermitted, Refused
from randomization.shared.protocol import load_protocol
from randomization.shared.service import Side, on_side
from randomization.signatures.signing import sign

pytestmark = pytest.mark.once

SITE = "GR01"
PHARMACIST, NURSE = cast.at_site(Role.PHARMACIST, SITE), cast.at_site(Role.NURSE, SITE)
INVESTIGATOR, COORDINATOR = cast.at_site(Role.INVESTIGATOR, SITE), cast.at_site(Role.COORDINATOR, SITE)
ELSEWHERE = cast.at_site(Role.INVESTIGATOR, "GR02")
HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)
REGIMEN = load_protocol(FIXTURES / "protocol.toml").regimen
IV, SC = REGIMEN.route("IV"), REGIMEN.route("SC")


def dose_of(number: str, route: str = "IV", order: int = 1) -> Dose:
    return Dose.objects.select_related("course").get(course__participant__number=number, route=route, number=order)


def give(preparation: Preparation, at: datetime | None = None, **changed: Any) -> Administration:
    values = {
        "actor": NURSE,
        "participant_number": preparation.participant_number,
        "barcode": play.label_of(preparation),
        "at": at or clock.now(),
        **changed,
    }
    with on_side(Side.BLINDED):
        return administer(**values)


def steer(what: Any, number: str, **values: Any) -> Any:
    with on_side(Side.BLINDED):
        return what(
            actor=values.pop("actor", INVESTIGATOR), number=number, reason=values.pop("reason", "because"), **values
        )


def stop(number: str, at: datetime, cause: StopCause = StopCause.DISCHARGE) -> Course:
    with on_side(Side.BLINDED):
        command = StopCourse(number, cause, at)
        grant = sign(actor=INVESTIGATOR, secret=cast.PASSWORD, command=command)
        return steer_course.stop_course(actor=INVESTIGATOR, command=command, reason="because", grant=grant)


def ready(number: str, route: str = "IV", order: int = 1) -> Preparation:
    return play.prepare_and_release(dose_of(number, route, order), SITE)


def void_cause(preparation: Preparation) -> tuple[str, str]:
    preparation.refresh_from_db()
    return preparation.state, preparation.void_cause


@given(st.integers(1, 45), st.integers(-240, 240), st.integers(0, 8000))
def test_numbers_and_intervals_survive_any_shift(number: int, minutes: int, start: int) -> None:
    anchor, shift = datetime(2026, 1, 1, tzinfo=UTC) + start * HOUR, timedelta(minutes=minutes)
    at = time_of(route=IV, number=number, anchor=anchor, shift=shift)
    assert at - anchor == (number - 1) * IV.interval + (shift if number > 1 else timedelta(0))
    plain = {(dose.route, dose.number): dose.at for dose in planned_doses(first_dose_at=anchor, regimen=REGIMEN)}
    assert time_of(route=IV, number=number, anchor=anchor) == plain["IV", number]
    assert not is_dropped(at=plain["IV", 45], anchor=anchor, regimen=REGIMEN)
    assert is_dropped(at=anchor + timedelta(hours=360, seconds=1), anchor=anchor, regimen=REGIMEN)


@pytest.mark.requirement("R08")
@pytest.mark.parametrize(
    ("moved", "use_before", "fits"),
    [
        (0, 24 * 60, True),
        (120, 24 * 60, True),
        (121, 24 * 60, False),
        (-120, 24 * 60, True),
        (-121, 24 * 60, False),
        (60, 3 * 60, True),
        (61, 3 * 60, False),
    ],
)
def test_a_syringe_fits_while_its_printed_time_lies_in_the_window(moved: int, use_before: int, fits: bool) -> None:
    printed = datetime(2026, 3, 1, 12, tzinfo=UTC)
    moment = {
        "printed_at": printed,
        "planned_at": printed + moved * MINUTE,
        "use_before": printed + use_before * MINUTE,
    }
    assert still_fits(route=IV, **moment) is fits


def test_dose_2_moves_to_the_wards_hours_that_keep_the_least_interval() -> None:
    first = datetime(
        2026, 3, 1, 9, tzinfo=UTC
    )  # 11:00 in Athens: dose 2 at 19:00, 4 to 12 hours after are 15:00 to 23:00
    assert shifts_of(route=IV, first_given_at=first, zone="Europe/Athens") == [datetime(2026, 3, 1, 20, tzinfo=UTC)]
    at_six = datetime(2026, 3, 1, 4, tzinfo=UTC)  # 06:00 in Athens: dose 2 falls on 14:00 already
    assert shifts_of(route=IV, first_given_at=at_six, zone="Europe/Athens") == []
    spring = datetime(2026, 3, 28, 18, tzinfo=UTC)  # the clocks go forward before dose 2
    assert all(
        abs(at - spring - IV.interval) <= 4 * HOUR
        for at in shifts_of(route=IV, first_given_at=spring, zone="Europe/Athens")
    )
    assert shifts_of(route=SC, first_given_at=first, zone="Europe/Athens") == []


def test_the_first_dose_given_moves_all_others_and_keeps_what_still_fits(trial: None) -> None:
    number = play.enrol(Case(SITE)).participant
    first, second = ready(number), ready(number, "SC")
    plan = dose_of(number, order=7).planned_at
    with time_machine.travel(first.planned_at + 7 * MINUTE, tick=False):
        play.pass_hatch()
        started = clock.now()
        give(first)
        course = Course.objects.get(participant__number=number)
        assert (course.first_dose_at, course.anchored_at) == (started, started)
        assert dose_of(number, order=7).planned_at == started + 6 * IV.interval != plan
        assert dose_of(number, "SC").planned_at == started
        event = Event.objects.using("blinded").get(action="course.anchor", subject=number)
        assert f'"moved":{44 + 8}' in event.data
        play.pass_hatch()
        assert void_cause(second)[0] == "released", "a shift of minutes voids nothing"
        give(second)
        assert Course.objects.get(pk=course.pk).first_dose_at == started, "the first one given counts"
    assert not Deviation.objects.filter(participant__number=number).exists()


def test_a_start_planned_anew_voids_what_does_not_fit_on_both_sides(trial: None) -> None:
    number = play.enrol(Case(SITE)).participant
    released, late = ready(number), prepare(actor=PHARMACIST, dose_uid=dose_of(number, "SC").uid)
    play.make_and_check([late], SITE)
    play.print_labels(PHARMACIST, late.uid)
    with time_machine.travel(released.ready_at + MINUTE, tick=False):
        play.pass_hatch()
        for bad in ({"at": clock.now() + 25 * HOUR}, {"at": clock.now() - HOUR}, {"at": clock.now(), "reason": " "}):
            with pytest.raises(InvalidInput):
                steer(steer_course.plan_first_dose, number, **bad)
        with pytest.raises(NotFound):
            steer(steer_course.plan_first_dose, number, at=clock.now() + HOUR, actor=ELSEWHERE)
        with pytest.raises(NotPermitted):
            steer(steer_course.plan_first_dose, number, at=clock.now() + HOUR, actor=NURSE)
        done = steer(steer_course.plan_first_dose, number, at=clock.now() + 23 * HOUR)
        assert done.voided == [released.pack_code]
        assert dose_of(number).state == "planned"
        with pytest.raises(Refused) as refusal:
            release(actor=PHARMACIST, uid=late.uid, barcode=play.label_of(late))
        assert refusal.value.code == "moved"
        play.pass_hatch()
        assert void_cause(released) == ("voided", "time")
        assert void_cause(late) == ("voided", "time")


def test_on_hold_nothing_is_given_or_prepared_and_doses_that_pass_are_no_deviation(trial: None) -> None:
    number = play.enrol(Case(SITE)).participant
    released, opened = ready(number), prepare(actor=PHARMACIST, dose_uid=dose_of(number, "SC").uid)
    with time_machine.travel(released.ready_at + MINUTE, tick=False):
        play.pass_hatch()
        steer(steer_course.hold_course, number)
        assert Packaging.objects.get(pack_code=released.pack_code).voided_at == clock.now()
        with pytest.raises(Refused) as refusal:
            give(released)
        assert refusal.value.code == "on_hold"
        with pytest.raises(Refused):
            steer(steer_course.hold_course, number)
        with pytest.raises(Refused) as refusal:
            prepare(actor=PHARMACIST, dose_uid=dose_of(number, order=2).uid)
        assert refusal.value.code == "not_due"
        play.pass_hatch()
        assert void_cause(released) == ("voided", "course")
        assert void_cause(opened) == ("voided", "course")
    with time_machine.travel(released.planned_at + 9 * HOUR, tick=False):
        steer(steer_course.resume_course, number)
        with pytest.raises(Refused):
            steer(steer_course.resume_course, number)
    states = {(dose.route, dose.number): dose.state for dose in Dose.objects.filter(course__participant__number=number)}
    assert (states["IV", 1], states["IV", 2], states["IV", 3], states["SC", 1]) == (
        "held",
        "planned",
        "planned",
        "planned",
    )
    assert not Deviation.objects.filter(participant__number=number).exists()


def test_a_stop_is_signed_and_for_good_and_earlier_doses_can_still_be_recorded(trial: None) -> None:
    number = play.enrol(Case(SITE)).participant
    iv_syringe, waiting = ready(number), ready(number, "SC")
    with time_machine.travel(iv_syringe.ready_at + 5 * MINUTE, tick=False):
        play.pass_hatch()
        given_at = clock.now()
    with time_machine.travel(iv_syringe.ready_at + 3 * HOUR, tick=False):
        with pytest.raises(InvalidInput):
            stop(number, clock.now() + HOUR)
        course = stop(number, clock.now() - HOUR)
        assert (course.stop_cause, course.stopped_at) == ("discharge", clock.now() - HOUR)
        for again in (steer_course.hold_course, steer_course.resume_course):
            with pytest.raises(Refused) as refusal:
                steer(again, number)
            assert refusal.value.code == "stopped"
        with pytest.raises(Refused) as refusal:
            give(waiting)
        assert refusal.value.code in {"stopped", "voided"}
        late = give(iv_syringe, given_at, given_by="investigator.gr01", reason="the tablet was empty")
        assert (late.given_by, late.recorded_by, late.transcribed) == ("investigator.gr01", "nurse.gr01", True)
        play.pass_hatch()
        assert void_cause(iv_syringe)[0] == "released"
        assert void_cause(waiting) == ("voided", "course")
    states = list(Dose.objects.filter(course__participant__number=number).values_list("state", flat=True))
    assert (states.count("dropped"), states.count("given"), states.count("planned")) == (51, 1, 1)


def test_the_shift_is_used_once_after_the_first_dose(trial: None) -> None:
    number = play.enrol(Case(SITE)).participant
    with pytest.raises(Refused) as refusal:
        steer(steer_course.shift_course, number, to=clock.now())
    assert refusal.value.code == "not_anchored"
    preparation = ready(number)
    with time_machine.travel(preparation.ready_at + 5 * MINUTE, tick=False):
        play.pass_hatch()
        give(preparation)
        choices = shifts_of(route=IV, first_given_at=clock.now(), zone="Europe/Athens")
        with pytest.raises(InvalidInput):
            steer(steer_course.shift_course, number, to=clock.now() + 13 * HOUR)
        steer(steer_course.shift_course, number, to=choices[0])
        assert dose_of(number, order=2).planned_at == choices[0]
        assert dose_of(number, order=3).planned_at == choices[0] + IV.interval
        assert dose_of(number, "SC", 2).planned_at == clock.now() + SC.interval, "the other route stays"
        with pytest.raises(Refused) as refusal:
            steer(steer_course.shift_course, number, to=choices[-1])
        assert refusal.value.code == "shifted"


def test_a_missed_dose_is_never_given_later(trial: None) -> None:
    number = play.enrol(Case(SITE)).participant
    preparation = ready(number)
    with on_side(Side.BLINDED), pytest.raises(Refused) as early:
        miss_dose(actor=NURSE, dose_uid=dose_of(number, order=5).uid, reason="asleep")
    assert early.value.code == "not_due"
    with time_machine.travel(preparation.ready_at + MINUTE, tick=False):
        play.pass_hatch()
    with time_machine.travel(preparation.ready_at + MINUTE, tick=False), on_side(Side.BLINDED):
        with pytest.raises(InvalidInput):
            miss_dose(actor=NURSE, dose_uid=dose_of(number).uid, reason=" ")
        with pytest.raises(NotFound):
            miss_dose(actor=cast.at_site(Role.NURSE, "GR02"), dose_uid=dose_of(number).uid, reason="x")
        miss_dose(actor=NURSE, dose_uid=dose_of(number).uid, reason="no line")
        with pytest.raises(Refused):
            miss_dose(actor=NURSE, dose_uid=dose_of(number).uid, reason="again")
        with pytest.raises(Refused):
            give(preparation)
    with time_machine.travel(preparation.ready_at + 2 * MINUTE, tick=False):
        play.pass_hatch()
    assert void_cause(preparation) == ("voided", "course")
    assert list(Deviation.objects.filter(participant__number=number).values_list("kind", "about")) == [
        ("dose missed", "IV 01")
    ]


@pytest.mark.parametrize(
    ("hours", "kinds"),
    [(3, {"dose outside its window"}), (25, {"dose outside its window", "given after its use-before time"})],
)
def test_what_happened_is_transcribed_and_a_broken_rule_is_a_deviation(
    trial: None, hours: int, kinds: set[str]
) -> None:
    number = play.enrol(Case(SITE)).participant
    preparation = ready(number)
    with time_machine.travel(preparation.planned_at + hours * HOUR, tick=False):
        play.pass_hatch()
        with pytest.raises(Refused):
            give(preparation)
        for name in ("ghost", "coordinator.gr01", "nurse.gr02"):
            with pytest.raises(InvalidInput):
                give(preparation, given_by=name, reason="from the chart")
        with pytest.raises(InvalidInput):
            give(preparation, given_by="investigator.gr01")
        give(preparation, given_by="investigator.gr01", reason="from the chart")
    assert set(Deviation.objects.filter(participant__number=number).values_list("kind", flat=True)) == kinds


def test_two_doses_of_a_route_keep_the_least_interval(trial: None) -> None:
    """Dose 2 was shifted to five hours after dose 1: its window begins after three, its least interval after four."""
    start = datetime(2026, 12, 1, 6, tzinfo=UTC)
    with time_machine.travel(start, tick=False):
        number = play.enrol(Case(SITE)).participant
        first = ready(number)
    with time_machine.travel(start + HOUR, tick=False):
        play.pass_hatch()
        give(first)
        steer(steer_course.shift_course, number, to=start + 6 * HOUR)
    with time_machine.travel(start + 2 * HOUR, tick=False):
        second = prepare(actor=PHARMACIST, dose_uid=dose_of(number, order=2).uid)
        play.make_and_check([second], SITE)
        play.print_labels(PHARMACIST, second.uid)
        release(actor=PHARMACIST, uid=second.uid, barcode=play.label_of(second), hand_over_reason="transport")
        play.pass_hatch()
    with time_machine.travel(start + 4.5 * HOUR, tick=False):
        with pytest.raises(Refused) as refusal:
            give(second)
        assert refusal.value.code == "too_soon"
        give(second, given_by="investigator.gr01", reason="from the chart")
    assert set(Deviation.objects.filter(participant__number=number).values_list("kind", flat=True)) == {
        "dose too soon after the one before"
    }


def test_a_late_first_dose_is_a_deviation(trial: None) -> None:
    number = play.enrol(Case(SITE, sepsis_hours_ago=70)).participant
    preparation = ready(number)
    with time_machine.travel(preparation.planned_at + 100 * MINUTE, tick=False):
        play.pass_hatch()
        give(preparation)
    assert Deviation.objects.filter(participant__number=number, kind="first dose late").exists()


@pytest.mark.requirement("R27")
def test_withdrawal_stops_treatment_and_keeps_what_was_recorded(trial: None) -> None:
    treated, screened = play.enrol(Case(SITE)).participant, play.screen(Case(SITE)).number
    for number, scope in ((treated, Scope.TREATMENT), (treated, Scope.DATA), (screened, Scope.DATA)):
        at = clock.now()
        with on_side(Side.BLINDED):
            command = WithdrawConsent(number, scope, at)
            grant = sign(actor=COORDINATOR, secret=cast.PASSWORD, command=command)
            assert withdraw(actor=COORDINATOR, command=command, reason="asked", grant=grant).scope == scope
            with pytest.raises(Refused):
                withdraw(actor=COORDINATOR, command=command, reason="asked", grant=grant)
    assert Course.objects.get(participant__number=treated).stop_cause == "withdrawal"
    play.measure(screened, Case(SITE))
    play.pass_hatch()
    with pytest.raises(Refused):
        play.confirm(screened, SITE)
