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
from pharmacy.preparation.services.prepare import prepare
from pharmacy.preparation.states import Risk
from pharmacy.preparation.times_of_doses import times_of
from randomization.accounts.roles import Role
from randomization.blinded.bedside.for_unblinded import doses_by_uid
from randomization.blinded.bedside.models import Course, Dose
from randomization.blinded.bedside.services import steer_course
from randomization.blinded.outcomes.services.transfer import TransferParticipant, transfer
from randomization.shared import clock
from randomization.shared.service import Side, on_side
from randomization.signatures.signing import sign

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
        made = prepare(actor=cast.at_site(Role.PHARMACIST, SITE), dose_uid=dose.uid)
    assert (made.planned_at, made.ready_at) == (dose.planned_at + 10 * MINUTE, dose.planned_at + 10 * MINUTE)


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
