"""The clearance rule: which value governs, and that a change of level voids everything prepared, all arms alike."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest
import time_machine
from django.db import connections
from django.test.utils import CaptureQueriesContext

from immunosep_site.demonstration import cast, play
from immunosep_site.demonstration.play import Case
from pharmacy.preparation.models import Preparation
from pharmacy.preparation.selectors import to_void
from pharmacy.preparation.services.prepare import prepare
from pharmacy.preparation.services.void_outdated import void_outdated
from pharmacy.worklist.selectors import worklist
from randomization.accounts.roles import Role
from randomization.audit.models import Event
from randomization.blinded.bedside.models import Dose, Packaging
from randomization.blinded.bedside.selectors import clearance_in_force
from randomization.blinded.bedside.services.administer import administer
from randomization.blinded.bedside.services.record_clearance import ClearanceInput, ClearanceRecorded, record_clearance
from randomization.blinded.inbox.models import Applied
from randomization.blinded.sites.selectors import protocol_in_force
from randomization.shared import clock
from randomization.shared.actor import SYSTEM
from randomization.shared.errors import Refused
from randomization.shared.ids import Barcode
from randomization.shared.service import Side, on_side
from tests.permissions import client_of

pytestmark = pytest.mark.once

SITE = "GR01"
PHARMACIST, NURSE = cast.at_site(Role.PHARMACIST, SITE), cast.at_site(Role.NURSE, SITE)
MINUTE = timedelta(minutes=1)


def ready(*cases: Case) -> list[Preparation]:
    """Both first doses of each case, prepared and announced to the ward, where the clock now stands."""
    numbers = [play.enrol(case).participant for case in cases]
    doses = Dose.objects.filter(course__participant__number__in=numbers, number=1).order_by("course_id", "route")
    return [play.prepare_and_release(dose, SITE) for dose in doses]


def later(preparation: Preparation) -> time_machine.travel:
    """A minute after the ward sees it."""
    return time_machine.travel(preparation.ready_at + MINUTE, tick=False)


def clearance(number: str, value: str | None, *, hours_ago: float = 0, method: str = "measured") -> ClearanceRecorded:
    clearance_input = ClearanceInput(
        Decimal(value) if value else None, method, clock.now() - timedelta(hours=hours_ago)
    )
    with on_side(Side.BLINDED):
        return record_clearance(actor=NURSE, number=number, clearance=clearance_input)


def live(preparations: list[Preparation]) -> list[Preparation]:
    return list(Preparation.objects.filter(uid__in=[syringe.uid for syringe in preparations]).exclude(state="voided"))


@pytest.mark.requirement("R08", "R15")
@pytest.mark.parametrize("ferritin", ["9000", "800"], ids=["MALS", "SIP"])
def test_a_change_of_level_voids_both_routes_at_once_below_and_above(trial: None, ferritin: str) -> None:
    syringes = ready(Case(SITE, ferritin=ferritin))
    number = syringes[0].participant_number
    with later(syringes[0]):
        play.pass_hatch()
        assert Packaging.objects.filter(dose__course__participant__number=number, voided_at=None).count() == 2
        recorded = clearance(number, "29.9")
        assert recorded.reduced
        assert set(recorded.voided) == {item.pack_code for item in syringes}
        label = str(Barcode(syringes[0].kit_code, syringes[0].route, syringes[0].number, syringes[0].pack_code))
        with on_side(Side.BLINDED), pytest.raises(Refused) as refusal:
            administer(actor=NURSE, participant_number=number, barcode=label, at=clock.now())
        assert refusal.value.code == "voided"
        play.pass_hatch()
        assert not live(syringes)
        assert set(Preparation.objects.filter(uid__in=[item.uid for item in syringes]).values_list("void_cause")) == {
            ("level",)
        }
        assert not Applied.objects.exclude(outcome="applied").exists()
        changed = [row for row in worklist(PHARMACIST, hours=8) if row.dose.course.participant.number == number]
        assert [row.is_changed for row in changed if row.dose.number == 1] == [True, True]
        again = prepare(actor=PHARMACIST, dose_uid=syringes[0].dose_uid)
        assert (again.level, again.pack_code != syringes[0].pack_code) == ("reduced", True)


@pytest.mark.parametrize(
    ("first", "value", "method", "hours_ago", "voids"),
    [
        ("80", "30", "measured", 0, False),
        ("80", "29.9", "measured", 0, True),
        ("80", "29.9", "cockcroft_gault", 0, True),
        ("80", None, "renal_replacement", 0, True),
        ("29.9", None, "renal_replacement", 0, False),
        ("20", "30", "measured", 0, True),
        ("80", "20", "measured", 48, False),
    ],
)
def test_which_value_changes_the_level(
    trial: None, first: str, value: str | None, method: str, hours_ago: float, voids: bool
) -> None:
    syringes = ready(Case(SITE, clearance_ml_min=first))
    with later(syringes[0]):
        play.pass_hatch()
        recorded = clearance(syringes[0].participant_number, value, hours_ago=hours_ago, method=method)
        assert bool(recorded.voided) == voids
        play.pass_hatch()
        assert bool(live(syringes)) == (not voids)


def test_what_was_released_and_not_yet_announced_never_stays_ready(trial: None) -> None:
    syringes = ready(Case(SITE))
    clearance(syringes[0].participant_number, "20")
    with later(syringes[0]):
        play.pass_hatch()
        packagings = Packaging.objects.filter(dose__course__participant__number=syringes[0].participant_number)
        assert not packagings.filter(voided_at=None).exists()
        assert not Applied.objects.exclude(outcome="applied").exists()


def test_another_patient_and_a_dose_that_was_given_keep_what_they_have(trial: None) -> None:
    syringes = ready(Case(SITE), Case(SITE))
    number, other = sorted({syringe.participant_number for syringe in syringes})
    iv_syringe = next(syringe for syringe in syringes if syringe.participant_number == number and syringe.route == "IV")
    with later(syringes[0]):
        play.pass_hatch()
        label = str(Barcode(iv_syringe.kit_code, iv_syringe.route, iv_syringe.number, iv_syringe.pack_code))
        with on_side(Side.BLINDED):
            administer(actor=NURSE, participant_number=number, barcode=label, at=clock.now())
        recorded = clearance(number, "20")
        assert iv_syringe.pack_code not in recorded.voided
        assert len(recorded.voided) == 1
        play.pass_hatch()
        assert {syringe.participant_number for syringe in live(syringes) if syringe.route == "SC"} == {other}
        assert iv_syringe in live(syringes)


def test_an_opened_preparation_is_voided_too_and_each_is_recorded(trial: None) -> None:
    number = play.enrol(Case(SITE)).participant
    doses = Dose.objects.filter(course__participant__number=number, number=1)
    preparations = [prepare(actor=PHARMACIST, dose_uid=dose.uid) for dose in doses]
    clearance(number, "20")
    assert set(to_void()) == {preparation.uid for preparation in preparations}
    before = Event.objects.filter(action="preparation.void").count()
    with on_side(Side.UNBLINDED):
        assert void_outdated(actor=SYSTEM) == 2
        assert void_outdated(actor=SYSTEM) == 0
    assert Event.objects.filter(action="preparation.void").count() == before + 2
    assert not live(preparations)


def test_the_warning_after_36_hours_is_the_same_for_ward_and_pharmacy_and_stops_nothing(trial: None) -> None:
    number = play.enrol(Case(SITE)).participant
    dose = Dose.objects.get(course__participant__number=number, route="IV", number=6)
    rule = protocol_in_force(SITE).renal_rule
    for hours, old in ((33.9, False), (34.1, True)):  # the first value was sampled two hours before
        with time_machine.travel(clock.now() + timedelta(hours=hours), tick=False):
            in_force = clearance_in_force(dose.course.participant_id, rule, clock.now())
            assert in_force is not None
            assert in_force.old == old
    with time_machine.travel(dose.planned_at - timedelta(hours=1), tick=False):
        row = next(row for row in worklist(PHARMACIST, hours=8) if row.dose.uid == dose.uid)
        assert row.clearance is not None
        assert row.clearance.old
        assert prepare(actor=PHARMACIST, dose_uid=dose.uid).level == "full"


def test_the_worklist_takes_twelve_statements_whatever_the_number_of_patients(trial: None) -> None:
    """The page adds who asks, the duty and the sweeps, as many statements for six patients as for three."""
    counts, pages, client = [], [], client_of(PHARMACIST)
    for _turn in range(2):
        for _turn in range(3):
            play.enrol(Case(SITE))
        with (
            CaptureQueriesContext(connections["default"]) as above,
            CaptureQueriesContext(connections["blinded"]) as below,
        ):
            assert worklist(PHARMACIST, hours=48)
        counts.append(len(above) + len(below))
        assert client.get("/pharmacy/?hours=48").status_code == 200, "what is new is swept and called first"
        with (
            CaptureQueriesContext(connections["default"]) as above,
            CaptureQueriesContext(connections["blinded"]) as below,
        ):
            assert client.get("/pharmacy/?hours=48").status_code == 200
        pages.append(len(above) + len(below))
    assert counts[0] == counts[1] <= 12
    assert pages[0] == pages[1]


@pytest.mark.requirement("R39")
def test_the_two_sides_do_not_drift_apart_over_a_level_that_came_and_went(trial: None) -> None:
    """80, 20, 80 between two sweeps: below voided, above the level looks unchanged."""
    number = play.enrol(Case(SITE)).participant
    preparation = play.prepare_and_release(
        Dose.objects.get(course__participant__number=number, route="IV", number=1), SITE
    )
    with time_machine.travel(preparation.ready_at + timedelta(minutes=1), tick=False):
        play.pass_hatch()
        for value, minutes in (("20", 3), ("80", 1)):
            clearance = play.ClearanceInput(Decimal(value), "measured", clock.now() - timedelta(minutes=minutes))
            with on_side(Side.BLINDED):
                record_clearance(actor=cast.at_site(Role.NURSE, SITE), number=number, clearance=clearance)
        play.pass_hatch()
        assert Preparation.objects.get(pk=preparation.pk).state == "voided"
        assert play.prepare_and_release(Dose.objects.get(pk=preparation.dose_uid), SITE).state == "released"
