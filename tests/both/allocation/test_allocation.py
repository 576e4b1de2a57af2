"""Allocation through both sides: once and for good, in order, with every gate."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest
from django.db import connections
from django.test.utils import CaptureQueriesContext

from immunosep_site.demonstration import cast, play
from immunosep_site.demonstration.fixtures import FIXTURES
from immunosep_site.demonstration.play import Case
from pharmacy.stock.services.state_supply import state_supply
from randomization.accounts.roles import Role
from randomization.audit.models import Event
from randomization.blinded.allocation.models import Allocation, AllocationList
from randomization.blinded.allocation.services.allocate import Allocate, allocate
from randomization.blinded.bedside.models import Course, Dose
from randomization.blinded.bedside.schedule import planned_doses
from randomization.blinded.screening.for_unblinded import participant_by_number
from randomization.blinded.screening.models import Confirmation, Participant
from randomization.blinded.screening.services.confirm_eligibility import ConfirmEligibility
from randomization.blinded.screening.services.record_eligibility import record_eligibility
from randomization.blinded.sites.models import Site
from randomization.blinded.sites.services.register_sites import set_site_open
from randomization.shared import clock
from randomization.shared.errors import NotFound, Refused, SignatureRefused
from randomization.shared.protocol import load_protocol
from randomization.shared.service import Side, on_side
from randomization.signatures.signing import sign
from tests.conftest import tampering
from tests.unblinded.lists.untriggered import untriggered

CASE = Case("GR01")


def eligible(case: Case = CASE) -> str:
    """The number of a participant whose eligibility is signed."""
    number = play.screen(case).number
    play.measure(number, case)
    play.pass_hatch()
    assert play.confirm(number, case.site_code)
    return number


def snapshot() -> list[object]:
    """What a refusal must leave as it was."""
    return [
        *Allocation.objects.values_list(),
        *AllocationList.objects.order_by("uid").values_list(),
        Dose.objects.count(),
        Event.objects.using("blinded").filter(action="participant.allocate").count(),
    ]


@pytest.mark.requirement("R06")
def test_positions_are_used_in_order_and_the_same_patient_gets_the_same_answer(trial: None) -> None:
    numbers = [play.enrol(CASE).participant for _turn in range(4)]
    allocations = Allocation.objects.filter(participant__number__in=numbers).order_by("participant__number")
    assert [allocated.position for allocated in allocations] == [1, 2, 3, 4]
    again = play.randomise(numbers[2], CASE)
    assert not again.created
    assert again.kit_code == allocations[2].kit_code
    assert Allocation.objects.count() == 4


def test_the_course_is_laid_down(trial: None) -> None:
    number = play.enrol(CASE).participant
    doses = Dose.objects.filter(course__participant__number=number)
    assert doses.filter(route="IV").count() == 45
    assert doses.filter(route="SC").count() == 8
    course = Course.objects.get(participant__number=number)
    regimen = load_protocol(FIXTURES / "protocol.toml").regimen
    planned = planned_doses(first_dose_at=course.first_dose_at, regimen=regimen)
    rows = doses.order_by("planned_at", "route", "number").values_list("route", "number", "planned_at", "state")
    assert list(rows) == [(dose.route, dose.number, dose.at, "planned") for dose in planned]
    assert len({dose.uid for dose in doses}) == 53


def _close_site(_number: str) -> None:
    with on_side(Side.BLINDED):
        set_site_open(actor=cast.MANAGER, code="GR01", is_open=False, reason="monitoring visit")


def _no_drill(_number: str) -> None:
    with tampering():
        Site.objects.filter(code="GR01").update(drill_done_at=None)


def _no_supply(_number: str) -> None:
    state_supply(actor=cast.at_site(Role.PHARMACIST, "GR01"), site_code="GR01", may_supply=False)
    play.pass_hatch()


def _answers_changed(number: str) -> None:
    with on_side(Side.BLINDED):
        record_eligibility(
            actor=cast.at_site(Role.COORDINATOR, "GR01"),
            number=number,
            answers=play.answers_for(CASE),
            sex="male",
            year_of_birth=1960,
            neutrophils_per_mm3=9000,
            reason="wrong sex ticked",
        )


def _window_over(number: str) -> None:
    """Exactly 72:00:00 after sepsis; the signature is made to fit, so that only the window is at stake."""
    with tampering():
        participant = Participant.objects.get(number=number)
        participant.sepsis_at = clock.now() - timedelta(hours=72)
        participant.save(update_fields=["sepsis_at"])
    with tampering(), untriggered("blinded"):
        participant = participant_by_number(number)
        digest = ConfirmEligibility(participant).content_hash()
        Confirmation.objects.filter(participant=participant).update(content_hash=digest)


def _no_list(_number: str) -> None:
    with tampering():
        AllocationList.objects.filter(site_id="GR01").update(state="exhausted")


@pytest.mark.requirement("R05", "R06")
@pytest.mark.parametrize(
    ("spoil", "code"),
    [
        (_close_site, "site_closed"),
        (_no_drill, "drill_not_done"),
        (_no_supply, "no_supply"),
        (_answers_changed, "changed"),
        (_window_over, "window_over"),
        (_no_list, "no_list"),
    ],
)
def test_every_gate_refuses_with_its_own_code_and_changes_nothing(
    trial: None, spoil: Callable[[str], None], code: str
) -> None:
    number = eligible()
    spoil(number)
    before = snapshot()
    with pytest.raises(Refused) as refusal:
        play.randomise(number, CASE)
    assert refusal.value.code == code
    assert refusal.value.sentence.endswith((".", "!"))
    assert snapshot() == before


def test_not_signed_no_consent_not_eligible(trial: None) -> None:
    unsigned = play.screen(CASE).number
    with pytest.raises(Refused, match="not signed"):
        play.randomise(unsigned, CASE)
    excluded = replace(CASE, hla_dr="9000")
    number = play.screen(excluded).number
    play.measure(number, excluded)
    play.pass_hatch()
    assert not play.confirm(number, "GR01")
    with pytest.raises(Refused) as refusal:
        play.randomise(number, excluded)
    assert refusal.value.code == "not_eligible"
    with on_side(Side.BLINDED):
        bare = play.register_participant(
            actor=cast.at_site(Role.COORDINATOR, "GR01"), site_code="GR01", sepsis_at=clock.now() - timedelta(hours=1)
        ).number
    with pytest.raises(Refused) as refusal:
        play.randomise(bare, CASE)
    assert refusal.value.code == "no_consent"


@pytest.mark.requirement("R35")
def test_a_signature_is_for_one_record_and_once(trial: None) -> None:
    number, other = eligible(), eligible()
    coordinator = cast.at_site(Role.COORDINATOR, "GR01")
    clearance = play.clearance_of(CASE, clock.now() - timedelta(hours=2))
    with on_side(Side.BLINDED):
        command = Allocate(number, clearance)
        grant = sign(actor=coordinator, secret=cast.PASSWORD, command=command)
        for attempt in (Allocate(other, clearance), Allocate(number, replace(clearance, method="cockcroft_gault"))):
            with pytest.raises(SignatureRefused):
                allocate(actor=coordinator, command=attempt, grant=grant)
        allocate(actor=coordinator, command=command, grant=grant)
        with pytest.raises(SignatureRefused):
            allocate(actor=coordinator, command=Allocate(other, clearance), grant=grant)
        with pytest.raises(SignatureRefused):
            sign(actor=coordinator, secret="wrong", command=command)


@pytest.mark.requirement("R32")
def test_another_sites_participant_is_not_there(trial: None) -> None:
    number = eligible()
    with on_side(Side.BLINDED), pytest.raises(NotFound):
        allocate(actor=cast.at_site(Role.COORDINATOR, "GR02"), command=Allocate(number, None), grant=None)


def test_the_reserve_opens_in_the_transaction_that_takes_the_last_position(trial: None) -> None:
    first = AllocationList.objects.get(site_id="GR02", state="open")
    with tampering():
        AllocationList.objects.filter(uid=first.uid).update(next_position=first.length)
    play.enrol(Case("GR02"))
    first.refresh_from_db()
    assert first.state == "exhausted"
    reserve = AllocationList.objects.get(site_id="GR02", state="open")
    assert reserve.version == first.version + 1
    play.enrol(Case("GR02"))
    assert Allocation.objects.get(list=reserve).position == 1


def test_at_most_fourteen_statements(trial: None) -> None:
    number = eligible()
    coordinator = cast.at_site(Role.COORDINATOR, "GR01")
    clearance = play.clearance_of(CASE, clock.now() - timedelta(hours=2))
    with on_side(Side.BLINDED):
        command = Allocate(number, clearance)
        grant = sign(actor=coordinator, secret=cast.PASSWORD, command=command)
        with CaptureQueriesContext(connections["blinded"]) as captured:
            allocate(actor=coordinator, command=command, grant=grant)
    statements = [
        query["sql"]
        for query in captured.captured_queries
        if "signatures_signature" not in query["sql"] and not query["sql"].startswith(("SAVEPOINT", "RELEASE", "BEGIN"))
    ]
    assert len(statements) <= 14, "\n".join(statement[:100] for statement in statements)
