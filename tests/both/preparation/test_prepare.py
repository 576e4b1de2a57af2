"""Pharmacy: the worklist opens nothing, one preparation opens one assignment, labels give nothing away."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
import time_machine

from immunosep_site.demonstration import cast, play
from immunosep_site.demonstration.play import Case
from pharmacy.labels.models import Print
from pharmacy.preparation.instruction import steps
from pharmacy.preparation.labelling import print_labels
from pharmacy.preparation.selectors import preparation_for
from pharmacy.preparation.services.finish import release, void
from pharmacy.preparation.services.prepare import prepare
from pharmacy.worklist.selectors import worklist
from randomization.accounts.roles import Role
from randomization.audit.models import Event
from randomization.blinded.bedside.models import Administration, Dose, Packaging
from randomization.blinded.bedside.services.administer import administer
from randomization.blinded.bedside.services.record_clearance import ClearanceInput, record_clearance
from randomization.blinded.inbox.models import Applied
from randomization.shared import clock
from randomization.shared.errors import InvalidInput, NotFound, NotPermitted, Refused
from randomization.shared.ids import Barcode
from randomization.shared.service import Side, on_side
from randomization.unblinded.lists.models import AssignmentAccess
from tests.both.preparation.steps import HOUR, PHARMACIST, SITE, first_dose, printed

NURSE = cast.at_site(Role.NURSE, SITE)
LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)


@pytest.mark.requirement("R13")
def test_the_worklist_opens_nothing_and_a_preparation_opens_one_recorded_assignment(trial: None) -> None:
    dose = first_dose()
    before = AssignmentAccess.objects.count()
    rows = worklist(PHARMACIST, hours=8)
    assert {row.dose.uid for row in rows} >= {dose.uid}
    assert AssignmentAccess.objects.count() == before
    preparation = prepare(actor=PHARMACIST, dose_uid=dose.uid)
    opened = AssignmentAccess.objects.get(reference=str(preparation.uid))
    assert (opened.actor, opened.role, opened.purpose) == ("pharmacist.gr01", Role.PHARMACIST, "preparation")
    assert Event.objects.filter(action="assignment.open", subject=preparation.kit_code).count() == 1
    with pytest.raises(InvalidInput):
        worklist(PHARMACIST, hours=7)


@pytest.mark.requirement("R32")
def test_another_sites_pharmacist_sees_nothing_there(trial: None) -> None:
    dose = first_dose()
    other = cast.at_site(Role.PHARMACIST, "GR02")
    with pytest.raises(NotFound):
        prepare(actor=other, dose_uid=dose.uid)
    preparation = prepare(actor=PHARMACIST, dose_uid=dose.uid)
    for attempt in (
        lambda: preparation_for(other, preparation.uid),
        lambda: print_labels(other, preparation.uid),
        lambda: release(actor=other, uid=preparation.uid, barcode=play.label_of(preparation)),
    ):
        with pytest.raises(NotFound):
            attempt()
    assert not [row for row in worklist(other, hours=48) if row.dose.uid == dose.uid]
    with pytest.raises(NotPermitted):
        prepare(actor=cast.at_site(Role.CODE_BREAKER, SITE), dose_uid=dose.uid)


@pytest.mark.requirement("R08")
@pytest.mark.parametrize(
    ("clearance", "ferritin", "allowed"),
    [
        ("30", "9000", {("IV", "full")}),
        ("29.9", "9000", {("IV", "reduced")}),
        ("80", "800", {("IV", "full")}),
    ],
)
def test_the_instruction_by_class_and_clearance(
    trial: None, clearance: str, ferritin: str, allowed: set[tuple[str, str]]
) -> None:
    dose = first_dose(Case(SITE, ferritin=ferritin, clearance_ml_min=clearance))
    preparation = prepare(actor=PHARMACIST, dose_uid=dose.uid)
    assert {("IV", preparation.level)} == allowed
    if preparation.product == "ANAKINRA":
        draw = {"full": "1.34", "reduced": "0.67"}[preparation.level]
        assert steps(preparation)[0].startswith(f"Draw {draw} mL of anakinra")
        assert "Fill up with" in steps(preparation)[1]
    else:
        assert steps(preparation)[0].startswith("Draw 20 mL of sodium chloride")
    assert preparation.final_ml == 20
    if ferritin == "800":
        assert preparation.product == "SALINE"


def test_release_needs_this_label_and_the_ward_sees_it_at_the_time_fixed_before(trial: None) -> None:
    dose = first_dose()
    preparation = printed(dose)
    wrong = str(Barcode(preparation.kit_code, "SC", preparation.number, preparation.pack_code))
    with pytest.raises(Refused, match="another syringe"):
        release(actor=PHARMACIST, uid=preparation.uid, barcode=wrong)
    fixed = preparation.ready_at
    released = release(actor=PHARMACIST, uid=preparation.uid, barcode=play.label_of(preparation))
    assert released.ready_at == fixed
    play.pass_hatch()
    dose.refresh_from_db()
    assert dose.state == "planned"
    with time_machine.travel(fixed + timedelta(seconds=1), tick=False):
        play.pass_hatch()
    dose.refresh_from_db()
    assert dose.state == "ready"
    assert Packaging.objects.get(dose=dose).use_before == preparation.use_before


def test_void_and_prepare_again_gets_a_new_code_and_the_old_one_is_not_accepted(trial: None) -> None:
    dose = first_dose()
    first = play.prepare_and_release(dose, SITE)
    with pytest.raises(InvalidInput):
        void(actor=PHARMACIST, uid=first.uid, reason="")
    void(actor=PHARMACIST, uid=first.uid, reason="dropped")
    second = play.prepare_and_release(dose, SITE)
    assert second.pack_code != first.pack_code
    with time_machine.travel(second.ready_at + timedelta(minutes=16), tick=False):
        play.pass_hatch()
        assert not Applied.objects.filter(outcome="refused").exists()
        number = dose.course.participant.number
        with on_side(Side.BLINDED):
            values = {"actor": NURSE, "participant_number": number, "at": clock.now()}
            with pytest.raises(Refused, match="void"):
                administer(barcode=play.label_of(first), **values)  # type: ignore[arg-type]
            administration = administer(barcode=play.label_of(second), **values)  # type: ignore[arg-type]
    assert administration.outcome == "given"


def test_void_before_release_sends_nothing_down_and_opens_the_dose_again(trial: None) -> None:
    dose = first_dose()
    preparation = prepare(actor=PHARMACIST, dose_uid=dose.uid)
    with pytest.raises(Refused, match="prepared already"):
        prepare(actor=PHARMACIST, dose_uid=dose.uid)
    before = Applied.objects.count()
    void(actor=PHARMACIST, uid=preparation.uid, reason="wrong diluent")
    with time_machine.travel(clock.now() + 2 * HOUR):
        play.pass_hatch()
    assert Applied.objects.count() == before
    assert prepare(actor=PHARMACIST, dose_uid=dose.uid).pack_code != preparation.pack_code


def test_a_changed_level_stops_the_release(trial: None) -> None:
    dose = first_dose()
    preparation = printed(dose)
    clearance = ClearanceInput(Decimal(20), "measured", clock.now())
    with on_side(Side.BLINDED):
        record_clearance(actor=NURSE, number=dose.course.participant.number, clearance=clearance)
    with pytest.raises(Refused) as refusal:
        release(actor=PHARMACIST, uid=preparation.uid, barcode=play.label_of(preparation))
    assert refusal.value.code == "level"


def test_too_early_and_past_use_before(trial: None) -> None:
    dose = first_dose()
    late = Dose.objects.get(course=dose.course, route="IV", number=6)
    with pytest.raises(Refused) as refusal:
        prepare(actor=PHARMACIST, dose_uid=late.uid)
    assert refusal.value.code == "too_early"
    preparation = printed(dose)
    with time_machine.travel(preparation.use_before, tick=False), pytest.raises(Refused) as refusal:
        release(actor=PHARMACIST, uid=preparation.uid, barcode=play.label_of(preparation))
    assert refusal.value.code == "expired"


@pytest.mark.parametrize(
    ("clearance", "code"),
    [
        (ClearanceInput(Decimal(50), "measured", LONG_AGO, unit="mL/min/1.73 m2"), "wrong_unit"),
        (ClearanceInput(None, "measured", LONG_AGO), "invalid_input"),
        (ClearanceInput(Decimal(50), "renal_replacement", LONG_AGO), "invalid_input"),
        (ClearanceInput(Decimal(0), "measured", LONG_AGO), "invalid_input"),
        (ClearanceInput(Decimal(50), "guessed", LONG_AGO), "invalid_input"),
        (ClearanceInput(Decimal(50), "measured", datetime(2999, 1, 1, tzinfo=UTC)), "invalid_input"),
    ],
)
def test_a_bad_clearance_is_refused(trial: None, clearance: ClearanceInput, code: str) -> None:
    number = play.enrol(Case(SITE)).participant
    with on_side(Side.BLINDED), pytest.raises(InvalidInput) as refusal:
        record_clearance(actor=NURSE, number=number, clearance=clearance)
    assert refusal.value.code == code


def test_the_nurse_is_stopped_for_everything_that_does_not_fit(trial: None) -> None:
    dose, other = first_dose(), first_dose()
    preparation = play.prepare_and_release(dose, SITE)
    number = dose.course.participant.number
    label = play.label_of(preparation)

    def give(**changed: object) -> Administration:
        values = {"actor": NURSE, "participant_number": number, "barcode": label, "at": clock.now(), **changed}
        with on_side(Side.BLINDED):
            return administer(**values)  # type: ignore[arg-type]

    with pytest.raises(Refused, match="not announced"):
        give()
    with time_machine.travel(preparation.ready_at + timedelta(minutes=20), tick=False):
        play.pass_hatch()
        for changed, error in (
            ({"barcode": "junk"}, InvalidInput),
            ({"barcode": label[:-1] + ("2" if label[-1] != "2" else "3")}, InvalidInput),
            ({"participant_number": other.course.participant.number}, Refused),
            ({"actor": cast.at_site(Role.NURSE, "GR02")}, NotFound),
            ({"actor": cast.at_site(Role.COORDINATOR, SITE)}, NotPermitted),
            ({"at": clock.now() + HOUR}, InvalidInput),
            ({"at": preparation.ready_at - HOUR}, InvalidInput),
            ({"volume_ml": Decimal(21)}, InvalidInput),
            ({"volume_ml": Decimal(-1)}, InvalidInput),
        ):
            with pytest.raises(error):
                give(**changed)
        assert not Administration.objects.filter(dose=dose).exists()
        part = give(volume_ml=Decimal(12))
        assert (part.outcome, part.volume_ml) == ("part_given", Decimal(12))
        with pytest.raises(Refused, match="part given"):
            give()
    third = play.prepare_and_release(other, SITE)
    with time_machine.travel(third.planned_at + 3 * HOUR, tick=False):
        play.pass_hatch()
        with pytest.raises(Refused) as refusal:
            give(participant_number=other.course.participant.number, barcode=play.label_of(third))
        assert refusal.value.code == "outside_window"
    with time_machine.travel(third.use_before, tick=False), pytest.raises(Refused) as refusal:
        give(participant_number=other.course.participant.number, barcode=play.label_of(third))
    assert refusal.value.code == "expired"


def test_prints_are_numbered_and_a_reprint_needs_a_reason_and_is_the_same(trial: None) -> None:
    iv = prepare(actor=PHARMACIST, dose_uid=first_dose().uid)
    first = print_labels(PHARMACIST, iv.uid)
    with pytest.raises(InvalidInput):
        print_labels(PHARMACIST, iv.uid)
    assert print_labels(PHARMACIST, iv.uid, reason="smudged") == first
    assert list(Print.objects.filter(pack_code=iv.pack_code, kind="syringe").values_list("copy", flat=True)) == [1, 2]
