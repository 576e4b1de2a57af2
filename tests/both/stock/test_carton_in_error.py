"""A carton that was opened in error stays in the register and gives nothing; the accountability shows every carton."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from immunosep_site.demonstration import cast, play
from immunosep_site.demonstration.bench import code_of, from_cartons
from immunosep_site.demonstration.play import Case
from pharmacy.accountability.papers import report_csv, report_pdf
from pharmacy.accountability.selectors import report_of
from pharmacy.preparation.models import Preparation
from pharmacy.preparation.services.finish import void
from pharmacy.preparation.services.prepare import prepare
from pharmacy.preparation.units_taken import TypedLot
from pharmacy.stock.cartons import closed_cartons, hospital_lots_at, open_cartons
from pharmacy.stock.models import Carton, Lot, Movement
from pharmacy.stock.read_pack import Typed
from pharmacy.stock.services.cartons import close_carton, open_carton, record_opened_in_error
from randomization.accounts.roles import Role
from randomization.audit.models import Event
from randomization.blinded.bedside.models import Dose
from randomization.shared import clock
from randomization.shared.errors import InvalidInput, NotFound, NotPermitted, Refused
from tests.conftest import tampering
from tests.permissions import client_of

SITE = "GR01"
PHARMACIST, PREPARER = cast.at_site(Role.PHARMACIST, SITE), cast.at_site(Role.PREPARER, SITE)
MONITOR, ELSEWHERE = cast.at_site(Role.UNBLINDED_MONITOR, SITE), cast.at_site(Role.PHARMACIST, "GR02")
LATER = (clock.now() + timedelta(days=365)).date()
pytestmark = [pytest.mark.requirement("R44"), pytest.mark.once]


def saline(number: str = "H-1") -> Carton:
    """A carton of the hospital's own saline, typed: a wrong lot is typed easily."""
    typed = Typed(number, LATER, reason="no code on it")
    return open_carton(actor=PREPARER, site_code=SITE, product="SALINE", typed=typed)


def iv_dose() -> Dose:
    number = play.enrol(Case(SITE)).participant
    return Dose.objects.get(course__participant__number=number, route="IV", number=1)


def syringe() -> Preparation:
    """An opened IV syringe; both kinds take saline."""
    return prepare(actor=PHARMACIST, dose_uid=iv_dose().uid)


def in_error(carton: Carton, **changed: Any) -> Carton:
    """As the pharmacist says it."""
    return record_opened_in_error(
        **{"actor": PHARMACIST, "carton_id": carton.pk, "reason": "the other lot was typed", **changed}
    )


@pytest.mark.requirement("R39")
def test_it_stays_in_the_register_with_who_when_and_why_and_gives_nothing(trial: None) -> None:
    carton, opened = saline(), syringe()
    lots = {**from_cartons([opened], SITE, but=["SALINE"]), "SALINE": TypedLot(cartons=(carton.pk,))}
    for changed, error in (
        ({"reason": " "}, InvalidInput),
        ({"actor": PREPARER}, NotPermitted),
        ({"actor": MONITOR}, NotPermitted),
        ({"actor": ELSEWHERE}, NotFound),
    ):
        with pytest.raises(error):
            in_error(carton, **changed)
    before = Movement.objects.count()
    in_error(carton)
    carton.refresh_from_db()
    assert (carton.in_error_by, carton.closed_by, carton.opened_by) == (
        PHARMACIST.user_name,
        PHARMACIST.user_name,
        PREPARER.user_name,
    )
    assert carton.in_error_at == carton.closed_at
    assert carton.pk not in {row.pk for row in open_cartons(SITE)}
    assert [(row.carton.pk, row.reason) for row in closed_cartons(MONITOR, SITE)] == [
        (carton.pk, "the other lot was typed")
    ]
    with pytest.raises(Refused) as refusal:
        play.make_syringes([opened], SITE, lots)
    assert refusal.value.code == "carton_in_error"
    assert Movement.objects.count() == before, "nothing is booked"
    event = Event.objects.get(action="stock.carton_in_error", stream=SITE)
    assert "the other lot was typed" not in event.data, "the reason lies with the texts that can be redacted"
    with pytest.raises(Refused) as again:
        in_error(carton)
    assert again.value.code == "in_error"
    with pytest.raises(Refused):
        close_carton(actor=PREPARER, carton_id=carton.pk)


@pytest.mark.requirement("R39")
@pytest.mark.parametrize("way", ["made", "released"])
def test_where_a_syringe_holds_units_of_it_the_refusal_says_what_to_do(trial: None, way: str) -> None:
    if way == "made":
        opened = syringe()
        play.make_syringes([opened], SITE, {"SALINE": TypedLot(cartons=(saline().pk,))})
    else:
        opened = play.prepare_and_release(iv_dose(), SITE)
    carton = Carton.objects.get(lot__product="SALINE", uses__preparation_uid=opened.uid)
    with pytest.raises(Refused) as refusal:
        in_error(carton)
    assert refusal.value.code == "units_taken"
    assert str(opened) in str(refusal.value)
    assert "Void each syringe that was not given" in str(refusal.value)
    assert "close the carton" in str(refusal.value)
    assert close_carton(actor=PREPARER, carton_id=carton.pk).in_error_at is None
    void(actor=PHARMACIST, uid=opened.uid, reason="from the wrong carton")
    carton = in_error(carton)
    assert (carton.closed_by, carton.in_error_by) == (PREPARER.user_name, PHARMACIST.user_name)
    line = next(line for line in report_of(MONITOR, SITE).cartons if line.number == carton.pk)
    assert (line.taken, line.state, line.ended_by) == (1, "opened in error", PHARMACIST.user_name)


def test_the_carton_is_opened_again_as_it_is(trial: None) -> None:
    lot = Lot.objects.filter(site_code=SITE, product="ANAKINRA").order_by("pk")[0]
    code = f"{code_of('ANAKINRA', lot.number, lot.last_day)}\x1d21S1"
    common: dict[str, Any] = {"actor": PREPARER, "site_code": SITE, "product": "ANAKINRA", "typed": Typed(code)}
    first = open_carton(**common, units=10)
    with pytest.raises(Refused):
        open_carton(**common, units=12)
    in_error(first, reason="counted wrongly")
    second = open_carton(**common, units=12)
    assert (first.serial, second.serial, second.units) == ("S1", "S1", 12)


def test_a_hospital_lot_that_was_typed_wrongly_is_not_offered(trial: None) -> None:
    wrong, right = saline("H-9"), saline("H-6")
    assert {lot.number for lot in hospital_lots_at(SITE, "SALINE")} >= {"H-9", "H-6"}
    in_error(wrong)
    offered = {lot.number for lot in hospital_lots_at(SITE, "SALINE")}
    assert (right.lot.number in offered, "H-9" in offered) == (True, False)


def test_the_database_keeps_who_said_so(trial: None) -> None:
    carton = saline()
    for changed in (
        {"in_error_at": clock.now(), "in_error_by": "x"},
        {"in_error_at": clock.now(), "closed_at": clock.now(), "closed_by": "x"},
    ):
        with tampering(), pytest.raises(IntegrityError), transaction.atomic():
            Carton.objects.filter(pk=carton.pk).update(**changed)


def test_by_page_and_over_the_api(trial: None) -> None:
    page_carton, api_carton = saline("H-1"), saline("H-2")
    pharmacist, preparer = client_of(PHARMACIST), client_of(PREPARER)
    address = f"/pharmacy/stock/cartons/{page_carton.pk}/error/"
    assert address in pharmacist.get("/pharmacy/stock/cartons/").content.decode()
    assert address not in preparer.get("/pharmacy/stock/cartons/").content.decode()
    assert b"SALINE lot H-1" in pharmacist.get(address).content
    assert preparer.post(address, {"reason": "x"}).status_code == 403
    assert client_of(ELSEWHERE).post(address, {"reason": "x"}).status_code == 404
    assert pharmacist.post(address, {"reason": ""}).status_code == 422
    assert pharmacist.post(address, {"reason": "misread"}).status_code == 302
    assert pharmacist.post(address, {"reason": "misread"}).status_code == 409
    shown = preparer.get("/pharmacy/stock/cartons/").content.decode()
    assert "opened in error" in shown
    assert ": misread" in shown
    address = f"/api/v1/pharmacy/stock/cartons/{api_carton.pk}/error/"
    for client, body, status in (
        (preparer, {"reason": "x"}, 403),
        (client_of(ELSEWHERE), {"reason": "x"}, 404),
        (pharmacist, {"reason": ""}, 422),
        (pharmacist, {"reason": "misread"}, 201),
        (pharmacist, {"reason": "misread"}, 409),
    ):
        answer = client.post(address, json.dumps(body), "application/json")
        assert answer.status_code == status, body
        if status == 201:
            said = answer.json()
            assert (said["in_error_by"], said["in_error_at"] is not None) == (PHARMACIST.user_name, True)


@pytest.mark.requirement("R40")
def test_the_accountability_shows_every_carton(trial: None) -> None:
    carton, opened = saline(), syringe()
    play.make_syringes([opened], SITE, {"SALINE": TypedLot(cartons=(carton.pk,))})
    wrong = in_error(saline("H-2"))
    before = report_of(MONITOR, SITE)
    lines = {line.number: line for line in before.cartons}
    assert (lines[carton.pk].taken, lines[carton.pk].state, lines[carton.pk].ended_by) == (1, "open", "")
    assert (lines[carton.pk].opened_by, lines[carton.pk].opened_at) == (PREPARER.user_name, carton.opened_at)
    assert (lines[wrong.pk].taken, lines[wrong.pk].state) == (0, "opened in error")
    assert f"GR01,carton,SALINE,H-1,{LATER.isoformat()},{carton.pk},1,preparer.gr01" in report_csv(before)
    assert report_pdf(MONITOR, before).startswith(b"%PDF")
    close_carton(actor=PREPARER, carton_id=carton.pk)
    assert report_of(MONITOR, SITE).sha256 != before.sha256
    client = client_of(MONITOR)
    listed = client.get(f"/api/v1/pharmacy/accountability/{SITE}/").json()["cartons"]
    states = {row["number"]: (row["lot"], row["state"], row["ended_by"]) for row in listed}
    assert states[carton.pk] == ("H-1", "closed", PREPARER.user_name)
    assert states[wrong.pk] == ("H-2", "opened in error", PHARMACIST.user_name)
    shown = client.get(f"/pharmacy/accountability/{SITE}/").content.decode()
    assert "Opened cartons" in shown
    assert "opened in error" in shown
