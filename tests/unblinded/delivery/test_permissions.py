"""Unblinded addresses: one table of who may open what."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from uuid import UUID

import pytest
from django.test import Client

from immunosep_site.demonstration import cast, play
from immunosep_site.demonstration.play import Case
from pharmacy.preparation.services.prepare import prepare
from pharmacy.stock.ledger import Kind
from pharmacy.stock.models import Carton, Hold, Lot, Removal
from pharmacy.stock.services.receive import Delivered, receive
from randomization.accounts.roles import Role
from randomization.blinded.bedside.models import Dose
from randomization.shared import clock
from randomization.shared.actor import Actor
from tests.articles import OTHER_PACK, add_signed
from tests.destroying import order_lot
from tests.pages import unseen
from tests.permissions import client_of, missing_from
from tests.removing import write_off

pytestmark = pytest.mark.once
PHARMACIST, BREAKER = cast.at_site(Role.PHARMACIST, "GR01"), cast.at_site(Role.CODE_BREAKER, "GR01")
OTHER_SITE = cast.at_site(Role.PHARMACIST, "GR02")
LABORATORY, OTHER_COUNTRY = cast.laboratory("GR"), cast.laboratory("DE")
PREPARER, MONITOR = cast.at_site(Role.PREPARER, "GR01"), cast.at_site(Role.UNBLINDED_MONITOR, "GR01")
STATISTICIAN, SAFETY = cast.STATISTICIAN, cast.SAFETY_OFFICER
BENCH, READERS = (PHARMACIST, OTHER_SITE, PREPARER), (PHARMACIST, OTHER_SITE, PREPARER, MONITOR)
READERS_HERE = (PHARMACIST, PREPARER, MONITOR)
EVERYBODY = (PHARMACIST, OTHER_SITE, PREPARER, MONITOR, BREAKER, LABORATORY, OTHER_COUNTRY, STATISTICIAN, SAFETY)
ACCOUNTS, ACCOUNTS_HERE = (PHARMACIST, OTHER_SITE, MONITOR), (PHARMACIST, MONITOR)
AUDIT = (STATISTICIAN, SAFETY, MONITOR)
TABLE: dict[str, tuple[str, tuple[Actor, ...]] | None] = {
    "home": ("/", EVERYBODY),
    "log_in": None,
    "log_out": None,
    "choose_role": None,
    "health": None,
    "schema": None,
    "docs": None,
    "web_health": None,
    "api_tokens": None,
    "prepare": None,
    "acknowledge": None,
    "api_acknowledge": None,
    "confirm_proposal": None,
    "refuse_proposal": None,
    "api_refuse_proposal": None,
    "readmit": ("/people/readmit/", (STATISTICIAN,)),
    "confirm_readmission": None,
    "refuse_readmission": None,
    "api_refuse_readmission": None,
    "api_confirm_readmission": None,
    "api_readmissions": ("/api/v1/people/readmissions/", (STATISTICIAN,)),
    "redact": ("/audit/redact/", (STATISTICIAN,)),
    "api_redactions": None,
    "second_step": None,
    "factor": ("/second-step/", EVERYBODY),
    "confirm_factor": ("/second-step/confirm/", EVERYBODY),
    "set_language": None,
    "password": ("/password/", EVERYBODY),
    "trail_csv": ("/audit/found.csv", AUDIT),
    "trail": ("/audit/", AUDIT),
    "trail_export": ("/audit/export/", AUDIT),
    "api_events": ("/api/v1/audit/events/", AUDIT),
    "samples": ("/laboratory/", (LABORATORY, OTHER_COUNTRY)),
    "class_cases": ("/class-cases/", (PHARMACIST, OTHER_SITE, SAFETY)),
    "decide_class": None,
    "confirm_class": None,
    "api_class_cases": ("/api/v1/class-cases/", (PHARMACIST, OTHER_SITE, SAFETY)),
    "api_class_decisions": None,
    "sample_receive": ("/laboratory/{sample}/receive/", (LABORATORY,)),
    "sample_result": ("/laboratory/{sample}/", (LABORATORY,)),
    "sample_close": ("/laboratory/{sample}/close/", (LABORATORY,)),
    "sample_withdraw": ("/laboratory/{sample}/withdraw/", (LABORATORY,)),
    "api_laboratory_samples": ("/api/v1/laboratory/samples/", (LABORATORY, OTHER_COUNTRY)),
    "api_laboratory_results": None,
    "lists": ("/lists/", (STATISTICIAN,)),
    "api_lists": ("/api/v1/lists/", (STATISTICIAN,)),
    "people": ("/people/", (STATISTICIAN,)),
    "end_unblinded": (f"/people/{UUID(int=1)}/end/", (STATISTICIAN,)),
    "api_unblinded_people": ("/api/v1/people/", (STATISTICIAN,)),
    "api_end_unblinded": None,
    "api_proposals": ("/api/v1/people/proposals/", (STATISTICIAN,)),
    "api_confirm_proposal": None,
    "break_code": ("/code-break/", (BREAKER, SAFETY)),
    "drill": ("/code-break/drill/", (BREAKER,)),
    "api_code_breaks": ("/api/v1/code-breaks/", (BREAKER, SAFETY)),
    "invite_third_party": ("/code-break/third-party/", (BREAKER, SAFETY)),
    "enter_offline": ("/code-break/offline/", (BREAKER, SAFETY)),
    "unblindings": ("/code-break/report/", AUDIT),
    "unblindings_csv": ("/code-break/report.csv", AUDIT),
    "api_unblindings": ("/api/v1/code-breaks/report/", AUDIT),
    "told_by_code": None,
    "api_told": None,
    "assess_impact": None,
    "api_assessments": None,
    "api_invitations": None,
    "api_offline": None,
    "supply": ("/pharmacy/supply/", (PHARMACIST, OTHER_SITE)),
    "api_supply": ("/api/v1/pharmacy/supply/", READERS),
    "stock": ("/pharmacy/stock/", READERS),
    "api_stock": ("/api/v1/pharmacy/stock/", READERS),
    "receive": ("/pharmacy/stock/receive/", (PHARMACIST, OTHER_SITE)),
    "provisional": ("/pharmacy/stock/provisional/", BENCH),
    "confirm_receipt": ("/pharmacy/stock/receipts/1/", (PHARMACIST, OTHER_SITE)),
    "api_confirm_receipt": None,
    "cartons": ("/pharmacy/stock/cartons/", READERS),
    "open_carton": ("/pharmacy/stock/cartons/open/", BENCH),
    "close_carton": None,
    "carton_in_error": ("/pharmacy/stock/cartons/{carton}/error/", (PHARMACIST,)),
    "api_carton_in_error": None,
    "api_cartons": ("/api/v1/pharmacy/stock/cartons/", READERS),
    "api_closing": None,
    "articles": ("/pharmacy/stock/articles/", BENCH),
    "api_articles": ("/api/v1/pharmacy/stock/articles/", READERS),
    "withdraw_article": ("/pharmacy/stock/articles/{article}/withdraw/", (PHARMACIST,)),
    "api_withdraw_article": None,
    "lot": ("/pharmacy/stock/lots/{lot}/", (PHARMACIST, PREPARER, MONITOR)),
    "write_off": ("/pharmacy/stock/lots/{lot}/write-off/", (PHARMACIST,)),
    "count": ("/pharmacy/stock/lots/{lot}/count/", (PHARMACIST,)),
    "api_movements": None,
    "api_consignments": ("/api/v1/pharmacy/stock/lots/{lot}/consignments/", READERS_HERE),
    "mixed": ("/pharmacy/stock/lots/{lot}/mixed/", (PHARMACIST,)),
    "api_mixed": None,
    "put_on_hold": ("/pharmacy/stock/hold/", (PHARMACIST, OTHER_SITE)),
    "api_put_on_hold": None,
    "shelf_label": ("/pharmacy/stock/consignments/{consignment}/label.pdf", READERS_HERE),
    "api_shelf_label": ("/api/v1/pharmacy/stock/consignments/{consignment}/label.pdf", READERS_HERE),
    "api_expected_voids": None,
    "excursion": ("/pharmacy/stock/excursion/", (PHARMACIST, OTHER_SITE)),
    "api_excursions": ("/api/v1/pharmacy/stock/excursions/", READERS),
    "decide": ("/pharmacy/stock/holds/{hold}/", (PHARMACIST,)),
    "api_decisions": None,
    "recall": ("/pharmacy/recall/", (SAFETY,)),
    "api_recalls": ("/api/v1/pharmacy/stock/recalls/", (SAFETY,)),
    "correct_expiry": ("/pharmacy/stock/lots/{lot}/expiry/", (PHARMACIST, PREPARER)),
    "api_correct_expiry": None,
    "api_receipts": ("/api/v1/pharmacy/stock/receipts/", READERS),
    "api_order": ("/api/v1/pharmacy/stock/order/", READERS),
    "worklist": ("/pharmacy/", READERS),
    "night_sheet": ("/pharmacy/night-sheet.pdf", BENCH),
    "kept_night_sheet": None,
    "api_kept_night_sheet": None,
    "api_arrangement": None,
    "api_risk_seen": None,
    "api_suggestions": None,
    "api_labels_of_kit": None,
    "api_night_sheet": ("/api/v1/pharmacy/night-sheet.pdf", BENCH),
    "api_calls": ("/api/v1/pharmacy/calls/", READERS),
    "api_worklist": ("/api/v1/pharmacy/worklist/", READERS),
    "prepare_day": None,
    "labels_of_kit": None,
    "end_arrangement": None,
    "risk_seen": None,
    "api_making": None,
    "prepare_all_the_same": ("/pharmacy/doses/{dose}/all-the-same/", BENCH),
    "make": ("/pharmacy/kits/{kit}/make/", (PHARMACIST, PREPARER)),
    "check": ("/pharmacy/kits/{made_kit}/check/", (PHARMACIST, PREPARER)),
    "release": ("/pharmacy/kits/{checked_kit}/release/", (PHARMACIST, PREPARER)),
    "enter_preparation": ("/pharmacy/envelopes/", (PHARMACIST, OTHER_SITE)),
    "api_enter_preparation": ("/api/v1/pharmacy/preparations/envelopes/", (PHARMACIST, OTHER_SITE, MONITOR)),
    "checks": ("/pharmacy/checks/", BENCH),
    "api_checks": ("/api/v1/pharmacy/preparations/checks/", BENCH),
    "arrangements": ("/pharmacy/check-arrangements/", (SAFETY,)),
    "api_arrangements": ("/api/v1/pharmacy/check-arrangements/", (SAFETY,)),
    "accountabilities_csv": ("/pharmacy/accountability/report.csv", ACCOUNTS),
    "accountabilities": ("/pharmacy/accountability/", ACCOUNTS),
    "accountability": ("/pharmacy/accountability/GR01/", ACCOUNTS_HERE),
    "accountability_pdf": ("/pharmacy/accountability/GR01/report.pdf", ACCOUNTS_HERE),
    "accountability_csv": ("/pharmacy/accountability/GR01/report.csv", ACCOUNTS_HERE),
    "accountability_sign": ("/pharmacy/accountability/GR01/sign/", (MONITOR,)),
    "query": ("/pharmacy/accountability/GR01/queries/", (MONITOR,)),
    "answer": ("/pharmacy/accountability/GR01/queries/1/", (PHARMACIST,)),
    "close_query": None,
    "take_back": ("/pharmacy/returns/", BENCH),
    "destroy_returned": ("/pharmacy/returns/GR01/destruction/", (PHARMACIST, SAFETY)),
    "api_destroy_returned": None,
    "destructions": ("/pharmacy/destructions/", (*READERS, SAFETY)),
    "find_to_destroy": ("/pharmacy/destructions/find/", (SAFETY,)),
    "destroy_lot": ("/pharmacy/stock/lots/{lot}/destruction/", (PHARMACIST, SAFETY)),
    "destroy_held": ("/pharmacy/stock/holds/{hold}/destruction/", (PHARMACIST, SAFETY)),
    "destroy": ("/pharmacy/destructions/{order}/", (PHARMACIST,)),
    "cancel_destruction": ("/pharmacy/destructions/{order}/cancel/", (PHARMACIST, SAFETY)),
    "api_destructions": ("/api/v1/pharmacy/destructions/", (*READERS, SAFETY)),
    "api_destroy": None,
    "api_cancel_destruction": None,
    "removals": ("/pharmacy/removals/", (*READERS, SAFETY)),
    "decide_removal": ("/pharmacy/removals/{removal}/", (PHARMACIST, PREPARER, SAFETY)),
    "api_removals": ("/api/v1/pharmacy/removals/", (*READERS, SAFETY)),
    "api_decide_removal": None,
    "api_sign_offs": ("/api/v1/pharmacy/accountability/GR01/sign-offs/", ACCOUNTS_HERE),
    "api_returns": None,
    "api_query": None,
    "api_queries": None,
    "api_accountabilities": ("/api/v1/pharmacy/accountability/", ACCOUNTS),
    "api_accountability": None,
    "api_accountability_pdf": None,
    "api_accountability_csv": None,
    "risks": ("/pharmacy/risks/", ACCOUNTS),
    "api_risks": ("/api/v1/pharmacy/risks/", ACCOUNTS),
    "api_risk_counts": ("/api/v1/pharmacy/risks/counts/", ACCOUNTS),
    "preparation": ("/pharmacy/preparations/{preparation}/", (PHARMACIST, PREPARER, MONITOR)),
    "void": ("/pharmacy/preparations/{preparation}/void/", (PHARMACIST, PREPARER)),
    "hand_over": ("/pharmacy/preparations/{preparation}/hand-over/", (PHARMACIST, PREPARER)),
    "api_preparations": ("/api/v1/pharmacy/preparations/", READERS),
    "labels": ("/pharmacy/preparations/{preparation}/labels/", (PHARMACIST, PREPARER)),
    "label_picture": ("/pharmacy/preparations/{preparation}/label.png", (PHARMACIST, PREPARER, MONITOR)),
    "api_preparation": ("/api/v1/pharmacy/preparations/{preparation}/", (PHARMACIST, PREPARER, MONITOR)),
    "api_label_picture": ("/api/v1/pharmacy/preparations/{preparation}/label.png", (PHARMACIST, PREPARER, MONITOR)),
    "api_labels": None,
    "api_labels_zpl": None,
}


@pytest.fixture
def places(trial: None) -> dict[str, str]:
    """A sample, a lot on hold, and preparations at each step at GR01."""
    numbers = [play.enrol(Case("GR01")).participant for _turn in range(3)]
    number = numbers[0]
    doses = [Dose.objects.get(course__participant__number=patient, route="IV", number=1) for patient in numbers]
    participant = play.screen(Case("GR01"))
    participant.refresh_from_db()
    first, second, third = (prepare(actor=PHARMACIST, dose_uid=dose.uid) for dose in doses)
    play.make_syringes([second], "GR01")
    play.make_and_check([third], "GR01")
    lot = Lot.objects.filter(site_code="GR01")[0]
    line = Delivered("ANAKINRA", "WARM", clock.now().date() + timedelta(days=90), 10)
    receive(actor=PHARMACIST, site_code="GR01", line=line, delivery_note="7", temperature_c=Decimal(12))
    hold = Hold.objects.get(lot__number="WARM")
    free = Dose.objects.get(course__participant__number=number, route="SC", number=1)
    article = add_signed(PREPARER, "GR01", "SALINE", OTHER_PACK)
    taken_out = write_off(actor=PHARMACIST, lot_id=lot.pk, kind=Kind.WASTE, units=20, reason="the shelf fell")
    return {
        "article": str(article.pk),
        "sample": str(participant.sample_id),
        "preparation": str(first.uid),
        "dose": str(free.uid),
        "kit": first.kit_code,
        "made_kit": second.kit_code,
        "checked_kit": third.kit_code,
        "lot": str(lot.pk),
        "hold": str(hold.pk),
        "order": str(order_lot(lot.pk, 5).pk),
        "removal": str(Removal.objects.get(movement=taken_out).pk),
        "carton": str(Carton.objects.filter(lot__site_code="GR01")[0].pk),
        "consignment": str(hold.consignment_id),
    }


def test_every_address_is_in_the_table_and_every_page_is_shown_to_axe() -> None:
    assert missing_from(set(TABLE)) == set()
    assert unseen("unblinded") == set()


@pytest.fixture
def clients(trial: None) -> dict[Actor, Client]:
    """Everybody, logged in."""
    return {actor: client_of(actor) for actor in EVERYBODY}


def check_who_may_open(clients: dict[Actor, Client], name: str, address: str, allowed: tuple[Actor, ...]) -> None:
    """Everybody tries; out of reach looks like nothing there."""
    roles = {actor.role for actor in allowed}
    assert Client().get(address).status_code in {302, 401, 403}, name
    for actor, client in clients.items():
        expected = 200 if actor in allowed else 404 if actor.role in roles else 403
        assert client.get(address).status_code == expected, (name, actor)


@pytest.mark.requirement("R11", "R32")
def test_who_may_open_what_is_the_same_for_every_site(clients: dict[Actor, Client]) -> None:
    for name, entry in TABLE.items():
        if entry and "{" not in entry[0]:
            check_who_may_open(clients, name, *entry)


@pytest.mark.requirement("R11", "R32")
def test_who_may_open_what_belongs_to_one_site(clients: dict[Actor, Client], places: dict[str, str]) -> None:
    for name, entry in TABLE.items():
        if entry and "{" in entry[0]:
            check_who_may_open(clients, name, entry[0].format(**places), entry[1])


@pytest.mark.requirement("R11")
def test_who_may_send(clients: dict[Actor, Client], places: dict[str, str]) -> None:
    sample, preparation, dose = (places[key] for key in ("sample", "preparation", "dose"))
    bench, laboratory = (PHARMACIST, PREPARER), (LABORATORY,)
    table = {
        (f"/pharmacy/doses/{dose}/prepare/", bench, OTHER_SITE),
        (f"/pharmacy/preparations/{preparation}/labels/", bench, OTHER_SITE),
        (f"/api/v1/pharmacy/preparations/{preparation}/labels.pdf", bench, OTHER_SITE),
        (f"/api/v1/pharmacy/preparations/{preparation}/labels.zpl", bench, OTHER_SITE),
        (f"/pharmacy/kits/{places['kit']}/acknowledge/", bench, OTHER_SITE),
        (f"/api/v1/pharmacy/calls/{places['kit']}/acknowledgement/", bench, OTHER_SITE),
        (f"/pharmacy/kits/{places['kit']}/prepare/", bench, OTHER_SITE),
        (f"/pharmacy/kits/{places['kit']}/labels/", bench, OTHER_SITE),
        (f"/laboratory/{sample}/receive/", laboratory, OTHER_COUNTRY),
        (f"/pharmacy/stock/cartons/{places['carton']}/close/", bench, OTHER_SITE),
        (f"/api/v1/pharmacy/stock/cartons/{places['carton']}/closing/", bench, OTHER_SITE),
    }
    for address, allowed, elsewhere in table:
        for actor, client in clients.items():
            answer = client.post(address, {"received_at": ""})
            if actor in allowed:
                assert answer.status_code not in {403, 404}, (address, actor)
            else:
                assert answer.status_code in ({404} if actor == elsewhere else {403, 404}), (address, actor)


def test_the_pages_of_the_blinded_side_are_not_here(trial: None) -> None:
    for address in ("/participants/", "/bedside/", "/desk/", "/api/v1/participants/"):
        assert client_of(PHARMACIST).get(address).status_code == 404
