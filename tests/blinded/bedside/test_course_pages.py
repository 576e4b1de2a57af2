"""The course of treatment through the pages and the API: steering, outcomes, deviations, chart, handover."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from randomization.accounts.roles import Role
from randomization.blinded.bedside.models import Clearance, Course, Dose
from randomization.blinded.bedside.pasted_chart import read_chart
from randomization.blinded.bedside.renal import cockcroft_gault, to_mg_dl
from randomization.blinded.outcomes.models import Handover, Milestone, SofaDay
from randomization.blinded.outcomes.sofa_file import HEAD, read_sofa
from randomization.blinded.screening.models import Deviation, LaterConsent, Participant
from randomization.blinded.screening.services.record_consent import record_consent
from randomization.shared import clock
from randomization.shared.errors import InvalidInput
from tests.blinded.bedside.steps import local
from tests.blinded.world import NUMBER, PASSWORD, at, confirm, randomise, ready, screen, verdict
from tests.permissions import client_of, read

pytestmark = pytest.mark.once

COORDINATOR, INVESTIGATOR, NURSE = (at(role) for role in (Role.COORDINATOR, Role.INVESTIGATOR, Role.NURSE))
ORGANS = HEAD[2:]
P, A = f"/participants/{NUMBER}/", f"/api/v1/participants/{NUMBER}/"


def post(client: Client, address: str, body: dict[str, Any]) -> Any:
    return client.post(address, json.dumps(body), "application/json")


def dose(route: str = "IV", number: int = 1) -> Dose:
    return Dose.objects.select_related("course").get(course__participant__number=NUMBER, route=route, number=number)


@pytest.mark.requirement("R08")
@pytest.mark.parametrize(
    ("age", "weight", "creatinine", "unit", "female", "clearance"),
    [
        (40, "72", "1", "mg/dL", False, "100.0"),
        (40, "72", "88.4", "umol/L", False, "100.0"),
        (40, "72", "1", "mg/dL", True, "85.0"),
        (80, "60", "2.5", "mg/dL", False, "20.0"),
        (18, "20", "30", "mg/dL", False, "1.129"),
        (120, "400", "0.1", "mg/dL", False, "1111.111"),
        (66, "40", "103", "umol/L", True, "29.991"),
        (66, "40", "102.96", "umol/L", True, "30.002"),
    ],
)
def test_cockcroft_gault(age: int, weight: str, creatinine: str, unit: str, female: bool, clearance: str) -> None:
    creatinine_mg_dl = to_mg_dl(Decimal(creatinine), unit)
    computed = cockcroft_gault(
        age_years=age, weight_kg=Decimal(weight), creatinine_mg_dl=creatinine_mg_dl, female=female
    )
    assert computed == Decimal(clearance)


@pytest.mark.parametrize(
    ("age", "weight", "creatinine"),
    [(17, "70", "1"), (121, "70", "1"), (50, "19", "1"), (50, "70", "0"), (50, "70", "31")],
)
def test_what_cannot_be_computed_is_refused(age: int, weight: str, creatinine: str) -> None:
    with pytest.raises(ValueError, match=r"between|from"):
        cockcroft_gault(age_years=age, weight_kg=Decimal(weight), creatinine_mg_dl=Decimal(creatinine), female=False)
    with pytest.raises(ValueError, match="mg/dL or umol/L"):
        to_mg_dl(Decimal(1), "g/L")


def test_a_clearance_is_computed_on_the_form(trial: None) -> None:
    client = client_of(NURSE)
    form = {
        "method": "cockcroft_gault",
        "creatinine": "221",
        "unit": "umol/L",
        "weight_kg": "70",
        "sampled_at": local(-1),
    }
    assert client.post(P + "clearance/", {**form, "weight_kg": ""}).status_code == 422
    assert client.post(P + "clearance/", {**form, "value_ml_min": "30"}).status_code == 422
    assert client.post(P + "clearance/", {**form, "creatinine": "9000"}).status_code == 422
    assert client.post(P + "clearance/", form).status_code == 302
    age = clock.now().year - 1960
    expected = cockcroft_gault(
        age_years=age, weight_kg=Decimal(70), creatinine_mg_dl=Decimal(221) / Decimal("88.4"), female=True
    )
    assert Clearance.objects.order_by("-id")[0].value_ml_min == expected


def test_plan_hold_resume_shift_and_stop_through_the_pages(trial: None) -> None:
    client = client_of(COORDINATOR)
    shown = client.get(P + "doses/").content.decode()
    assert shown.count('<g class="mark planned"') + shown.count('<g class="mark due"') == 53
    assert client.post(P + "plan/", {"at": local(30), "reason": "x"}).status_code == 422
    assert client.post(P + "plan/", {"at": local(0.5), "reason": "the line comes later"}).status_code == 302
    assert client.post(P + "hold/", {"reason": ""}).status_code == 422
    prepared = ready(dose())
    assert client.post(P + "hold/", {"reason": "surgery", **read(client, P + "hold/")}).status_code == 302
    assert b"On hold since" in client.get(P + "doses/").content
    assert (
        post(
            client_of(NURSE),
            f"/api/v1/doses/{dose().uid}/administration/",
            {"participant_number": NUMBER, "barcode": prepared},
        ).json()["code"]
        == "on_hold"
    )
    assert client.post(P + "resume/", {"reason": "back"}).status_code == 302
    assert b"Choose one" not in client.get(P + "shift/").content
    label = ready(dose())
    with time_machine.travel(dose().planned_at + timedelta(minutes=5), tick=False):
        client = client_of(COORDINATOR)
        assert client_of(NURSE).post("/bedside/", {"participant_number": NUMBER, "barcode": label}).status_code == 302
        course = client.get(A + "course/").json()
        assert course["anchored_at"] == course["first_dose_at"]
        page = client.get(P + "shift/").content.decode()
        if course["shifts"]:
            assert page.count('type="radio"') == len(course["shifts"])
            body = {"act": "shift", "at": course["shifts"][0], "reason": "the ward gives at fixed hours"}
            assert post(client, A + "course/", body).status_code == 204
            assert post(client, A + "course/", body).json()["code"] == "shifted"
        form = {"cause": "discharge", "at": local(), "reason": "home", "secret": "wrong"}
        assert client.post(P + "stop/", form).status_code == 422
        assert client.post(P + "stop/", {**form, "secret": PASSWORD}).status_code == 302
        assert client.post(P + "stop/", {**form, "secret": PASSWORD}).status_code == 409
    assert Course.objects.get(participant__number=NUMBER).stop_cause == "discharge"
    assert b"Stopped" in client.get(P + "doses/").content


def test_steering_over_the_api_says_what_is_missing(trial: None) -> None:
    client = client_of(INVESTIGATOR)
    for act in ("plan", "shift", "stop"):
        assert post(client, A + "course/", {"act": act, "reason": "x"}).status_code == 422
    assert post(client, A + "course/", {"act": "plan", "reason": "x", "at": "2026-01-01T10:00"}).json()["errors"]
    assert post(client, A + "course/", {"act": "hold", "reason": "x"}).status_code == 204
    assert post(client, A + "course/", {"act": "resume", "reason": "x"}).status_code == 204
    signature = {"user_name": "investigator.gr01", "secret": PASSWORD}
    body = {"act": "stop", "reason": "x", "at": clock.stamp(clock.now()), "cause": "death", "signature": signature}
    assert post(client, A + "course/", body).status_code == 204


def test_a_missed_dose_and_its_deviation_are_recorded_and_explained(trial: None) -> None:
    with time_machine.travel(dose().planned_at + timedelta(hours=1), tick=False):
        nurse = client_of(NURSE)
        assert nurse.post(f"/doses/{dose().uid}/missed/", {"reason": ""}).status_code == 422
        assert nurse.post(f"/doses/{dose().uid}/missed/", {"reason": "no line"}).status_code == 302
        body = {"missed": True, "reason": "no line"}
        assert post(nurse, f"/api/v1/doses/{dose('SC').uid}/administration/", body).status_code == 201
        deviation = Deviation.objects.get(about="IV 01")
        coordinator = client_of(COORDINATOR)
        assert b"dose missed, IV 01" in coordinator.get("/deviations/").content
        assert nurse.get(f"/deviations/{deviation.pk}/").status_code == 403
        assert client_of(at(Role.COORDINATOR, "GR02")).get(f"/deviations/{deviation.pk}/").status_code == 404
        assert coordinator.post(f"/deviations/{deviation.pk}/", {"explanation": ""}).status_code == 422
        assert (
            coordinator.post(f"/deviations/{deviation.pk}/", {"explanation": "the line was changed"}).status_code == 302
        )
        other = Deviation.objects.get(about="SC 01")
        address = f"/api/v1/deviations/{other.pk}/explanation/"
        assert post(coordinator, address, {"explanation": "as above"}).status_code == 201
        assert coordinator.get("/api/v1/deviations/").json() == []
        assert len(coordinator.get("/api/v1/deviations/?all=1").json()) == 2


def test_a_dose_is_transcribed_and_the_chart_compared(trial: None) -> None:
    label = ready(dose())
    with time_machine.travel(dose().planned_at + timedelta(hours=3), tick=False):
        nurse = client_of(NURSE)
        stopped = nurse.post("/bedside/", {"participant_number": NUMBER, "barcode": label, "at": ""})
        assert b"Outside the window" in stopped.content
        given_at = clock.site_moment(dose().planned_at + timedelta(minutes=10), "Europe/Athens")
        form = {
            "participant_number": NUMBER,
            "barcode": label,
            "given_by": "investigator.gr01",
            "at": f"{given_at:%Y-%m-%dT%H:%M}",
            "reason": "the tablet was empty",
        }
        assert nurse.post("/bedside/transcribe/", {**form, "given_by": "ghost"}).status_code == 422
        assert nurse.post("/bedside/transcribe/", form).status_code == 302
        assert b"transcribed by nurse.gr01" in nurse.get(P + "doses/").content
        chart = {"participant_number": NUMBER, "day": f"{given_at:%Y-%m-%d}"}
        later = f"{given_at + timedelta(minutes=7):%H:%M}"
        for text, say in (
            (f"IV 01 {given_at:%H:%M}", "the same"),
            (f"iv1;{later}", "7 min apart"),
            (f"SC 1 {given_at:%H:%M}\nIV 99 {given_at:%H:%M}", "not recorded: transcribe it"),
        ):
            shown = nurse.post("/bedside/compare/", {**chart, "text": text}).content.decode()
            assert say in shown, (text, shown[-900:])
        for wrong in ("IV seven 14:05", "", "IV 1 25:00", f"IV 1 {later}\nIV 01 {later}"):
            assert nurse.post("/bedside/compare/", {**chart, "text": wrong}).status_code == 422
        assert (
            nurse.post(
                "/bedside/compare/", {**chart, "participant_number": "GR02-001", "text": "IV 1 10:00"}
            ).status_code
            == 404
        )


@pytest.mark.parametrize("hour", ["03:30"])
def test_a_chart_of_the_night_the_clocks_change_is_asked_about(hour: str) -> None:
    for day in (date(2026, 10, 25), date(2026, 3, 29)):
        with pytest.raises(InvalidInput, match=r"happened twice|did not exist"):
            read_chart(f"IV 1 {hour}", day, "Europe/Athens")


@pytest.mark.parametrize("route", ["IV", "iv", "\u0399V", "\uff29\uff36"])
def test_a_route_on_the_chart_is_read_in_its_one_form(route: str) -> None:
    """Small letters, a Greek iota, full width: another word is refused."""
    (line,) = read_chart(f"{route} 07 14:05", date(2026, 3, 2), "Europe/Athens")
    assert (line.route, line.number) == ("IV", 7)
    with pytest.raises(InvalidInput, match="write route, number and time"):
        read_chart("IM 07 14:05", date(2026, 3, 2), "Europe/Athens")


def test_sofa_by_day_correction_and_milestones(trial: None) -> None:
    client, scores = client_of(NURSE), dict.fromkeys(ORGANS, 2)
    assert client.post(P + "sofa/", {"day": "1", **scores, "liver": 5}).status_code == 422
    assert client.post(P + "sofa/", {"day": "1", **scores}).status_code == 302
    assert client.post(P + "sofa/", {"day": "1", **scores}).status_code == 302, "the same again is the same"
    assert client.post(P + "sofa/", {"day": "1", **scores, "renal": 0}).status_code == 422, "why?"
    assert client.post(P + "sofa/", {"day": "1", **scores, "renal": 0, "reason": "misread"}).status_code == 302
    assert [row.total for row in SofaDay.objects.order_by("id")] == [12, 10]
    assert client.get(A + "sofa/").json() == [{"day": 1, **scores, "renal": 0}]
    assert post(client, A + "sofa/", {"day": 16, **scores}).status_code == 422
    ahead = client.post(P + "sofa/", {"day": "9", **scores})
    assert (ahead.status_code, b"has not come yet" in ahead.content) == (422, True)
    assert client.post(P + "milestone/", {"kind": "death", "at": local(1)}).status_code == 422
    assert client.post(P + "milestone/", {"kind": "death", "at": local(-24 * 9)}).status_code == 422, "before sepsis"
    assert client.post(P + "milestone/", {"kind": "discharge", "at": local(-1)}).status_code == 302
    assert post(client, A + "milestones/", {"kind": "discharge", "at": clock.stamp(clock.now())}).status_code == 422
    assert Milestone.objects.count() == 1
    assert b"Discharge" in client.get(P + "sofa/").content
    with time_machine.travel(clock.now() + timedelta(hours=24)):
        assert post(client_of(NURSE), A + "sofa/", {"day": 2, **scores}).status_code == 201


def test_a_death_is_seen_where_doses_are_planned_and_nothing_comes_after_it(trial: None) -> None:
    nurse, doctor = client_of(NURSE), client_of(at(Role.INVESTIGATOR))
    assert nurse.post(P + "milestone/", {"kind": "death", "at": local(-1)}).status_code == 302
    later = nurse.post(P + "milestone/", {"kind": "discharge", "at": local()})
    assert (later.status_code, b"had died before this time" in later.content) == (422, True)
    assert nurse.post(P + "milestone/", {"kind": "discharge", "at": local(-2)}).status_code == 302
    early = nurse.post(P + "milestone/", {"kind": "death", "at": local(-3), "reason": "read again"})
    assert (early.status_code, b"recorded after this time" in early.content) == (422, True)
    page = doctor.get(P).content.decode()
    assert "Death" in page
    assert "the treatment is not stopped yet" in page
    row = next(row for row in doctor.get("/api/v1/board/").json() if row["participant"] == NUMBER)
    assert row["step"] == "Stop the treatment: death is recorded"


@time_machine.travel(datetime.now(UTC) + timedelta(days=14), tick=True)
def test_a_file_of_scores_is_recorded_whole_or_not_at_all(trial: None) -> None:
    client = client_of(COORDINATOR)

    def send(text: str | bytes, **changed: str) -> Any:
        content = text if isinstance(text, bytes) else text.encode()
        file = SimpleUploadedFile("sofa.csv", content, "text/csv")
        return client.post("/sofa/import/", {"file": file, "reason": "from the chart", **changed})

    head = ";".join(HEAD)
    good = "\ufeff" + head + "\n" + "\n".join(f"{NUMBER};{day};1;1;1;1;1;1" for day in range(1, 8))
    dry = send(good, dry_run="on")
    assert b"7 lines, 7 new or changed days: nothing was recorded" in dry.content
    assert not SofaDay.objects.exists()
    for bad in (
        good + f"\n{NUMBER};8;9;1;1;1;1;1",
        good + "\nGR02-001;1;1;1;1;1;1;1",
        good + "\nnobody;1;1;1;1;1;1;1",
        good.replace("liver", "leber"),
        good + f"\n{NUMBER};x;1;1;1;1;1;1",
        b"\xff\xfe\x00",
    ):
        assert send(bad).status_code in {404, 422}
        assert not SofaDay.objects.exists()
    assert b"recorded" in send(good).content
    assert SofaDay.objects.count() == 7
    assert b"0 new or changed" in send(good).content
    with pytest.raises(InvalidInput, match="columns"):
        read_sofa("")


def test_the_duty_is_handed_over_signed(trial: None) -> None:
    client = client_of(NURSE)
    assert NUMBER.encode() in client.get("/bedside/handover/").content
    form = {"to": "investigator.gr01", "note": "", "secret": PASSWORD}
    assert client.post("/bedside/handover/", {**form, "to": "ghost"}).status_code == 422
    assert client.post("/bedside/handover/", {**form, "to": "nurse.gr02"}).status_code == 422
    assert client.post("/bedside/handover/", form).status_code == 302
    handover = Handover.objects.get()
    assert (handover.signed_by, handover.to) == ("nurse.gr01", "investigator.gr01")
    assert json.loads(handover.shown)[0]["participant"] == NUMBER
    assert b"nurse.gr01 to investigator.gr01" in client.get("/bedside/handover/").content


def test_withdrawal_through_the_page_closes_the_file(trial: None) -> None:
    number, client = screen(), client_of(COORDINATOR)
    page = f"/participants/{number}/withdraw/"
    form = {"scope": "data", "at": local(), "reason": "the family asked", "secret": PASSWORD}
    assert client.post(page, {**form, "at": local(2)}).status_code == 422
    assert client.post(page, form).status_code == 302
    assert Participant.objects.get(number=number).state == "withdrawn"
    assert client.post(f"/participants/{number}/sample/", {"drawn_at": local(-1), "covid19": "no"}).status_code == 409
    signature = {"user_name": "coordinator.gr01", "secret": PASSWORD}
    body = {"scope": "data", "at": clock.stamp(clock.now()), "reason": "x", "signature": signature}
    assert post(client, A + "withdrawals/", body).status_code == 201
    assert post(client, A + "sofa/", {"day": 1, **dict.fromkeys(ORGANS, 0)}).json()["code"] == "withdrawn"
    other = screen()
    verdict(other)
    confirm(other)
    assert len(randomise(other)) == 8


def test_what_the_patient_says_after_next_of_kin_consented(trial: None) -> None:
    number, client = screen(), client_of(COORDINATOR)
    address = f"/participants/{number}/later-consent/"
    form = {"answer": "given", "form_version": "1.0", "answered_at": local(), "note": ""}
    assert client.post(address, form).status_code == 409, "the patient consented at the start"
    given_at = clock.now() - timedelta(hours=5)
    record_consent(
        actor=COORDINATOR,
        number=number,
        given_by="next_of_kin",
        relation="daughter",
        form_version="1.0",
        given_at=given_at,
        reason="it was the daughter",
    )
    assert client.post(address, {**form, "answer": "not possible"}).status_code == 422, "why?"
    assert client.post(address, {**form, "answered_at": local(-6)}).status_code == 422
    assert client.post(address, {**form, "answer": "refused"}).status_code == 302
    assert LaterConsent.objects.get().answer == "refused"
    body = {"answer": "given", "form_version": "1.0", "answered_at": clock.stamp(clock.now())}
    assert post(client, f"/api/v1/participants/{number}/later-consent/", body).status_code == 201


def test_a_syringe_whose_code_cannot_be_scanned_is_typed_by_its_packaging_code(trial: None) -> None:
    dose = Dose.objects.filter(course__participant__number=NUMBER, state="planned", route="IV").order_by("number")[0]
    pack_code = ready(dose).rsplit(".", 1)[1]
    typed = f"{pack_code[:4]}-{pack_code[4:]}".lower()
    form_data = {"participant_number": NUMBER, "barcode": typed, "at": "", "volume_ml": ""}
    with time_machine.travel(dose.planned_at, tick=True):
        nurse = client_of(at(Role.NURSE))
        other = nurse.post("/bedside/", {**form_data, "participant_number": "GR01-999"})
        assert b"No syringe announced as ready for this patient" in other.content
        assert typed.encode() in other.content, "what was typed stands in the form still"
        assert nurse.post("/bedside/", form_data).status_code == 302
    dose.refresh_from_db()
    assert dose.state == "given"
