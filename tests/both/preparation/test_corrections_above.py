"""What the pharmacy sees of a corrected dose: its sweep voids, and what is planned again is prepared again."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
import time_machine

from immunosep_site.demonstration import cast, play
from immunosep_site.demonstration.play import Case
from pharmacy.preparation.models import Preparation
from pharmacy.preparation.selectors import to_void
from pharmacy.preparation.services.finish import release
from pharmacy.preparation.services.prepare import prepare
from pharmacy.preparation.states import VoidCause
from pharmacy.preparation.times_of_doses import times_of
from randomization.accounts.roles import Role
from randomization.blinded.bedside.for_unblinded import doses_by_uid
from randomization.blinded.bedside.models import Dose
from randomization.blinded.bedside.services.administer import administer, miss_dose
from randomization.blinded.bedside.services.correct_dose import DoseTruth, correct_dose
from randomization.shared import clock
from randomization.shared.errors import Refused
from randomization.shared.service import Side, on_side

pytestmark = pytest.mark.once

SITE = "GR01"
PHARMACIST, NURSE = cast.at_site(Role.PHARMACIST, SITE), cast.at_site(Role.NURSE, SITE)
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
AGAIN = DoseTruth(False, planned_again=True)


def dose_of(number: str) -> Dose:
    return Dose.objects.select_related("course").get(course__participant__number=number, route="IV", number=1)


def correct(uid: Any, truth: DoseTruth) -> None:
    with on_side(Side.BLINDED):
        correct_dose(actor=NURSE, dose_uid=uid, truth=truth, reason="read again")


def miss(uid: Any) -> None:
    with on_side(Side.BLINDED):
        miss_dose(actor=NURSE, dose_uid=uid, reason="wrong line")


def give(preparation: Preparation) -> None:
    with on_side(Side.BLINDED):
        barcode = play.label_of(preparation)
        administer(actor=NURSE, participant_number=preparation.participant_number, barcode=barcode, at=clock.now())


def cause(preparation: Preparation) -> tuple[str, str]:
    preparation.refresh_from_db()
    return preparation.state, preparation.void_cause


@pytest.fixture
def shown(trial: None) -> Preparation:
    """The first IV dose of a patient, released, at its planned time."""
    number = play.enrol(Case(SITE)).participant
    return play.prepare_and_release(dose_of(number), SITE)


@pytest.mark.requirement("R24", "R25")
def test_given_corrected_to_missed_is_voided_by_the_sweep(shown: Preparation) -> None:
    with time_machine.travel(shown.planned_at, tick=False):
        play.pass_hatch()
        give(shown)
        play.pass_hatch()
        assert cause(shown) == ("released", ""), "what was given is left alone"
        correct(shown.dose_uid, DoseTruth(False))
        assert to_void() == {shown.uid: VoidCause.COURSE}
        play.pass_hatch()
        assert cause(shown) == ("voided", "course")
        assert dose_of(shown.participant_number).state == "missed"
        with pytest.raises(Refused) as done:
            prepare(actor=PHARMACIST, dose_uid=shown.dose_uid)
        assert done.value.code == "not_due"


@pytest.mark.parametrize("swept", [True, False], ids=["swept in between", "before the next sweep"])
def test_missed_by_mistake_is_prepared_again_an_hour_after_the_correction(shown: Preparation, swept: bool) -> None:
    """Whether the pharmacy saw it as missed in between changes no time."""
    with time_machine.travel(shown.planned_at, tick=False) as traveller:
        play.pass_hatch()
        miss(shown.dose_uid)
        if swept:
            play.pass_hatch()
            assert cause(shown) == ("voided", "course")
        traveller.shift(10 * MINUTE)
        correct(shown.dose_uid, AGAIN)
        corrected_at = clock.now()
        play.pass_hatch()
        assert cause(shown) == ("voided", "course")
        traveller.shift(5 * MINUTE)
        again = play.prepare_and_release(dose_of(shown.participant_number), SITE)
        assert again.ready_at == corrected_at + HOUR
        traveller.move_to(again.ready_at)
        play.pass_hatch()
        with pytest.raises(Refused) as old:
            give(shown)
        assert old.value.code == "dose_state" or old.value.code == "voided"
        give(again)
    assert dose_of(shown.participant_number).state == "given"


@pytest.mark.parametrize("opened", [True, False], ids=["opened before", "not opened"])
def test_how_far_the_pharmacy_had_come_changes_no_time(trial: None, opened: bool) -> None:
    """Nothing was shown to the ward: a syringe that was opened by then is opened again, with the same times."""
    dose = dose_of(play.enrol(Case(SITE)).participant)
    with time_machine.travel(dose.planned_at, tick=False) as traveller:
        preparation = prepare(actor=PHARMACIST, dose_uid=dose.uid) if opened else None
        miss(dose.uid)
        correct(dose.uid, AGAIN)
        corrected_at = clock.now()
        if preparation is not None:
            play.make_and_check([preparation], SITE)
            play.print_labels(PHARMACIST, preparation.uid)
            with pytest.raises(Refused) as stale:
                release(actor=PHARMACIST, uid=preparation.uid, barcode=play.label_of(preparation))
            assert stale.value.code == "moved"
            play.pass_hatch()
            assert cause(preparation) == ("voided", "course")
        traveller.shift(MINUTE)
        times = times_of(doses_by_uid([dose.uid]))[dose.uid]
        assert (times.ready_at, times.printed_at) == (corrected_at + HOUR, corrected_at + HOUR)
        assert prepare(actor=PHARMACIST, dose_uid=dose.uid).ready_at == corrected_at + HOUR
