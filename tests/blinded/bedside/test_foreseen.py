"""On the ward: what an act makes void of the syringes that are ready is said before, accepted, and told afterwards."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
import time_machine
from django.test import Client

from randomization.accounts.roles import Role
from randomization.blinded.bedside.models import Administration, Clearance, Course, Dose, Packaging
from randomization.blinded.screening.models import Transfer, Withdrawal
from randomization.hatch import messages
from randomization.notices.models import Entry
from randomization.shared import clock
from tests.blinded.bedside.steps import local
from tests.blinded.world import NUMBER, PASSWORD, at, ready, send
from tests.permissions import client_of, read

pytestmark = pytest.mark.once

COORDINATOR, INVESTIGATOR, NURSE = (at(role) for role in (Role.COORDINATOR, Role.INVESTIGATOR, Role.NURSE))
P, A = f"/participants/{NUMBER}/", f"/api/v1/participants/{NUMBER}/"
SIGNATURE = {"user_name": "investigator.gr01", "secret": PASSWORD}
Body = Callable[[], dict[str, Any]]


def dose(route: str = "IV", number: int = 1) -> Dose:
    return Dose.objects.select_related("course__participant").get(
        course__participant__number=NUMBER, route=route, number=number
    )


def stamp(**ago: float) -> str:
    return clock.stamp(clock.now() - timedelta(**ago))


def post(client: Client, address: str, body: dict[str, Any]) -> Any:
    return client.post(address, json.dumps(body), "application/json")


def told() -> list[tuple[str, str, str]]:
    """To whom it was told that syringes became void."""
    rows = Entry.objects.filter(kind="dose_voided").order_by("id")
    return [(row.site_code, row.roles, json.loads(row.payload)["participant"]) for row in rows]


def open_packagings() -> int:
    return Packaging.objects.filter(voided_at=None).count()


def nothing_done() -> bool:
    """No act left anything: neither a course that changed nor a record."""
    course = Course.objects.get(participant__number=NUMBER)
    changed = course.held_at or course.stopped_at or course.anchored_at or course.shift_minutes
    records = (Transfer, Withdrawal, Administration)
    return not changed and Clearance.objects.count() == 1 and not any(kind.objects.exists() for kind in records)


ACTS: dict[str, tuple[str, Body]] = {
    "hold": (A + "course/", lambda: {"act": "hold", "reason": "surgery"}),
    "stop": (
        A + "course/",
        lambda: {"act": "stop", "cause": "death", "at": stamp(), "reason": "x", "signature": SIGNATURE},
    ),
    "plan": (A + "course/", lambda: {"act": "plan", "at": stamp(hours=-20), "reason": "in theatre"}),
    "clearance": (
        A + "creatinine-clearances/",
        lambda: {"value_ml_min": "20", "method": "measured", "sampled_at": stamp(minutes=5)},
    ),
    "withdrawal": (
        A + "withdrawals/",
        lambda: {"scope": "treatment", "at": stamp(), "reason": "x", "signature": SIGNATURE},
    ),
    "transfer": (A + "transfers/", lambda: {"to_site": "GR02", "reason": "nearer home", "signature": SIGNATURE}),
}
FORMS: dict[str, tuple[str, bool, Body]] = {
    "hold": (P + "hold/", True, lambda: {"reason": "surgery"}),
    "stop": (P + "stop/", True, lambda: {"cause": "death", "at": local(), "reason": "x", "secret": PASSWORD}),
    "transfer": (P + "transfer/", True, lambda: {"to_site": "GR02", "reason": "nearer home", "secret": PASSWORD}),
    "plan": (P + "plan/", False, lambda: {"at": local(20), "reason": "in theatre"}),
    "clearance": (
        P + "clearance/",
        False,
        lambda: {"method": "measured", "value_ml_min": "20", "sampled_at": local(-0.1)},
    ),
    "withdrawal": (
        P + "withdraw/",
        False,
        lambda: {"scope": "treatment", "at": local(), "reason": "x", "secret": PASSWORD},
    ),
}


@pytest.mark.parametrize("act", ACTS)
def test_over_the_api_an_act_is_done_when_its_voids_are_accepted(trial: None, act: str) -> None:
    ready(dose())
    ready(dose("SC"))
    address, body = ACTS[act]
    client = client_of(INVESTIGATOR)
    refused = post(client, address, body())
    problem = refused.json()
    assert (refused.status_code, problem["code"], problem["accept_voids"]) == (409, "voids_not_accepted", 2)
    assert refused["Content-Type"] == "application/problem+json"
    assert [(void["site_code"], void["route"], void["number"]) for void in problem["voids"]] == [
        ("GR01", "IV", 1),
        ("GR01", "SC", 1),
    ]
    assert "1 IV syringe that is ready for this patient becomes void" in problem["detail"]
    assert (open_packagings(), nothing_done(), told()) == (2, True, [])
    ready(dose("IV", 2))
    changed = post(client, address, {**body(), "accept_voids": 2})
    assert (changed.status_code, changed.json()["accept_voids"]) == (409, 3), "the number has changed: it asks again"
    assert nothing_done()
    done = post(client, address, {**body(), "accept_voids": 3})
    assert done.status_code in {201, 204}, done.content
    assert open_packagings() == 0
    assert told() == [("GR01", "nurse,coordinator", NUMBER)], "once, to the ward that has them"


@pytest.mark.parametrize("act", FORMS)
def test_a_page_says_what_becomes_void_before_it_is_done(trial: None, act: str) -> None:
    ready(dose())
    address, known, form = FORMS[act]
    client = client_of(INVESTIGATOR)
    said = "1 IV syringe that is ready for this patient becomes void; its dose is planned for"
    empty = client.get(address).content.decode()
    assert (said in empty) is known, "on the empty form where nothing that is typed changes it"
    asked = client.post(address, form())
    assert (asked.status_code, said in asked.content.decode()) == (200, True)
    assert "Nothing is recorded yet" in asked.content.decode()
    assert "has prepared and not announced yet" in asked.content.decode()
    assert nothing_done()
    carried = read_in(asked.content.decode())
    ready(dose("SC"))
    again = client.post(address, {**form(), **carried}).content.decode()
    assert "1 SC syringe that is ready" in again, "what was read has changed: it asks again"
    assert nothing_done()
    done = client.post(address, {**form(), **read_in(again)})
    assert (done.status_code, open_packagings()) == (302, 0)
    assert told() == [("GR01", "nurse,coordinator", NUMBER)]


def read_in(page: str) -> dict[str, str]:
    """As `read`, of a page at hand."""
    return {"foreseen": page.split('name="foreseen" value="')[1][:64]}


@pytest.mark.parametrize("act", ["hold", "stop"])
def test_an_emergency_is_one_form(trial: None, act: str) -> None:
    """What becomes void stands on the empty form: who reads it there is asked nothing more, nor after a slip."""
    ready(dose())
    address, _known, form = FORMS[act]
    client = client_of(INVESTIGATOR)
    carried = read(client, address)
    wrong = {**form(), "reason": ""}
    slip = client.post(address, {**wrong, **carried})
    assert (slip.status_code, read_in(slip.content.decode())) == (422, carried)
    assert client.post(address, {**form(), **carried}).status_code == 302
    assert open_packagings() == 0


@pytest.mark.parametrize("act", ["plan", "clearance", "withdrawal"])
def test_what_was_read_outlasts_a_slip(trial: None, act: str) -> None:
    ready(dose())
    address, _known, form = FORMS[act]
    client = client_of(INVESTIGATOR)
    carried = read_in(client.post(address, form()).content.decode())
    slip = client.post(address, {**dict.fromkeys(form(), ""), **carried})
    assert (slip.status_code, read_in(slip.content.decode())) == (422, carried)
    assert client.post(address, {**form(), **carried}).status_code == 302


@pytest.mark.parametrize("act", FORMS)
def test_where_nothing_is_ready_nobody_is_asked(trial: None, act: str) -> None:
    address, known, form = FORMS[act]
    client = client_of(INVESTIGATOR)
    assert ("No syringe is ready for this patient now" in client.get(address).content.decode()) is known
    assert client.post(address, form()).status_code == 302
    assert told() == []


def test_a_withdrawal_from_follow_up_voids_nothing_and_asks_nothing(trial: None) -> None:
    ready(dose())
    body = {"scope": "follow-up", "at": stamp(), "reason": "x", "signature": SIGNATURE}
    assert post(client_of(INVESTIGATOR), A + "withdrawals/", body).status_code == 201
    assert open_packagings() == 1


def test_a_clearance_that_leaves_the_level_voids_nothing_and_asks_nothing(trial: None) -> None:
    ready(dose())
    body = {"value_ml_min": "70", "method": "measured", "sampled_at": stamp(minutes=5)}
    assert post(client_of(NURSE), A + "creatinine-clearances/", body).status_code == 201
    assert open_packagings() == 1


def test_a_missed_dose_takes_its_syringe_along(trial: None) -> None:
    due = dose()
    with time_machine.travel(due.planned_at + timedelta(minutes=30), tick=False):
        ready(due)
        ready(dose("SC"))
        nurse, page = client_of(NURSE), f"/doses/{due.uid}/missed/"
        empty = nurse.get(page).content.decode()
        assert "1 IV syringe that is ready" in empty
        assert "1 SC syringe" not in empty, "that of another dose stays"
        asked = nurse.post(page, {"reason": "no line"})
        assert (asked.status_code, nothing_done()) == (200, True)
        body = {"missed": True, "reason": "no line"}
        address = f"/api/v1/doses/{due.uid}/administration/"
        refused = post(nurse, address, body)
        assert (refused.status_code, refused.json()["accept_voids"]) == (409, 1)
        assert nurse.post(page, {"reason": "no line", **read(nurse, page)}).status_code == 302
        other = post(nurse, f"/api/v1/doses/{dose('SC').uid}/administration/", {**body, "accept_voids": 1})
        assert other.status_code == 201
    assert (open_packagings(), len(told())) == (0, 2)


def test_a_shift_asks_about_what_no_longer_fits(trial: None) -> None:
    """IV 2 is ready with a use-before time that the shift leaves behind."""
    label = ready(dose())
    with time_machine.travel(clock.now().replace(hour=9, minute=0) + timedelta(days=1), tick=False):
        planned = {"act": "plan", "at": stamp(minutes=-1), "reason": "x", "accept_voids": 1}
        assert post(client_of(INVESTIGATOR), A + "course/", planned).status_code == 204
        label = ready(dose())
        scan = {"participant_number": NUMBER, "barcode": label}
        assert client_of(NURSE).post("/bedside/", scan).status_code == 302
        ready(dose("IV", 2), use_before=dose("IV", 2).planned_at + timedelta(minutes=5))
        client = client_of(INVESTIGATOR)
        to = client.get(A + "course/").json()["shifts"][0]
        form = {"to": clock.stamp(datetime.fromisoformat(to)), "reason": "the ward's hours"}
        asked = client.post(P + "shift/", form).content.decode()
        assert "1 IV syringe that is ready for this patient becomes void" in asked
        body = {"act": "shift", "at": to, "reason": "the ward's hours"}
        assert post(client, A + "course/", body).json()["accept_voids"] == 1
        assert client.post(P + "shift/", {**form, **read_in(asked)}).status_code == 302
    assert open_packagings() == 1, "that of the dose that was given"


def test_a_dose_that_is_in_the_patient_is_recorded_whatever_follows(trial: None) -> None:
    """The first dose moves the timetable: nobody is stopped at the bedside, and the ward is told what is void."""
    with time_machine.travel(dose().planned_at + timedelta(hours=3), tick=False):
        label = ready(dose())
        ready(dose("IV", 2), use_before=dose("IV", 2).planned_at + timedelta(minutes=5))
        chart_entry = {
            "participant_number": NUMBER,
            "barcode": label,
            "given_by": "investigator.gr01",
            "at": local(),
            "reason": "the tablet was empty",
        }
        assert client_of(NURSE).post("/bedside/transcribe/", chart_entry).status_code == 302
    assert Packaging.objects.exclude(voided_at=None).get().dose == dose("IV", 2)
    assert told() == [("GR01", "nurse,coordinator", NUMBER)]


@pytest.mark.requirement("R20")
def test_what_the_pharmacy_voids_is_told_to_the_ward_of_case_and_siblings_alike(trial: None) -> None:
    """Two doses by one cause: a notice for each, in the same words, and never why."""
    doses = [dose(), dose("SC")]
    codes: list[tuple[UUID, str]] = [(due_dose.uid, ready(due_dose).split(".")[-1]) for due_dose in doses]
    for uid, pack_code in codes:
        send(messages.DoseVoided(dose_uid=uid, pack_code=pack_code))
    assert told() == [("GR01", "nurse,coordinator", NUMBER)] * 2
    for row in Entry.objects.filter(kind="dose_voided"):
        assert json.loads(row.payload) == {"participant": NUMBER}
