"""The trial manager's desk: one screen, recruitment against plan, the flow, alerts, self-check, people, access."""

from __future__ import annotations

import csv
import io
import json
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from randomization.accounts.models import Account, Membership
from randomization.accounts.roles import Role
from randomization.audit.models import Event
from randomization.blinded.desk import recruitment
from randomization.blinded.desk.alert_conditions import Concern, concerns
from randomization.blinded.desk.figures import cumulative_chart, step_of
from randomization.blinded.desk.flow import flow, parts, shown
from randomization.blinded.desk.models import AccessReview, Alert, AlertKind
from randomization.blinded.desk.people_file import read_people
from randomization.blinded.desk.recruitment import progress
from randomization.blinded.desk.services.keep_alerts import watch_over
from randomization.blinded.screening.models import Participant, Sample
from randomization.blinded.screening.same_person import identity_of
from randomization.blinded.screening.services.answer_identity import answer_identity
from randomization.blinded.screening.services.record_sample import draw_sample
from randomization.blinded.sites.models import SelfCheck, Site
from randomization.shared import clock
from randomization.shared.actor import SYSTEM
from randomization.shared.errors import InvalidInput
from randomization.shared.protocol import Recruitment
from tests.blinded.desk.steps import people_file, upload
from tests.blinded.world import MANAGER, PASSWORD, at, confirm, randomise, screen, verdict
from tests.conftest import tampering
from tests.permissions import client_of

pytestmark = pytest.mark.once

HOUR = timedelta(hours=1)
COORDINATOR = at(Role.COORDINATOR)


def enrol(site_code: str = "GR01") -> str:
    number = screen(site_code)
    verdict(number)
    confirm(number)
    randomise(number)
    return number


def not_eligible(**answers: bool) -> str:
    number = screen("GR01", **answers)
    verdict(number)
    confirm(number)
    return number


def test_a_site_is_expected_to_enrol_its_share_from_the_day_it_opened(trial: None) -> None:
    with tampering():
        Site.objects.filter(code="GR01").update(opened_at=datetime(2021, 8, 5, tzinfo=UTC))
        Site.objects.filter(code="GR02").update(opened_at=datetime(2022, 8, 5, tzinfo=UTC))
    with time_machine.travel(datetime(2022, 12, 20, tzinfo=UTC), tick=False):
        enrolment = progress()
    assert enrolment.plan == Recruitment(280, date(2021, 8, 5), 33)
    first_site, two = enrolment.sites
    assert first_site.expected == pytest.approx(280 / 33 / 2 * 16.49, rel=0.01)
    assert two.expected == pytest.approx(280 / 2 * 4.5 / 21, rel=0.01)
    assert enrolment.expected == pytest.approx(280 * 16.49 / 33, rel=0.01)
    assert [country.code for country in enrolment.countries] == ["GR"]
    assert enrolment.months[0].month == date(2021, 8, 1)
    assert [row.planned for row in enrolment.months] == sorted(row.planned for row in enrolment.months)
    assert recruitment.next_month(date(2021, 12, 1)) == date(2022, 1, 1)


def test_the_chart_reaches_its_highest_value() -> None:
    assert [step_of(value) for value in (1, 5, 6, 30, 280)] == [1, 1, 2, 10, 100]
    chart = cumulative_chart(["2021-08", "2021-09", "2021-10"], [0, 4], [3.0, 6.0, 280.0])
    assert len(chart.actual.split()) == 2
    assert len(chart.planned.split()) == 3
    assert [tick.words for tick in chart.up] == ["0", "100", "200", "300"]
    heights = [float(point.split(",")[1]) for point in chart.planned.split()]
    assert heights == sorted(heights, reverse=True)


def test_small_groups_are_not_told() -> None:
    assert [shown(count) for count in (0, 1, 4, 5)] == ["0", "<5", "<5", "5"]
    groups = parts([("rare", 1), ("frequent", 9), ("also rare", 4), ("some", 5)])
    assert [(part.words, part.count) for part in groups] == [
        ("frequent", "9"),
        ("some", "5"),
        ("also rare", "<5"),
        ("rare", "<5"),
    ]


def test_the_flow_counts_everybody_once(trial: None) -> None:
    before = flow()
    for _turn in range(5):
        not_eligible(malignancy=True)
    not_eligible(adult=False)
    enrol()
    counts = flow()
    assert counts.not_eligible == before.not_eligible + 6
    assert counts.randomised == before.randomised + 1
    total = counts.in_screening + counts.withdrew_before + counts.not_eligible + counts.randomised
    assert counts.screened == total
    assert counts.randomised == counts.on_treatment + counts.stopped + counts.completed
    reasons = {part.words: part.count for part in counts.reasons}
    assert reasons["Stage IV malignancy"] == "5"
    assert reasons["Under 18"] == "<5"
    assert counts.hours is None
    rows = list(csv.reader(io.StringIO(client_of(MANAGER).get("/overview/flow.csv").content.decode())))
    assert ["not eligible: Stage IV malignancy", "5"] in rows
    page = client_of(MANAGER).get("/overview/flow/").content.decode()
    assert f"Randomised: {counts.randomised}" in page
    assert "CONSORT flow" in page


def test_one_screen_answers_the_mornings_questions(trial: None) -> None:
    waiting = screen("GR02")
    enrol("GR01")
    with tampering():
        Site.objects.update(opened_at=clock.now() - timedelta(days=200))
        Site.objects.filter(code="GR02").update(may_supply=False)
    watch_over(actor=SYSTEM, concerns=[Concern(AlertKind.DOSE_LATE, "GR01", "GR01-001", "IV 03")])
    client = client_of(MANAGER)
    with CaptureQueriesContext(connection) as queries:
        page = client.get("/overview/").content.decode()
    assert len(queries) <= 15, [query["sql"][:90] for query in queries]
    for words in ("dose late", "behind", waiting, "cannot supply", "Waits for laboratory"):
        assert words in page, words
    rows = list(csv.DictReader(io.StringIO(client.get("/overview/recruitment.csv").content.decode())))
    assert {row["value"] for row in rows if row["by"] == "site"} == {"GR01", "GR02"}
    assert "polyline" in client.get("/overview/recruitment/").content.decode()
    api = client.get("/api/v1/recruitment/").json()
    assert {site["code"] for site in api["sites"]} == {"GR01", "GR02"}
    assert {"what": "randomised", "participants": str(flow().randomised)} in client.get("/api/v1/flow/").json()


def test_pages_of_the_desk_cost_few_statements(trial: None) -> None:
    client = client_of(MANAGER)
    for address in (
        "/overview/",
        "/overview/recruitment/",
        "/overview/flow/",
        "/alerts/",
        "/people/review/",
        "/participants/",
        "/sites/",
        "/sites/GR01/",
        "/deviations/",
    ):
        with CaptureQueriesContext(connection) as queries:
            assert client.get(address).status_code == 200
        assert len(queries) <= 15, (address, len(queries))


def test_an_alert_is_taken_by_somebody_and_stays_until_its_cause_is_gone(trial: None) -> None:
    concern = Concern(AlertKind.NO_SUPPLY, "GR01", "", "")
    watch_over(actor=SYSTEM, concerns=[concern])
    alert = Alert.objects.get(over_at=None)
    client, address = client_of(MANAGER), f"/alerts/{alert.pk}/"
    assert "pharmacy cannot supply" in client.get("/alerts/").content.decode()
    assert client.get(address).status_code == 200
    assert client.post(address, {"note": "called"}).status_code == 302
    alert.refresh_from_db()
    assert alert.acknowledged_by == "manager"
    assert "manager" in client.get("/alerts/").content.decode()
    again = client.post(f"/api/v1/alerts/{alert.pk}/acknowledgement/", {}, content_type="application/json")
    assert again.status_code == 204
    assert Event.objects.filter(action="alert.acknowledge").count() == 1
    assert client.get("/api/v1/alerts/").json()[0]["kind"] == "no_supply"
    watch_over(actor=SYSTEM, concerns=[])
    assert client.get("/api/v1/alerts/").json() == []
    assert "pharmacy cannot supply" in client.get("/alerts/?past=1").content.decode()
    assert client.get("/alerts/999999/").status_code == 404
    watch_over(actor=SYSTEM, concerns=[concern])
    assert Alert.objects.count() == 2, "what comes again is a new alert"


def check(**changed: str) -> dict[str, str]:
    local = clock.site_moment(clock.now() - HOUR, "Europe/Athens")
    return {
        "printer": "yes",
        "scanner": "yes",
        "telephone_answered_by": "investigator.gr01",
        "people_trained": "yes",
        "telephone_called_at": f"{local:%Y-%m-%dT%H:%M}",
        "secret": PASSWORD,
        **changed,
    }


@pytest.mark.requirement("R21")
def test_a_site_opens_for_the_first_time_only_after_its_self_check(trial: None) -> None:
    with tampering():
        Site.objects.filter(code="GR01").update(opened_at=None, closed_at=None)
    manager, site = client_of(MANAGER), client_of(COORDINATOR)
    opening = {"state": "open", "reason": "ready"}
    refused = manager.post("/sites/GR01/", opening)
    assert "self-check" in refused.content.decode()
    assert site.post("/self-check/", check(telephone_answered_by=" ")).status_code == 422
    assert site.post("/self-check/", check(secret="wrong")).status_code == 422
    assert not SelfCheck.objects.exists()
    assert site.post("/self-check/", check(scanner="no")).status_code == 302
    assert manager.post("/sites/GR01/", opening).status_code == 409
    body: dict[str, Any] = {
        **dict.fromkeys(("printer", "scanner", "people_trained"), True),
        "telephone_answered_by": "ward",
        "telephone_called_at": clock.stamp(clock.now() - HOUR),
        "signature": {"user_name": COORDINATOR.user_name, "secret": PASSWORD},
    }
    answer = site.post("/api/v1/self-checks/", body, content_type="application/json")
    assert (answer.status_code, answer.json()["passed"]) == (201, True)
    assert manager.post("/sites/GR01/", opening).status_code == 302
    assert Site.objects.get(code="GR01").is_open
    page = manager.get("/sites/GR01/").content.decode()
    for words in ("passed", "Duty table", "IMMUNOSEP 1"):
        assert words in page
    assert site.get("/self-check/").status_code == 200


def test_people_come_from_a_file_all_or_none(trial: None) -> None:
    client = client_of(MANAGER)
    good = [
        "nurse.b.gr01,nb@example.org,nurse,gr01,log,1",
        "coordinator.gr01,coordinator.gr01@example.org,nurse,GR02,log,1",
    ]
    tried = upload(client, people_file(*good), dry_run="on").content.decode()
    assert "2 lines can be appointed" in tried
    assert not Account.objects.filter(user_name="nurse.b.gr01").exists()
    for bad, words in (
        ("x,x@example.org,pharmacist,GR01,log,1", "no role of this side"),
        ("x,x@example.org,nurse,GR99,log,1", "Line 4"),
        ("x,,nurse,GR01,log,1", "email is empty"),
        ("x,x@example.org,nurse", "number of cells"),
        ("manager2,manager@example.org,nurse,GR01,log,1", "used before"),
    ):
        refused = upload(client, people_file(*good, bad))
        assert refused.status_code in {409, 422}
        assert words in refused.content.decode(), (bad, words)
        assert not Account.objects.filter(user_name="nurse.b.gr01").exists()
    response = upload(client, people_file(*good))
    assert response.headers["Content-Disposition"].startswith("attachment")
    rows = {row["user_name"]: row for row in csv.DictReader(io.StringIO(response.content.decode()))}
    assert rows["coordinator.gr01"]["first_password"] == "", "who has an account keeps the password"
    assert client_of(MANAGER).get("/people/").content.decode().count("nurse.b.gr01") >= 1
    login = Client().post("/log-in/", {"username": "nurse.b.gr01", "password": rows["nurse.b.gr01"]["first_password"]})
    assert login.status_code == 302
    assert Membership.objects.filter(account__user_name="coordinator.gr01").count() == 2


def test_three_hundred_people_by_the_api(trial: None) -> None:
    lines = [f"nurse.{order},n{order}@example.org,nurse,GR0{order % 2 + 1},log,1" for order in range(300)]
    body = {"csv": people_file(*lines), "dry_run": False}
    answer = client_of(MANAGER).post("/api/v1/people/import/", body, content_type="application/json")
    assert answer.status_code == 201
    assert len({row["password"] for row in answer.json()}) == 300
    dry = client_of(MANAGER).post(
        "/api/v1/people/import/", {"csv": people_file("a.b,a@example.org,nurse,GR01,l,1")}, "application/json"
    )
    assert (dry.status_code, dry.json()[0]["password"]) == (200, "")


def test_a_file_is_read_as_spreadsheets_write_it() -> None:
    head = "\ufeffrole;user_name;email;reach;delegated_by;trained_for;ends_at"
    text = f"{head}\nnurse;a;a@x.org;GR01;log;1;2026-05-01T00:00+02:00"
    (row,) = read_people(text)
    assert (row.user_name, row.ends_at) == ("a", datetime(2026, 4, 30, 22, tzinfo=UTC))
    for wrong in ("user_name\na", people_file() + ",extra", text.replace("+02:00", "")):
        with pytest.raises(InvalidInput):
            read_people(wrong)


@pytest.mark.requirement("R32")
def test_access_is_reviewed_and_signed(trial: None) -> None:
    client = client_of(MANAGER)
    client_of(COORDINATOR)
    opened = client.get("/people/review/")
    page, shown = opened.content.decode(), opened.context["form"].initial["shown"]
    assert "coordinator.gr01" in page
    assert "never" in page, "who was never seen is said"
    assert client.post("/people/review/", {"shown": shown, "note": "", "secret": "wrong"}).status_code == 422
    sneaky = {
        "user_name": "sneaky.gr01",
        "email": "s@example.org",
        "role": "nurse",
        "reach": "GR01",
        "password": "a long first password",
    }
    assert client.post("/people/", sneaky).status_code == 302
    form_data = {"shown": shown, "note": "all as it should be", "secret": PASSWORD}
    assert "read it again" in client.post("/people/review/", form_data).content.decode()
    form_data["shown"] = client.get("/people/review/").context["form"].initial["shown"]
    assert client.post("/people/review/", form_data).status_code == 302
    review = AccessReview.objects.get()
    current = [item for item in Membership.objects.all() if item.is_current(clock.now())]
    assert (review.reviewed_by, review.memberships) == ("manager", len(current))
    listed = client.get("/api/v1/people/reviews/").json()
    assert len(listed["rows"]) == len(current)
    signed = {"shown": listed["shown"], "signature": {"user_name": "manager", "secret": PASSWORD}}
    assert client.post("/api/v1/people/reviews/", signed, content_type="application/json").status_code == 204
    assert json.loads(Event.objects.filter(action="access.review")[0].data)["memberships"] == len(current)


@pytest.mark.requirement("R32")
def test_an_inspectors_access_ends_by_itself(trial: None) -> None:
    client = client_of(MANAGER)
    until = clock.now() + timedelta(days=3)
    form_data = {
        "user_name": "inspector.1",
        "email": "i1@example.org",
        "role": "auditor",
        "reach": "",
        "delegated_by": "",
        "trained_for": "",
        "password": "a long first password",
        "ends_at": f"{until:%Y-%m-%dT%H:%M}",
    }
    past = client.post("/people/", {**form_data, "ends_at": "2026-01-01T00:00"})
    assert "lies in the past" in past.content.decode()
    assert client.post("/people/", form_data).status_code == 302
    inspector = Client()
    inspector.post("/log-in/", {"username": "inspector.1", "password": form_data["password"]})
    assert inspector.get("/audit/").status_code == 200
    with time_machine.travel(until + timedelta(minutes=1)):
        assert inspector.get("/audit/").status_code != 200


def ending(number: str) -> bool:
    """Whether somebody is warned that the window of this participant ends."""
    return number in {concern.subject for concern in concerns() if concern.kind is AlertKind.WINDOW_ENDING}


@pytest.mark.requirement("R05")
def test_only_who_can_still_be_randomised_is_said_to_run_out_of_time(trial: None) -> None:
    open_file, barred, before_consent = screen(), screen(malignancy=True), screen()
    refused, again, confirmed = screen(), screen(), screen()
    for number in (refused, again):
        verdict(number, "not eligible")
    verdict(confirmed)
    confirm(confirmed)
    draw_sample(
        actor=COORDINATOR,
        number=again,
        drawn_at=clock.now() - HOUR / 2,
        covid19=False,
        reason="the laboratory asks for it",
    )
    young = screen(adult=False)
    everybody = (open_file, barred, before_consent, refused, again, confirmed, young)
    with tampering():
        Sample.objects.filter(participant__number=before_consent).update(drawn_at=clock.now() - 10 * HOUR)
    assert not any(ending(number) for number in everybody)
    with time_machine.travel(clock.now() + 33 * HOUR):
        assert {number for number in everybody if ending(number)} == {open_file, before_consent, again, confirmed}
        waiting = {concern.subject for concern in concerns() if concern.kind is AlertKind.SAMPLE_WAITING}
        assert again in waiting
        assert not waiting & {barred, young, refused}
        known = identity_of(Participant.objects.get(number=open_file))
        same = {look_alike.number: False for look_alike in known.look_alikes}
        answer_identity(actor=COORDINATOR, number=open_file, same=same, elsewhere=True, reason="the other site called")
        assert not ending(open_file), "whom another site randomised is not in a hurry"
    with time_machine.travel(clock.now() + 43 * HOUR):
        assert not any(ending(number) for number in everybody)


def test_the_watch_reads_as_much_for_many_as_for_one(trial: None) -> None:
    def statements() -> int:
        with CaptureQueriesContext(connection) as queries:
            concerns()
        return len(queries)

    screen()
    before = statements()
    for _turn in range(3):
        screen()
    assert statements() == before <= 13
