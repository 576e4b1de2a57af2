"""What is signed at the bench is what was shown; what is over, void or given is neither opened nor printed."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client

from immunosep_site.demonstration import cast, play
from immunosep_site.demonstration.bench import from_cartons, lots_read
from immunosep_site.demonstration.play import Case
from pharmacy.labels.media import LabelKind, Medium
from pharmacy.labels.models import Print
from pharmacy.labels.selectors import was_printed
from pharmacy.labels.sheet import Sheet
from pharmacy.outage.services.print_envelope import print_envelopes
from pharmacy.preparation.labelling import print_labels, print_unprinted
from pharmacy.preparation.models import EnvelopeLabel, Preparation, RiskToBlind
from pharmacy.preparation.services.finish import release, void
from pharmacy.preparation.services.prepare import prepare, prepare_day
from pharmacy.stock.models import Lot, Movement
from pharmacy.stock.services.quarantine import report_excursion
from pharmacy.stock.services.receive import Delivered, receive
from pharmacy.worklist.selectors import worklist
from randomization.accounts.roles import Role
from randomization.blinded.bedside.models import Dose
from randomization.blinded.bedside.services.administer import administer
from randomization.blinded.sites.models import Duty, Site
from randomization.blinded.sites.selectors import on_duty
from randomization.notices.models import Entry
from randomization.shared import clock
from randomization.shared.actor import SYSTEM
from randomization.shared.errors import InvalidInput, Refused
from randomization.shared.service import Side, on_side
from randomization.unblinded.lists.services.generate_lists import generate_fallback
from tests.both.outage.test_outage import eligible, enter, enter_made
from tests.conftest import tampering
from tests.destroying import carry_out, order_hold
from tests.permissions import client_of

SITE = "GR01"
PHARMACIST, PREPARER = cast.at_site(Role.PHARMACIST, SITE), cast.at_site(Role.PREPARER, SITE)
HOUR = timedelta(hours=1)


def doses(case: Case | None = None) -> dict[tuple[str, int], Dose]:
    number = play.enrol(case or Case(SITE, ferritin="9000")).participant
    return {(dose.route, dose.number): dose for dose in Dose.objects.filter(course__participant__number=number)}


def form_of(client: Client, page: str, uids: list[Any], **changed: Any) -> dict[str, Any]:
    """Cartons opened for these syringes, and ticked on the page."""
    preparations = list(Preparation.objects.filter(uid__in=uids))
    taken = {f"cartons_{code}": lot.cartons for code, lot in from_cartons(preparations, SITE).items()}
    shown = client.get(page).content.decode()
    assert all(f'name="{field}"' in shown for field in taken)
    return {**taken, "secret": cast.PASSWORD, "preparations": [str(uid) for uid in uids], **changed}


def test_nobody_signs_what_was_not_shown(trial: None) -> None:
    doses_by_number = doses()
    shown = prepare(actor=PHARMACIST, dose_uid=doses_by_number["IV", 1].uid)
    page, client = f"/pharmacy/kits/{shown.kit_code}/make/", client_of(PHARMACIST)
    form = form_of(client, page, [shown.uid])
    unseen = prepare(actor=PREPARER, dose_uid=doses_by_number["IV", 2].uid)
    assert client.post(page, form).status_code == 302
    assert [Preparation.objects.get(pk=preparation.pk).state for preparation in (shown, unseen)] == ["made", "opened"]
    nothing = client.post(page, {**form, "preparations": []})
    assert (nothing.status_code, b"This field is required" in nothing.content) == (422, True)
    gone = client.post(page, {**form, "preparations": [str(shown.uid)]})
    assert (gone.status_code, b"changed meanwhile" in gone.content) == (422, True)


def test_two_who_made_one_each_check_each_others(trial: None) -> None:
    doses_by_number = doses()
    mine, yours = (prepare(actor=PHARMACIST, dose_uid=doses_by_number["IV", order].uid) for order in (1, 2))
    for actor, iv in ((PHARMACIST, mine), (PREPARER, yours)):
        client, page = client_of(actor), f"/pharmacy/kits/{iv.kit_code}/make/"
        form = form_of(client, page, [iv.uid])
        assert client.post(page, form).status_code == 302
    page = f"/pharmacy/kits/{mine.kit_code}/check/"
    for actor, iv in ((PHARMACIST, yours), (PREPARER, mine)):
        client = client_of(actor)
        ticked = re.findall(r'value="([0-9a-f-]{36})"[^>]*checked', client.get(page).content.decode())
        assert ticked == [str(iv.uid)]
        form = {"checker": "", "secret": cast.PASSWORD, "preparations": [str(iv.uid)], "lots": lots_read([iv])}
        assert client.post(page, form).status_code == 302
    assert {Preparation.objects.get(pk=preparation.pk).state for preparation in (mine, yours)} == {"checked"}


def test_the_lots_booked_are_those_that_somebody_read(trial: None) -> None:
    arm = next(
        preparation
        for preparation in (prepare(actor=PHARMACIST, dose_uid=doses()["IV", 1].uid) for _turn in range(40))
        if preparation.product == "ANAKINRA"
    )
    page, client = f"/pharmacy/kits/{arm.kit_code}/make/", client_of(PHARMACIST)
    form = form_of(client, page, [arm.uid])
    assert b"2 of lot ANAK-A" in client.get(page).content
    soon = (clock.now() + timedelta(days=20)).date()
    receive(
        actor=PHARMACIST,
        site_code=SITE,
        line=Delivered("ANAKINRA", "EARLY", soon, 40),
        delivery_note="n",
        temperature_c=play.Decimal(5),
    )
    assert b"2 of lot EARLY" in client.get(page).content
    nobody_read = client.post(page, {**form, "cartons_ANAKINRA": []})
    assert (nobody_read.status_code, b"Choose the open carton" in nobody_read.content) == (422, True)
    assert not Movement.objects.filter(reference=str(arm.uid), kind="use").exists()
    assert client.post(page, form).status_code == 302
    assert Movement.objects.get(reference=str(arm.uid), kind="use", lot__product="ANAKINRA").lot.number == "ANAK-A"


def test_a_dose_whose_window_is_over_is_neither_opened_nor_released(trial: None) -> None:
    off_the_quarter = clock.now().replace(minute=7, second=0, microsecond=0) + HOUR
    with time_machine.travel(off_the_quarter, tick=False):
        doses_by_number = doses()
        preparation = prepare(actor=PHARMACIST, dose_uid=doses_by_number["IV", 1].uid)
        play.make_and_check([preparation], SITE)
        print_labels(PHARMACIST, preparation.uid)
    assert preparation.planned_at.minute % 15 == 7
    with time_machine.travel(preparation.planned_at + 115 * HOUR / 60, tick=False), pytest.raises(Refused) as refusal:
        release(actor=PHARMACIST, uid=preparation.uid, barcode=play.label_of(preparation))
    assert refusal.value.code == "ready_too_late"
    with time_machine.travel(preparation.planned_at + 2.1 * HOUR, tick=False):
        with pytest.raises(Refused) as refusal:
            release(actor=PHARMACIST, uid=preparation.uid, barcode=play.label_of(preparation))
        assert refusal.value.code == "too_late"
        void(actor=PHARMACIST, uid=preparation.uid, reason="too late")
        with pytest.raises(Refused) as refusal:
            prepare(actor=PHARMACIST, dose_uid=preparation.dose_uid)
        assert refusal.value.code == "too_late"
        started = prepare_day(actor=PHARMACIST, kit_code=preparation.kit_code)
        assert (doses_by_number["IV", 1].uid not in {syringe.dose_uid for syringe in started.made}) is True
        assert any("window of this dose is over" in line for line in started.left)
        row = next(row for row in worklist(PHARMACIST) if row.dose.uid == preparation.dose_uid)
        assert row.is_over
        assert b"window over" in client_of(PHARMACIST).get("/pharmacy/").content


def test_what_was_given_cannot_become_void_and_a_void_label_is_not_printed(trial: None) -> None:
    preparation = play.prepare_and_release(doses()["IV", 1], SITE)
    with time_machine.travel(preparation.ready_at + HOUR / 60, tick=False):
        play.pass_hatch()
        with on_side(Side.BLINDED):
            administer(
                actor=cast.at_site(Role.NURSE, SITE),
                participant_number=preparation.participant_number,
                barcode=play.label_of(preparation),
                at=clock.now(),
            )
        with pytest.raises(Refused) as refusal:
            void(actor=PHARMACIST, uid=preparation.uid, reason="dropped")
        assert refusal.value.code == "given"
    gone = prepare(actor=PHARMACIST, dose_uid=doses()["IV", 1].uid)
    void(actor=PHARMACIST, uid=gone.uid, reason="dropped")
    with pytest.raises(Refused) as refusal:
        print_labels(PHARMACIST, gone.uid)
    assert refusal.value.code == "voided"


def test_prints_are_counted_for_each_label_and_a_days_in_one_go(trial: None) -> None:
    doses_by_number = doses()
    syringes = prepare_day(actor=PHARMACIST, kit_code=doses_by_number["IV", 1].course.kit_code).made
    print_labels(PHARMACIST, syringes[0].uid, medium=Medium.SHEET, sheet=Sheet("bag", 3))
    assert not was_printed(syringes[0].pack_code)
    kit = syringes[0].kit_code
    sheet = print_unprinted(PHARMACIST, kit, medium=Medium.SHEET, sheet=Sheet("IV", 5))
    assert sheet.startswith(b"%PDF")
    ivs = [syringe.pack_code for syringe in syringes if syringe.route == "IV"]
    assert set(Print.objects.filter(kind=LabelKind.SYRINGE).values_list("pack_code", flat=True)) == set(ivs)
    assert Print.objects.filter(kind=LabelKind.SYRINGE).values("sha256").distinct().count() == 1
    client = client_of(PHARMACIST)
    thermal = client.post(f"/api/v1/pharmacy/kits/{kit}/labels/?thermal=1")
    assert (thermal.status_code, thermal.content[:3]) == (200, b"^XA"), "the SC syringe was not printed yet"
    assert client.post(f"/pharmacy/kits/{kit}/labels/", {"medium": "zpl"}).status_code == 409
    assert client.get(f"/pharmacy/preparations/{syringes[0].uid}/label.png?kind=bag").content.startswith(b"\x89PNG")


def test_a_label_is_the_same_after_the_sites_particulars_changed(trial: None) -> None:
    preparation = prepare(actor=PHARMACIST, dose_uid=doses()["IV", 1].uid)
    first = print_labels(PHARMACIST, preparation.uid)
    with tampering():
        Site.objects.using("blinded").filter(code=SITE).update(investigator="somebody new", label_language="de")
    assert print_labels(PHARMACIST, preparation.uid, reason="smudged") == first


def test_a_night_duty_goes_past_midnight(trial: None) -> None:
    place = Site.objects.get(code=SITE)
    with tampering():
        Duty.objects.using("blinded").filter(site=place).delete()
        Duty.objects.using("blinded").create(site=place, days="0", starts="20:00", ends="08:00", preparer="night.gr01")
    for day, hour, expected in (
        (1, 19, None),
        (0, 20, "night.gr01"),
        (0, 23, "night.gr01"),
        (1, 7, "night.gr01"),
        (1, 8, None),
        (0, 7, None),
    ):
        monday = datetime(2026, 11, 30, hour)  # noqa: DTZ001 (local time)
        moment = clock.from_site_time(monday + timedelta(days=day), "Europe/Athens")
        with time_machine.travel(moment, tick=False):
            duty = on_duty(place)
            assert (duty.preparer if duty else None) == expected, (day, hour)


def test_a_late_release_is_flagged_and_the_monitor_is_told(trial: None) -> None:
    iv = prepare(actor=PHARMACIST, dose_uid=doses()["IV", 1].uid)
    play.make_and_check([iv], SITE)
    print_labels(PHARMACIST, iv.uid)
    with time_machine.travel(iv.ready_at + HOUR / 60, tick=False):
        late = release(actor=PHARMACIST, uid=iv.uid, barcode=play.label_of(iv))
    assert late.ready_missed
    assert RiskToBlind.objects.get(preparation=iv).kind == "shown later than fixed"
    assert Entry.objects.filter(kind="blind_risk", roles="unblinded_monitor").exists()
    monitor = client_of(cast.at_site(Role.UNBLINDED_MONITOR, SITE))
    risk = next(row for row in monitor.get("/api/v1/pharmacy/risks/").json() if row["preparation"] == str(iv.uid))
    assert monitor.post(f"/api/v1/pharmacy/risks/{risk['id']}/seen/").status_code == 204
    assert b"released after the time fixed" in client_of(PHARMACIST).get(f"/pharmacy/preparations/{iv.uid}/").content


@pytest.mark.requirement("R10")
def test_what_was_prepared_from_an_envelope_is_a_fact_whatever_the_stock_says_now(trial: None) -> None:
    """After a power cut every lot is on hold; syringes with drug in them must be entered like those without."""
    generate_fallback(actor=SYSTEM, site_codes=[SITE])
    printed = print_envelopes(actor=SYSTEM, site_code=SITE)
    play.pass_hatch()
    with pytest.raises(InvalidInput, match="earlier envelope"):
        enter(eligible(), printed[1].kit_code)
    numbers = []
    for envelope in printed[:4]:
        number = eligible()
        enter(number, envelope.kit_code)
        numbers.append(number)
    now = clock.now()
    with time_machine.travel(now + HOUR / 60, tick=False):
        report_excursion(
            actor=PHARMACIST,
            site_code=SITE,
            storage="2-8 C",
            starts_at=now - HOUR,
            ends_at=now,
            lowest_c=None,
            highest_c=None,
            reason="power cut",
        )
        for hold in Lot.objects.filter(site_code=SITE, product="ANAKINRA")[0].holds.all():
            carry_out(order_hold(hold))
        for envelope in printed[:4]:
            for route in ("IV", "SC"):
                enter_made(EnvelopeLabel.objects.get(kit_code=envelope.kit_code, route=route, number=1, level="full"))
    preparations = Preparation.objects.filter(from_envelope=True)
    assert preparations.count() == 8
    shown = client_of(PHARMACIST).get("/pharmacy/envelopes/").content.decode()
    assert shown.count("opened, syringes entered") == 4
    assert shown.count(">sealed<") == len(printed) - 4
    listed = client_of(PHARMACIST).get("/api/v1/pharmacy/preparations/envelopes/").json()
    assert [row["participant"] for row in listed] == [*numbers, *[""] * (len(printed) - 4)]
