"""A course that was resumed, moved, corrected or transferred: what is prepared after that counts from then."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta

import pytest
import time_machine

from immunosep_site.demonstration import cast, play
from immunosep_site.demonstration.play import Case
from pharmacy.preparation.fixed_times import ready_from
from pharmacy.preparation.models import Preparation, RiskToBlind
from pharmacy.preparation.services.finish import void
from pharmacy.preparation.services.prepare import prepare
from pharmacy.preparation.states import Risk
from pharmacy.preparation.times_of_doses import times_of
from randomization.accounts.roles import Role
from randomization.blinded.bedside.for_unblinded import doses_by_uid
from randomization.blinded.bedside.models import Course, Dose
from randomization.blinded.bedside.services import steer_course
from randomization.blinded.bedside.services.administer import administer
from randomization.blinded.bedside.services.correct_dose import DoseTruth, correct_dose
from randomization.blinded.outcomes.services.transfer import TransferParticipant, transfer
from randomization.shared import clock
from randomization.shared.service import Side, on_side
from randomization.signatures.signing import sign

pytestmark = pytest.mark.once

SITE, OTHER = "GR01", "GR02"
INVESTIGATOR = cast.at_site(Role.INVESTIGATOR, SITE)
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
Steer = Callable[[str], object]


def hold(number: str) -> None:
    with on_side(Side.BLINDED):
        steer_course.hold_course(actor=INVESTIGATOR, number=number, reason="liver enzymes")


def resume(number: str) -> None:
    with on_side(Side.BLINDED):
        steer_course.resume_course(actor=INVESTIGATOR, number=number, reason="better")


def plan_anew(number: str) -> None:
    with on_side(Side.BLINDED):
        steer_course.plan_first_dose(
            actor=INVESTIGATOR, number=number, at=clock.now() + 20 * MINUTE, reason="back from surgery"
        )


def go_elsewhere(number: str) -> None:
    with on_side(Side.BLINDED):
        command = TransferParticipant(number, OTHER)
        grant = sign(actor=INVESTIGATOR, secret=cast.PASSWORD, command=command)
        transfer(actor=INVESTIGATOR, command=command, reason="intensive care", grant=grant)


def fourth_dose() -> Dose:
    """IV 04 of a new patient: it is planned a day ahead, and nobody has prepared it."""
    number = play.enrol(Case(SITE)).participant
    return Dose.objects.select_related("course__participant").get(
        course__participant__number=number, route="IV", number=4
    )


@contextmanager
def after(dose: Dose, offset: timedelta) -> Iterator[None]:
    """The moment `offset` after the planned time of a dose."""
    with time_machine.travel(dose.planned_at + offset, tick=False):
        yield


def ward_reads(dose: Dose) -> str:
    play.pass_hatch()
    return Dose.objects.get(uid=dose.uid).state


def risks_of(preparation: Preparation) -> set[str]:
    return set(RiskToBlind.objects.filter(preparation=preparation).values_list("kind", flat=True))


@pytest.mark.requirement("R13")
def test_a_dose_that_could_not_be_prepared_on_hold_is_not_released_late(trial: None) -> None:
    """Ready by its plan at -120; on hold from -180 to -30: its pharmacy has until +30, like for a replacement."""
    dose = fourth_dose()
    number = dose.course.participant.number
    with after(dose, -180 * MINUTE):
        hold(number)
    with after(dose, -30 * MINUTE):
        resume(number)
    with after(dose, -10 * MINUTE):
        preparation = play.prepare_and_release(dose, SITE)
        assert preparation.ready_at == preparation.planned_at == dose.planned_at + 30 * MINUTE
        assert not preparation.ready_missed
        assert ward_reads(dose) == "planned"
    with after(dose, 29 * MINUTE):
        assert ward_reads(dose) == "planned"
    with after(dose, 30 * MINUTE):
        assert ward_reads(dose) == "ready"
    assert Risk.READY_LATE not in risks_of(preparation)


@pytest.mark.requirement("R13")
def test_released_after_that_hour_it_is_late(trial: None) -> None:
    dose = fourth_dose()
    with after(dose, -180 * MINUTE):
        hold(dose.course.participant.number)
    with after(dose, -90 * MINUTE):
        resume(dose.course.participant.number)
    with after(dose, -10 * MINUTE):
        preparation = play.prepare_and_release(dose, SITE)
    assert preparation.ready_at == dose.planned_at - 30 * MINUTE
    assert preparation.ready_missed
    assert Risk.READY_LATE in risks_of(preparation)


@pytest.mark.requirement("R13")
@pytest.mark.parametrize("was_prepared", [True, False])
def test_whether_it_was_prepared_before_the_hold_makes_no_difference(trial: None, was_prepared: bool) -> None:
    dose = fourth_dose()
    with after(dose, -4 * HOUR):
        if was_prepared:
            play.prepare_and_release(dose, SITE)
    with after(dose, -60 * MINUTE):
        assert ward_reads(dose) == ("ready" if was_prepared else "planned")
        hold(dose.course.participant.number)
        play.pass_hatch()
    with after(dose, -50 * MINUTE):
        resume(dose.course.participant.number)
        play.pass_hatch()
        syringe = prepare(actor=cast.at_site(Role.PHARMACIST, SITE), dose_uid=dose.uid)
    assert (syringe.planned_at, syringe.ready_at) == (dose.planned_at + 10 * MINUTE, dose.planned_at + 10 * MINUTE)


@pytest.mark.requirement("R13")
@pytest.mark.parametrize(("steer", "site_code"), [(plan_anew, SITE), (go_elsewhere, OTHER)])
def test_a_course_that_moved_gives_its_pharmacy_the_same_hour(trial: None, steer: Steer, site_code: str) -> None:
    number = play.enrol(Case(SITE)).participant
    dose = Dose.objects.get(course__participant__number=number, route="IV", number=1)
    with after(dose, 50 * MINUTE):
        steer(number)
        play.pass_hatch()
        steered = clock.now()
        assert Course.objects.get(participant__number=number).steered_at == steered
    with time_machine.travel(steered + 40 * MINUTE, tick=False):
        preparation = play.prepare_and_release(Dose.objects.get(uid=dose.uid), site_code)
    assert preparation.ready_at == steered + HOUR
    assert not preparation.ready_missed


def test_a_dose_far_ahead_keeps_its_times(trial: None) -> None:
    dose = fourth_dose()
    before = times_of(doses_by_uid([dose.uid]))
    hold(dose.course.participant.number)
    resume(dose.course.participant.number)
    assert times_of(doses_by_uid([dose.uid])) == before


@pytest.mark.parametrize(
    ("steered", "seen"),
    [(None, 0), (-90, 0), (-60, 0), (-45, 15), (0, 60), (1, 0)],
    ids=["never", "long ago", "an hour ago", "before it was ready", "at that moment", "after it was ready"],
)
def test_a_syringe_opened_before_the_move_is_seen_like_one_opened_after(steered: int | None, seen: int) -> None:
    """Minutes from the ready time that was fixed when it was opened."""
    fixed = clock.now()
    steered_at = None if steered is None else fixed + steered * MINUTE
    assert ready_from(ready_at=fixed, steered_at=steered_at, wait=HOUR) == fixed + seen * MINUTE


def risks_noted(number: str) -> list[tuple[str, str]]:
    """Site and kind of every risk that was noted of a participant's syringes."""
    risks = RiskToBlind.objects.filter(preparation__participant_number=number).order_by("id")
    return list(risks.values_list("site_code", "kind"))


def shown_at(dose: Dose, preparation: Preparation) -> None:
    """The ward sees it an hour after the course was moved, and not before."""
    with time_machine.travel(preparation.ready_at - MINUTE, tick=False):
        assert ward_reads(dose) == "planned"
    with time_machine.travel(preparation.ready_at, tick=False):
        assert ward_reads(dose) == "ready"


def hold_and_resume(number: str) -> None:
    hold(number)
    resume(number)


@pytest.mark.requirement("R13")
@pytest.mark.parametrize("steer", [hold_and_resume, go_elsewhere])
def test_not_released_by_its_time_and_moved_only_afterwards_it_is_late(trial: None, steer: Steer) -> None:
    """Due 120 minutes ago, moved 60 minutes ago: the ward sees it no later than before, and the site counts as late."""
    dose = fourth_dose()
    number = dose.course.participant.number
    with after(dose, -60 * MINUTE):
        steer(number)
        play.pass_hatch()
    site_code = Dose.objects.get(uid=dose.uid).course.participant.site_id
    with after(dose, -30 * MINUTE):
        preparation = play.prepare_and_release(Dose.objects.get(uid=dose.uid), site_code)
    assert (preparation.ready_at, preparation.ready_missed) == (dose.planned_at, False)
    assert risks_noted(number) == [(SITE, Risk.READY_LATE)], "counted once, at the site that was late"
    shown_at(dose, preparation)


@pytest.mark.requirement("R13")
def test_a_first_dose_planned_anew_after_its_ready_time_is_late(trial: None) -> None:
    number = play.enrol(Case(SITE)).participant
    dose = Dose.objects.get(course__participant__number=number, route="IV", number=1)
    with after(dose, 50 * MINUTE):
        plan_anew(number)
        play.pass_hatch()
        preparation = play.prepare_and_release(Dose.objects.get(uid=dose.uid), SITE)
    assert not preparation.ready_missed
    assert risks_noted(number) == [(SITE, Risk.READY_LATE)]
    shown_at(dose, preparation)


@pytest.mark.requirement("R13")
def test_moved_twice_it_is_late_once_and_by_either_time(trial: None) -> None:
    """Late by the first plan, in time by the second; and in time by the first, late by the second."""
    for moves, late in (((-90, -60), 1), ((-130, -60), 1), ((-130, -80), 0)):
        dose = fourth_dose()
        for minutes in moves:
            with after(dose, minutes * MINUTE):
                hold_and_resume(dose.course.participant.number)
        with after(dose, -55 * MINUTE):
            preparation = play.prepare_and_release(dose, SITE)
        assert not preparation.ready_missed
        assert risks_noted(dose.course.participant.number) == [(SITE, Risk.READY_LATE)] * late, moves


@pytest.mark.requirement("R13")
def test_moved_before_its_ready_time_it_is_not_late(trial: None) -> None:
    dose = fourth_dose()
    with after(dose, -120 * MINUTE):
        hold_and_resume(dose.course.participant.number)
    with after(dose, -70 * MINUTE):
        preparation = play.prepare_and_release(dose, SITE)
    assert not preparation.ready_missed
    assert risks_noted(dose.course.participant.number) == []


@pytest.mark.requirement("R13")
@pytest.mark.parametrize("released", [-150, -100])
def test_what_was_released_before_the_move_is_not_counted_again(trial: None, released: int) -> None:
    """In time it is no risk; released too late it is one, and its replacement after the move is none."""
    dose = fourth_dose()
    number = dose.course.participant.number
    with after(dose, released * MINUTE):
        first = play.prepare_and_release(dose, SITE)
    with after(dose, -40 * MINUTE):
        play.pass_hatch()
        hold_and_resume(number)
        play.pass_hatch()
        again = play.prepare_and_release(dose, SITE)
    assert again.uid != first.uid
    assert risks_noted(number) == [(SITE, Risk.READY_LATE)] * (released > -120)


@pytest.mark.requirement("R13")
def test_put_on_hold_after_its_ready_time_it_is_late(trial: None) -> None:
    dose = fourth_dose()
    number = dose.course.participant.number
    with after(dose, -110 * MINUTE):
        hold(number)
    with after(dose, -30 * MINUTE):
        resume(number)
        preparation = play.prepare_and_release(dose, SITE)
    assert not preparation.ready_missed
    assert risks_noted(number) == [(SITE, Risk.READY_LATE)]


@pytest.mark.requirement("R13")
def test_opened_in_time_not_released_and_moved_away_it_is_late_when_it_is_prepared_again(trial: None) -> None:
    dose = fourth_dose()
    number = dose.course.participant.number
    with after(dose, -150 * MINUTE):
        prepare(actor=cast.at_site(Role.PHARMACIST, SITE), dose_uid=dose.uid)
    with after(dose, -60 * MINUTE):
        hold(number)
        play.pass_hatch()
        resume(number)
        preparation = play.prepare_and_release(dose, SITE)
    assert not preparation.ready_missed
    assert risks_noted(number) == [(SITE, Risk.READY_LATE)]


@pytest.mark.requirement("R13")
def test_released_in_time_and_voided_by_a_person_before_its_ready_time_it_is_late(trial: None) -> None:
    dose = fourth_dose()
    number = dose.course.participant.number
    with after(dose, -150 * MINUTE):
        first = play.prepare_and_release(dose, SITE)
    with after(dose, -130 * MINUTE):
        void(actor=cast.at_site(Role.PHARMACIST, SITE), uid=first.uid, reason="leaks")
    with after(dose, -60 * MINUTE):
        hold_and_resume(number)
        play.prepare_and_release(dose, SITE)
    assert risks_noted(number) == [(SITE, Risk.VOIDED), (SITE, Risk.READY_LATE)]


@pytest.mark.requirement("R13")
def test_moved_by_a_corrected_record_after_its_ready_time_it_is_late(trial: None) -> None:
    number = play.enrol(Case(SITE)).participant
    first, second = (Dose.objects.get(course__participant__number=number, route="IV", number=n) for n in (1, 2))
    with after(first, -5 * MINUTE):
        syringe = play.prepare_and_release(first, SITE)
    with after(first, timedelta(0)):
        play.pass_hatch()
        with on_side(Side.BLINDED):
            administer(actor=INVESTIGATOR, participant_number=number, barcode=play.label_of(syringe), at=clock.now())
    with after(second, -60 * MINUTE):
        truth = DoseTruth(True, at=first.planned_at + 20 * MINUTE)
        with on_side(Side.BLINDED):
            correct_dose(actor=INVESTIGATOR, dose_uid=first.uid, truth=truth, reason="read from the chart")
        play.pass_hatch()
        moved = Dose.objects.get(uid=second.uid)
        assert moved.planned_at == second.planned_at + 20 * MINUTE
        preparation = play.prepare_and_release(moved, SITE)
    assert (preparation.ready_at, preparation.ready_missed) == (second.planned_at, False)
    assert Risk.READY_LATE in risks_of(preparation)
