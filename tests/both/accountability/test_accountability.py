"""From lot to dose to patient to return: what reconciles, what is missing, and who signed."""

from __future__ import annotations

import csv
import io
import json
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
import time_machine
from django.db import connections
from django.test.utils import CaptureQueriesContext
from pypdf import PdfReader

from immunosep_site.demonstration import cast, play
from immunosep_site.demonstration.play import Case
from pharmacy.accountability.models import SignOff
from pharmacy.accountability.report import Fate, fate_of
from pharmacy.accountability.selectors import report_of, reports_for
from pharmacy.accountability.services import reconcile
from pharmacy.preparation.models import Preparation
from pharmacy.preparation.services.finish import void
from pharmacy.preparation.services.prepare import prepare
from pharmacy.stock.ledger import Kind
from pharmacy.stock.models import Lot, Movement
from randomization.accounts.roles import Role
from randomization.blinded.bedside.models import Dose
from randomization.blinded.bedside.services.administer import administer
from randomization.shared import clock
from randomization.shared.actor import SYSTEM
from randomization.shared.errors import InvalidInput, NotFound, NotPermitted, Refused, SignatureRefused
from randomization.shared.service import Side, on_side
from randomization.signatures.signing import sign
from tests.conftest import tampering
from tests.permissions import client_of
from tests.removing import count_stock, write_off

pytestmark = pytest.mark.once

SITE = "GR01"
PHARMACIST, PREPARER = cast.at_site(Role.PHARMACIST, SITE), cast.at_site(Role.PREPARER, SITE)
MONITOR, NURSE = cast.at_site(Role.UNBLINDED_MONITOR, SITE), cast.at_site(Role.NURSE, SITE)
NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


def give(preparation: Preparation, *, volume_ml: Decimal | None = None) -> None:
    with on_side(Side.BLINDED):
        administer(
            actor=NURSE,
            participant_number=preparation.participant_number,
            barcode=play.label_of(preparation),
            at=clock.now(),
            volume_ml=volume_ml,
        )


@pytest.fixture
def week(trial: None) -> list[Preparation]:
    """Four syringes of two patients: given, given in part, void and returned, void before release."""
    syringes = []
    for ferritin in ("9000", "800"):
        number = play.enrol(Case(SITE, ferritin=ferritin)).participant
        for dose in Dose.objects.filter(course__participant__number=number, number=1).order_by("route"):
            syringes.append(play.prepare_and_release(dose, SITE))
    opened = prepare(
        actor=PHARMACIST,
        dose_uid=Dose.objects.get(course__participant__number=syringes[0].participant_number, route="IV", number=2).uid,
    )
    play.make_syringes([opened], SITE)
    void(actor=PHARMACIST, uid=opened.uid, reason="cloudy")
    with time_machine.travel(syringes[0].ready_at + timedelta(minutes=5), tick=False):
        play.pass_hatch()
        give(syringes[0])
        give(syringes[2], volume_ml=Decimal(10))
        void(actor=PHARMACIST, uid=syringes[1].uid, reason="dropped on the way")
        play.pass_hatch()
    return [*syringes, opened]


@pytest.mark.requirement("R40")
def test_everything_that_left_is_given_or_came_back(week: list[Preparation]) -> None:
    given_syringe, dropped, part, unused, cloudy = week
    report = report_of(MONITOR, SITE)
    assert [report.count(fate) for fate in (Fate.GIVEN, Fate.PART, Fate.VOIDED, Fate.OUTSTANDING)] == [1, 1, 1, 1]
    assert [dose.pack_code for dose in report.doses if dose.fate == Fate.OUTSTANDING] == [dropped.pack_code]
    assert report.unexplained == 1
    reconcile.take_back(actor=PREPARER, barcode=play.label_of(dropped))
    assert report_of(MONITOR, SITE).unexplained == 0
    with time_machine.travel(unused.use_before, tick=False):
        assert report_of(MONITOR, SITE).unexplained == 1
        reconcile.take_back(actor=PREPARER, barcode=play.label_of(unused))
        report = report_of(MONITOR, SITE)
        assert (report.unexplained, report.count(Fate.RETURNED)) == (0, 2)
    attempts = (
        (given_syringe, Refused, "given"),
        (part, Refused, "given"),
        (dropped, Refused, "returned"),
        (cloudy, Refused, "not_released"),
    )
    for preparation, error, code in attempts:
        with pytest.raises(error) as refusal:
            reconcile.take_back(actor=PREPARER, barcode=play.label_of(preparation))
        assert refusal.value.code == code
    with pytest.raises(InvalidInput):
        reconcile.take_back(actor=PREPARER, barcode="junk")
    with pytest.raises(NotFound):
        reconcile.take_back(actor=cast.at_site(Role.PREPARER, "GR02"), barcode=play.label_of(given_syringe))
    with pytest.raises(NotPermitted):
        reconcile.take_back(actor=MONITOR, barcode=play.label_of(given_syringe))


def test_what_can_still_be_given_is_voided_first(week: list[Preparation]) -> None:
    unused = week[3]
    with time_machine.travel(unused.ready_at + timedelta(minutes=5), tick=False), pytest.raises(Refused) as refusal:
        reconcile.take_back(actor=PREPARER, barcode=play.label_of(unused))
    assert refusal.value.code == "still_valid"


@pytest.mark.requirement("R40")
def test_the_lots_add_up_and_a_forged_movement_shows(week: list[Preparation]) -> None:
    lot = Lot.objects.filter(site_code=SITE, product="INTERFERON").order_by("expires_on")[0]
    write_off(actor=PHARMACIST, lot_id=lot.pk, kind=Kind.WASTE, units=2, reason="broken vials")
    write_off(actor=PHARMACIST, lot_id=lot.pk, kind=Kind.RETURN, units=3, reason="to the sponsor")
    count_stock(actor=PHARMACIST, lot_id=lot.pk, counted=190, reason="found short")
    report = report_of(PHARMACIST, SITE)
    assert all(line.unexplained == 0 for line in report.lots)
    line = next(line for line in report.lots if line.number == lot.number)
    assert line.received - line.used - line.wasted - line.returned + line.counted == line.balance == 190
    last = Movement.objects.filter(lot=lot).latest("sequence")
    with tampering():
        Movement.objects.create(
            lot=lot,
            sequence=last.sequence + 1,
            kind=Kind.USE,
            quantity=-1,
            balance=187,
            arm_neutral=0,
            arm_neutral_balance=last.arm_neutral_balance,
            reference="",
            at=clock.now(),
            by="nobody",
        )
    line = next(line for line in report_of(PHARMACIST, SITE).lots if line.number == lot.number)
    assert line.unexplained == 3, "the balance is 2 too low, and a unit went into no syringe"


def test_the_monitor_signs_what_was_read_and_asks(week: list[Preparation]) -> None:
    monitor, pharmacist = client_of(MONITOR), client_of(PHARMACIST)
    page = f"/pharmacy/accountability/{SITE}/"
    assert b"outstanding" in monitor.get(page).content
    read = monitor.get(page + "sign/").context["report"].sha256
    reconcile.take_back(actor=PREPARER, barcode=play.label_of(week[1]))
    changed = monitor.post(page + "sign/", {"sha256": read, "secret": cast.PASSWORD})
    assert (changed.status_code, b"has changed since" in changed.content) == (422, True)
    now = monitor.get(page + "sign/").context["report"].sha256
    assert monitor.post(page + "sign/", {"sha256": now, "secret": cast.PASSWORD}).status_code == 302
    signed = SignOff.objects.get()
    assert (signed.sha256, signed.unexplained, signed.signed_by) == (now, 0, "unblinded_monitor.gr01")
    assert b"stands as it was signed" in monitor.get(page).content
    assert monitor.post(page + "queries/", {"subject": "ANAK-A", "text": " "}).status_code == 422
    asked = {"subject": "ANAK-A", "text": "Why was a unit wasted?"}
    assert monitor.post(page + "queries/", asked).status_code == 302
    shown = pharmacist.get(page).content.decode()
    address = shown.split('href="/pharmacy/accountability/GR01/queries/')[1].split('"')[0]
    assert monitor.post(page + f"queries/{address}close/").status_code == 409
    assert pharmacist.post(page + f"queries/{address}", {"text": "The vial broke."}).status_code == 302
    assert b"The vial broke." in monitor.get(page).content
    assert monitor.post(page + f"queries/{address}close/").status_code == 302
    assert pharmacist.post(page + f"queries/{address}", {"text": "more"}).status_code == 409
    command = reconcile.SignReport.of(report_of(PHARMACIST, SITE))
    grant = sign(actor=PHARMACIST, secret=cast.PASSWORD, command=command)
    with pytest.raises(NotPermitted):
        reconcile.sign_report(actor=PHARMACIST, site_code=SITE, grant=grant)
    with pytest.raises(SignatureRefused):
        reconcile.sign_report(actor=MONITOR, site_code=SITE, grant=grant)


def test_paper_csv_and_api_say_the_same(week: list[Preparation]) -> None:
    client, page = client_of(MONITOR), f"/pharmacy/accountability/{SITE}/"
    api = f"/api/v1/pharmacy/accountability/{SITE}/"
    pdf = client.get(page + "report.pdf")
    assert pdf.content == client.get(api + "report.pdf").content
    text = "".join(item.extract_text() for item in PdfReader(io.BytesIO(pdf.content)).pages)
    assert all(word in text for word in (week[0].participant_number, "outstanding", "Not signed"))
    lines = list(csv.reader(io.StringIO(client.get(page + "report.csv").content.decode())))
    assert client.get(api + "report.csv").content.decode().splitlines()[0] == ",".join(lines[0])
    said = client.get(api).json()
    assert sum(line[1] == "lot" for line in lines) == len(said["lots"])
    assert [line[12] for line in lines if line[1] == "syringe"] == [dose["fate"] for dose in said["doses"]]
    assert said["unexplained"] == 1
    assert client.get("/api/v1/pharmacy/accountability/").json()[0]["sha256"] == said["sha256"]
    body = json.dumps({"barcode": play.label_of(week[1])})
    assert client_of(PREPARER).post("/api/v1/pharmacy/returns/", body, "application/json").status_code == 201
    read = {"sha256": client.get(api).json()["sha256"]}
    signature = json.dumps({"user_name": "unblinded_monitor.gr01", "secret": cast.PASSWORD, **read})
    assert client.post(api, signature, "application/json").json()["unexplained"] == 0
    query = json.dumps({"subject": "", "text": "Who counted?"})
    assert client.post(api + "queries/", query, "application/json").status_code == 201
    number = client.get(api + "queries/").json()[0]["id"]
    answer = client_of(PHARMACIST).patch(api + f"queries/{number}/", json.dumps({"text": "I did."}), "application/json")
    assert answer.status_code == 204
    assert client.patch(api + f"queries/{number}/", "{}", "application/json").status_code == 204
    assert client.get(api + "queries/").json()[0]["answer"] == "I did."
    assert client_of(cast.at_site(Role.UNBLINDED_MONITOR, "GR02")).get(api).status_code == 404


def test_a_report_costs_the_same_for_one_patient_and_many(week: list[Preparation]) -> None:
    def cost() -> int:
        with (
            CaptureQueriesContext(connections["default"]) as above,
            CaptureQueriesContext(connections["blinded"]) as below,
        ):
            report_of(MONITOR, SITE)
        return len(above) + len(below)

    before = cost()
    for _turn in range(3):
        number = play.enrol(Case(SITE)).participant
        play.prepare_and_release(Dose.objects.get(course__participant__number=number, route="IV", number=1), SITE)
    assert cost() == before <= 10
    assert {report.site_code for report in reports_for(SYSTEM)} >= {SITE, "GR02"}


@pytest.mark.parametrize(
    ("state", "released", "record", "returned", "hours", "fate"),
    [
        ("opened", False, "", False, 0, "in preparation"),
        ("voided", False, "", False, 0, "void before release"),
        ("released", True, "", False, 0, "on the ward"),
        ("released", True, "", False, 24, "outstanding"),
        ("voided", True, "", False, 0, "outstanding"),
        ("released", True, "given", False, 24, "given"),
        ("released", True, "part_given", False, 0, "part given"),
        ("released", True, "missed", False, 0, "outstanding"),
        ("released", True, "missed", True, 0, "returned"),
        ("voided", True, "", True, 30, "returned"),
        ("voided", True, "given", False, 0, "given"),
    ],
)
def test_what_became_of_a_syringe(
    state: str, released: bool, record: str, returned: bool, hours: int, fate: str
) -> None:
    use_before = NOON + timedelta(hours=24)
    now = NOON + timedelta(hours=hours)
    assert (
        fate_of(state=state, released=released, outcome=record, returned=returned, use_before=use_before, now=now)
        == fate
    )
