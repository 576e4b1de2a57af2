"""The board, the countdown, cautions at randomising, and a form that keeps what is typed."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from randomization.accounts.roles import Role
from randomization.audit.models import Event, FreeText
from randomization.blinded.bedside.models import Clearance, Dose
from randomization.blinded.participants.board import board
from randomization.blinded.screening.countdown import countdown, legs_of
from randomization.blinded.screening.models import Draft, Participant
from randomization.blinded.screening.services.register_participant import register_participant
from randomization.blinded.sites.models import Duty
from randomization.shared import clock
from randomization.shared.protocol import Logistics
from tests.blinded.participants.steps import body
from tests.blinded.world import MANAGER, NUMBER, at, confirm, randomise, ready, screen, verdict
from tests.conftest import tampering
from tests.permissions import client_of

pytestmark = pytest.mark.once

COORDINATOR = at(Role.COORDINATOR)
HOUR = timedelta(hours=1)
USUAL = Logistics(6 * HOUR, 4 * HOUR, HOUR, 1.5 * HOUR)
NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("shipped", "received", "there", "signed", "spare"),
    [
        (None, None, False, False, 24 - 12),  # courier 6, laboratory 4, signature 1, preparation 1
        (2, None, False, False, 24 - 10),  # on its way for two hours
        (9, None, False, False, 24 - 6),  # late already: it cannot take less than nothing
        (9, 1, False, False, 24 - 5),
        (9, 9, True, False, 24 - 2),
        (9, 9, True, True, 24 - 1),
    ],
)
def test_the_time_to_spare_is_counted_from_where_the_sample_is(
    shipped: int | None, received: int | None, there: bool, signed: bool, spare: int
) -> None:
    legs = legs_of(
        logistics=USUAL,
        preparation=HOUR,
        shipped_at=NOON - shipped * HOUR if shipped else None,
        received_at=NOON - received * HOUR if received else None,
        verdict_there=there,
        signed=signed,
    )
    timeline = countdown(legs, NOON + 24 * HOUR, NOON)
    assert timeline.spare == spare * HOUR
    until = [step.until for step in timeline.steps]
    assert until == [NOON + (24 - hours) * HOUR for hours in (12, 6, 2, 1, 1, 0)]
    assert not any(step.late for step in timeline.steps)


def test_a_step_that_is_too_late_says_so() -> None:
    legs = legs_of(
        logistics=USUAL, preparation=HOUR, shipped_at=None, received_at=None, verdict_there=False, signed=False
    )
    timeline = countdown(legs, NOON + 7 * HOUR, NOON)
    assert timeline.spare == -5 * HOUR
    assert [step.words for step in timeline.steps if step.late] == ["Sample shipped"]


def step_of(number: str) -> tuple[str, str, str]:
    step = next(row.step for row in board(COORDINATOR) if row.participant.number == number)
    return step.words, step.page, step.waits_for


def test_each_participants_next_step(trial: None) -> None:
    now = clock.now()
    new = register_participant(actor=COORDINATOR, site_code="GR01", sepsis_at=now - 30 * HOUR).number
    assert step_of(new) == ("Record consent", "consent", "coordinator")
    number = screen()
    assert step_of(number) == ("The sample is on its way: the laboratory records its arrival", "", "laboratory")
    verdict(number)
    assert step_of(number) == ("Sign the eligibility", "confirm", "investigator")
    confirm(number)
    assert step_of(number) == ("Randomise", "randomise", "coordinator")
    randomise(number)
    assert step_of(number) == ("IV 01", "", "pharmacy")
    ready(Dose.objects.get(course__participant__number=number, route="IV", number=1))
    assert step_of(number) == ("IV 01", "doses", "nurse")
    with time_machine.travel(now + 3 * HOUR):
        assert step_of(number) == ("Give or record IV 01", "doses", "nurse")
        page = client_of(COORDINATOR).get("/participants/").content.decode()
        nurse = client_of(at(Role.NURSE)).get("/participants/").content.decode()
    assert "On duty now" in page
    assert f'href="/participants/{number}/doses/"' in nurse
    assert f'href="/participants/{number}/doses/"' not in page, "who may not give a dose is told who does"
    with time_machine.travel(now + 50 * HOUR):
        assert step_of(new) == ("The window is over: sign that", "confirm", "investigator")


def test_the_board_is_ordered_by_what_is_due_and_costs_the_same_for_many(trial: None) -> None:
    def statements() -> int:
        with CaptureQueriesContext(
            connection,
        ) as queries:
            rows = list(board(COORDINATOR))
        assert [row.due_at for row in rows] == sorted(row.due_at for row in rows)
        return len(queries)

    screen()
    before = statements()
    for number in [screen() for _turn in range(4)][:2]:
        verdict(number)
        confirm(number)
        randomise(number)
    assert statements() == before <= 6
    assert len(list(board(COORDINATOR, state="all"))) == Participant.objects.filter(site_id="GR01").count()
    answer = client_of(COORDINATOR).get("/api/v1/board/")
    assert answer.json()[0]["waits_for"]
    assert client_of(MANAGER).get("/participants/?state=allocated").status_code == 200


def eligible() -> str:
    number = screen()
    verdict(number)
    confirm(number)
    return number


def test_under_ninety_minutes_a_reason_is_asked_and_nothing_forbidden(trial: None) -> None:
    number = eligible()
    client = client_of(COORDINATOR)
    assert "all the same" not in client.get(f"/participants/{number}/randomise/").content.decode()
    with time_machine.travel(Participant.objects.get(number=number).sepsis_at + timedelta(hours=70, minutes=45)):
        client = client_of(COORDINATOR)
        page = client.get(f"/participants/{number}/randomise/").content.decode()
        assert "Less than 90 minutes" in page
        assert "Why do you randomise all the same?" in page
        refused = client.post(f"/participants/{number}/randomise/", body(number))
        assert refused.status_code == 422
        assert "Say why" in refused.content.decode()
        assert (
            client.post(f"/participants/{number}/randomise/", body(number, caution_reason="bed 4")).status_code == 302
        )
    event = Event.objects.get(action="participant.allocate", subject=number)
    assert "Less than 90 minutes" in event.data
    assert FreeText.objects.filter(key="caution_reason", text="bed 4").exists()


def test_a_computed_clearance_is_shown_before_it_is_signed(trial: None) -> None:
    number, client = eligible(), client_of(COORDINATOR)
    address = f"/participants/{number}/randomise/"
    typed = body(number, method="cockcroft_gault", value_ml_min="", creatinine="1,2", unit="mg/dL", weight_kg="70")
    assert client.post(address, {**typed, "weight_kg": ""}).status_code == 422
    assert client.post(address, {**typed, "method": "measured"}).status_code == 422
    shown = client.post(address, typed)
    assert (shown.status_code, b"Read the value, and sign" in shown.content) == (422, True)
    assert not Event.objects.filter(action="participant.allocate", subject=number).exists()
    computed = re.search(r'name="value_ml_min" value="([\d.]+)"', shown.content.decode())
    assert computed is not None
    sign = {**typed, "value_ml_min": computed[1]}
    assert client.post(address, {**sign, "creatinine": "1,3"}).status_code == 422, "another creatinine gives another"
    assert client.post(address, sign).status_code == 302
    kept = Clearance.objects.get(participant__number=number)
    assert (str(kept.value_ml_min), kept.method) == (computed[1], "cockcroft_gault")
    assert (kept.creatinine, kept.creatinine_unit, kept.weight_kg) == (Decimal("1.2"), "mg/dL", Decimal(70))


def test_with_nobody_on_duty_a_reason_is_asked(trial: None) -> None:
    number = eligible()
    with tampering():
        Duty.objects.filter(site_id="GR01").delete()
    client = client_of(COORDINATOR)
    assert "Nobody is on duty" in client.get("/participants/").content.decode()
    refused = client.post(f"/participants/{number}/randomise/", body(number))
    assert "Nobody is on duty" in refused.content.decode()
    assert Participant.objects.get(number=number).state == "eligible"
    assert client.post(f"/participants/{number}/randomise/", body(number, caution_reason="called")).status_code == 302
    page = client.get(f"/participants/{number}/").content.decode()
    assert "Barcode of kit" in page
    assert 'class="spelled"' in page


def test_what_is_typed_survives_a_time_out(trial: None) -> None:
    number = screen()
    client, address = client_of(COORDINATOR), f"/participants/{number}/eligibility/"
    based_on = str(Participant.objects.get(number=number).assessment_id)
    typed = {"sex": "male", "year_of_birth": "2015", "adult": "no", "neutrophils_per_mm3": "100", "based_on": based_on}
    said = client.post(address + "draft/", typed).content.decode()
    assert said.count("Bars entry") == 3
    assert client.post(address + "draft/", typed).status_code == 200
    assert Event.objects.filter(action="eligibility.draft", subject=number).count() == 1
    gone = Client().post(
        address + "draft/", typed, HTTP_HX_REQUEST="true", HTTP_HX_CURRENT_URL=f"http://testserver{address}"
    )
    assert gone.headers["HX-Redirect"] == f"/log-in/?next={address}"
    again = client_of(at(Role.INVESTIGATOR)).get(address).content.decode()
    assert 'value="2015"' in again
    assert "Bars entry" in again
    recorded = {**typed, "year_of_birth": "1960", "reason": "misread"}
    assert client.post(address, recorded).status_code == 302
    assert not Draft.objects.exists()
    assert client.post(f"/participants/{NUMBER}/eligibility/draft/", typed).status_code == 409


def test_the_board_lets_go_of_a_window_that_is_over(trial: None) -> None:
    number = screen()
    verdict(number)
    confirm(number)
    sepsis = Participant.objects.get(number=number).sepsis_at
    with time_machine.travel(sepsis + 73 * HOUR):
        (step,) = [row.step for row in board(COORDINATOR) if row.participant.number == number]
        assert step.words == "The window is over: was an envelope opened?"
    with time_machine.travel(sepsis + 85 * HOUR):
        assert number not in {row.participant.number for row in board(COORDINATOR)}
