"""Another site of the trial treats and prepares; list, number and kit stay; both sites' accounts stay whole."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine

from immunosep_site.demonstration import cast, play
from immunosep_site.demonstration.play import Case
from pharmacy.accountability.selectors import report_of
from pharmacy.preparation.labelling import print_labels
from pharmacy.preparation.models import Preparation
from pharmacy.preparation.services.finish import release
from pharmacy.preparation.services.prepare import prepare
from pharmacy.worklist.selectors import worklist
from randomization.accounts.roles import Role
from randomization.audit.models import Event
from randomization.blinded.allocation.models import Allocation
from randomization.blinded.bedside.models import Administration, Dose, Packaging
from randomization.blinded.bedside.services.administer import administer
from randomization.blinded.desk.recruitment import progress
from randomization.blinded.inbox.services.apply_next import apply_inbox
from randomization.blinded.participants.board import board
from randomization.blinded.screening.models import Participant
from randomization.blinded.screening.selectors import find_participant
from randomization.blinded.sites.models import Site
from randomization.hatch import send
from randomization.shared import clock
from randomization.shared.errors import InvalidInput, NotFound, NotPermitted, Refused, TrialError
from randomization.shared.service import Side, on_side
from randomization.unblinded.codebreak.models import KnownPatient
from tests.both.codebreak.steps import reveal
from tests.both.outcomes.steps import move
from tests.conftest import tampering

pytestmark = pytest.mark.once

HOUR = timedelta(hours=1)


def give(number: str, label: str, site_code: str) -> Administration:
    with on_side(Side.BLINDED):
        return administer(
            actor=cast.at_site(Role.NURSE, site_code), participant_number=number, barcode=label, at=clock.now()
        )


def dose_of(number: str, order: int = 1) -> Dose:
    return Dose.objects.get(course__participant__number=number, route="IV", number=order)


@pytest.mark.requirement("R05", "R40")
def test_the_other_site_treats_and_prepares_and_nothing_of_the_list_changes(trial: None) -> None:
    number = play.enrol(Case("GR01")).participant
    before = Allocation.objects.filter(participant__number=number).values().get()
    first = play.prepare_and_release(dose_of(number), "GR01")
    with time_machine.travel(dose_of(number).planned_at, tick=True):
        play.pass_hatch()
        give(number, play.label_of(first), "GR01")
        second = play.prepare_and_release(dose_of(number, 2), "GR01")
        with time_machine.travel(dose_of(number, 2).planned_at, tick=True):
            play.pass_hatch()
            assert Packaging.objects.get(pack_code=second.pack_code).voided_at is None
            move(number)
            assert Packaging.objects.get(pack_code=second.pack_code).voided_at is not None
            play.pass_hatch()
            assert Preparation.objects.get(uid=second.uid).state == "voided"
            check_after(number, second)
    assert Allocation.objects.filter(participant__number=number).values().get() == before
    assert play.screen(Case("GR01")).number > number, "the numbers of the first site go on"


def check_after(number: str, second: Preparation) -> None:
    here, there = cast.at_site(Role.PHARMACIST, "GR01"), cast.at_site(Role.PHARMACIST, "GR02")
    assert number not in {row.dose.course.participant.number for row in worklist(here)}
    assert number in {row.dose.course.participant.number for row in worklist(there)}
    with pytest.raises(NotFound):
        prepare(actor=here, dose_uid=dose_of(number, 2).uid)
    with pytest.raises(TrialError):
        give(number, play.label_of(second), "GR01")
    again = play.prepare_and_release(dose_of(number, 2), "GR02")
    assert again.site_code == "GR02"
    with time_machine.travel(again.ready_at, tick=True):
        play.pass_hatch()
        assert give(number, play.label_of(again), "GR02").pack_code == again.pack_code
    with on_side(Side.BLINDED):
        assert find_participant(cast.at_site(Role.COORDINATOR, "GR01"), number).site_id == "GR02", "still read at home"
        assert number not in {row.participant.number for row in board(cast.at_site(Role.COORDINATOR, "GR01"))}
        assert number in {row.participant.number for row in board(cast.at_site(Role.COORDINATOR, "GR02"))}
        counts = {row.code: row.randomised for row in progress(with_chart=False).sites}
    assert counts["GR01"] == Allocation.objects.filter(participant__home_id="GR01").count()
    for site_code, monitor in (("GR01", here), ("GR02", there)):
        lines = {line.pack_code: line for line in report_of(monitor, site_code).doses}
        mine = Preparation.objects.filter(participant_number=number, site_code=site_code)
        assert {preparation.pack_code for preparation in mine} <= set(lines)
    with pytest.raises(NotFound):
        reveal(number)
    assert KnownPatient.objects.get(number=number).site_code == "GR02"
    assert reveal(number, actor=cast.at_site(Role.CODE_BREAKER, "GR02")).subject == number
    assert Event.objects.using("blinded").filter(action="participant.transfer", subject=number).count() == 2


def test_what_was_prepared_before_is_not_released_after(trial: None) -> None:
    number = play.enrol(Case("GR01")).participant
    actor = cast.at_site(Role.PHARMACIST, "GR01")
    preparation = prepare(actor=actor, dose_uid=dose_of(number).uid)
    play.make_and_check([preparation], "GR01")
    print_labels(actor, preparation.uid)
    move(number)
    with pytest.raises(Refused) as refusal:
        release(actor=actor, uid=preparation.uid, barcode=play.label_of(preparation))
    assert refusal.value.code == "moved"


@pytest.mark.requirement("R25")
def test_a_dose_given_before_the_transfer_is_recorded_after_it_under_the_name_of_who_gave_it(trial: None) -> None:
    number = play.enrol(Case("GR01")).participant
    preparation = play.prepare_and_release(dose_of(number), "GR01")
    with time_machine.travel(dose_of(number).planned_at, tick=False):
        play.pass_hatch()
        given_at = clock.now()

    def transcribe(given_by: str) -> Administration:
        with on_side(Side.BLINDED):
            return administer(
                actor=cast.at_site(Role.INVESTIGATOR, "GR02"),
                participant_number=number,
                barcode=play.label_of(preparation),
                at=given_at,
                given_by=given_by,
                reason="found in the chart of the first site",
            )

    with time_machine.travel(given_at + HOUR, tick=False):
        move(number)
        with pytest.raises(InvalidInput) as refusal:
            transcribe("nurse.de01")
        assert refusal.value.field == "given_by"
        assert transcribe("nurse.gr01").given_by == "nurse.gr01"


def test_who_may_transfer_whom_where(trial: None) -> None:
    number, screened = play.enrol(Case("GR01")).participant, play.screen(Case("GR01")).number
    with pytest.raises(InvalidInput):
        move(number, "GR99")
    with pytest.raises(InvalidInput):
        move(number, "GR01")
    with pytest.raises(InvalidInput):
        move(number, reason=" ")
    with pytest.raises(Refused) as refusal:
        move(screened)
    assert refusal.value.code == "no_course"
    with pytest.raises(NotPermitted):
        move(number, actor=cast.at_site(Role.COORDINATOR, "GR01"))
    with pytest.raises(NotFound):
        move(number, actor=cast.at_site(Role.INVESTIGATOR, "DE01"))
    for changed, code in (
        ({"may_supply": False}, "no_supply"),
        ({"drill_done_at": None}, "drill_not_done"),
        ({"protocol": None}, "protocol"),
    ):
        kept = Site.objects.filter(code="GR02").values(*changed).get()
        with tampering():
            Site.objects.filter(code="GR02").update(**changed)
        with pytest.raises(Refused) as refusal:
            move(number)
        assert refusal.value.code == code
        with tampering():
            Site.objects.filter(code="GR02").update(
                **{f"{key}_id" if key == "protocol" else key: value for key, value in kept.items()}
            )
    with tampering():
        Site.objects.filter(code="GR02").update(closed_at=clock.now())
    move(number)
    assert Participant.objects.get(number=number).site_id == "GR02", "a closed site may treat"
    with pytest.raises(NotFound):
        move(number, "DE01")


def test_what_was_announced_before_a_transfer_is_not_given_after_it(trial: None) -> None:
    """The message is in the inbox, the transfer is recorded, then the message is applied."""
    number = play.enrol(Case("GR01")).participant
    dose = Dose.objects.get(course__participant__number=number, route="IV", number=1)
    preparation = play.prepare_and_release(dose, "GR01")
    with time_machine.travel(preparation.ready_at + timedelta(minutes=1)):
        send.carry_down()
        move(number)
        with on_side(Side.BLINDED):
            apply_inbox()
        dose.refresh_from_db()
        assert dose.state == "planned"
        assert not Packaging.objects.filter(dose=dose, voided_at=None).exists()
        play.pass_hatch()
        again = play.prepare_and_release(dose, "GR02")
        with time_machine.travel(again.ready_at + timedelta(minutes=1)):
            play.pass_hatch()
            dose.refresh_from_db()
            assert dose.state == "ready"
