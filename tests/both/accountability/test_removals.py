"""What takes much out of a lot is signed by the person who finds it, and confirmed by another afterwards."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
import time_machine
from django.db import IntegrityError, transaction

from immunosep_site.demonstration import cast
from pharmacy.accountability.papers import report_csv, report_pdf
from pharmacy.accountability.selectors import report_of
from pharmacy.stock.ledger import Kind
from pharmacy.stock.models import Lot, Movement, Removal
from pharmacy.stock.removals import how_many_open, most_in_a_syringe, removals_for
from pharmacy.stock.removing import RemovalState, WriteOff, needs_two
from pharmacy.stock.selectors import holdings, stock_of, supply_changes
from randomization.accounts.roles import Role
from randomization.audit.models import Event
from randomization.notices.models import Entry
from randomization.shared import clock
from randomization.shared.errors import InvalidInput, NotFound, NotPermitted, Refused, SignatureRefused
from randomization.signatures.models import Signature
from randomization.signatures.signing import sign
from tests.conftest import tampering
from tests.permissions import client_of
from tests.removing import count_stock, count_unsigned, decide, write_off, write_off_unsigned

pytestmark = pytest.mark.once

SITE = "GR01"
PHARMACIST, PREPARER = cast.at_site(Role.PHARMACIST, SITE), cast.at_site(Role.PREPARER, SITE)
MONITOR, ELSEWHERE = cast.at_site(Role.UNBLINDED_MONITOR, SITE), cast.at_site(Role.PHARMACIST, "GR02")
SAFETY = cast.SAFETY_OFFICER
WAITS = "to be confirmed by a second person"
CONFIRMED, DISPUTED, SETTLED = RemovalState.CONFIRMED, RemovalState.DISPUTED, RemovalState.SETTLED


@pytest.fixture
def lot(trial: None) -> Lot:
    return Lot.objects.filter(site_code=SITE, product="ANAKINRA").order_by("pk")[0]


def balances(lot: Lot) -> tuple[int, int]:
    held = holdings([lot.pk])[0]
    return held.balance, held.arm_neutral


def refused_with(act: Callable[[], Any]) -> str:
    with pytest.raises((Refused, InvalidInput, SignatureRefused)) as refusal:
        act()
    return refusal.value.code


def waste(lot: Lot, units: int) -> Removal:
    """Wasted by the pharmacist, signed."""
    movement = write_off(actor=PHARMACIST, lot_id=lot.pk, kind=Kind.WASTE, units=units, reason="the shelf fell")
    return Removal.objects.get(movement=movement)


# The case and its siblings


@pytest.mark.requirement("R40", "R34")
def test_a_pharmacist_alone_at_night_wastes_a_shelf_and_another_person_confirms(lot: Lot) -> None:
    before, notices = balances(lot), Entry.objects.filter(kind="removal").count()
    common: dict[str, Any] = {"actor": PHARMACIST, "lot_id": lot.pk, "kind": Kind.WASTE, "reason": "the shelf fell"}
    assert refused_with(lambda: write_off_unsigned(**common, units=before[0] - 4)) == "signature_needed"
    assert balances(lot) == before
    removal = waste(lot, before[0] - 4)
    assert balances(lot) == (4, before[1]), "at once, and what counts as there stays"
    assert (removal.state, removal.recorded_by, removal.site_code) == ("waiting", PHARMACIST.user_name, SITE)
    assert Signature.objects.exclude(used_at=None).filter(pk=removal.signature).exists()
    assert Entry.objects.filter(kind="removal", site_code=SITE).count() == notices + 1
    event = Event.objects.get(action="stock.write_off", subject=lot.number)
    assert json.loads(event.data)["removal"] == str(removal.pk)
    assert "the shelf fell" not in event.data, "the reason lies with the texts that can be redacted"
    assert decide(removal, PREPARER).state == "confirmed"
    assert balances(lot) == (4, before[1]), "a confirmation moves nothing"
    assert how_many_open(MONITOR) == 0
    assert supply_changes() == []


@pytest.mark.requirement("R40")
def test_a_count_far_below_the_ledger_is_signed_and_confirmed(lot: Lot) -> None:
    balance, arm_neutral = balances(lot)
    common: dict[str, Any] = {"actor": PHARMACIST, "lot_id": lot.pk, "reason": "a box is missing"}
    assert refused_with(lambda: count_unsigned(**common, counted=balance - 20)) == "signature_needed"
    movement = count_stock(**common, counted=balance - 20)
    assert (movement.quantity, balances(lot)) == (-20, (balance - 20, arm_neutral))
    removal = Removal.objects.get(movement=movement)
    assert [(row.units, row.reason) for row in removals_for(MONITOR)] == [(20, "a box is missing")]
    assert decide(removal, SAFETY).decided_by == SAFETY.user_name
    count_unsigned(**common, counted=balance)
    assert Removal.objects.count() == 1, "what a count finds too many is no removal"


@pytest.mark.requirement("R40")
@pytest.mark.parametrize("whole_lot", [False, True], ids=["a part", "the whole lot"])
def test_a_return_of_much_is_signed_and_confirmed(lot: Lot, whole_lot: bool) -> None:
    balance, arm_neutral = balances(lot)
    common: dict[str, Any] = {
        "actor": PHARMACIST,
        "lot_id": lot.pk,
        "kind": Kind.RETURN,
        "units": balance if whole_lot else balance - 1,
        "reason": "to the sponsor",
        "whole_lot": whole_lot,
    }
    assert refused_with(lambda: write_off_unsigned(**common)) == "signature_needed"
    assert balances(lot) == (balance, arm_neutral)
    removal = Removal.objects.get(movement=write_off(**common))
    assert balances(lot) == ((0, 0) if whole_lot else (1, arm_neutral))
    assert decide(removal, PREPARER).state == CONFIRMED


def test_what_one_syringe_takes_is_wasted_without_a_password(lot: Lot) -> None:
    common: dict[str, Any] = {"actor": PHARMACIST, "lot_id": lot.pk}
    assert most_in_a_syringe(SITE, lot.product) == 2
    write_off_unsigned(**common, kind=Kind.WASTE, units=2, reason="dropped")
    count_unsigned(**common, counted=balances(lot)[0])
    assert not Removal.objects.exists()


@pytest.mark.requirement("R40")
def test_much_that_leaves_in_small_parts_is_signed_as_well(lot: Lot) -> None:
    common: dict[str, Any] = {"actor": PHARMACIST, "lot_id": lot.pk, "reason": "dropped"}
    write_off_unsigned(**common, kind=Kind.WASTE, units=1)
    write_off_unsigned(**common, kind=Kind.RETURN, units=1)
    small: tuple[Callable[[], Any], ...] = (
        lambda: write_off_unsigned(**common, kind=Kind.WASTE, units=1),
        lambda: count_unsigned(**common, counted=balances(lot)[0] - 1),
    )
    assert [refused_with(act) for act in small] == ["signature_needed"] * 2
    with time_machine.travel(clock.now() + timedelta(hours=25), tick=False):
        write_off_unsigned(**common, kind=Kind.WASTE, units=2)
        assert waste(lot, 1).state == "waiting"


@pytest.mark.requirement("R40")
def test_the_last_units_of_a_lot_are_signed_however_few(lot: Lot) -> None:
    count_stock(actor=PHARMACIST, lot_id=lot.pk, counted=2, reason="found short")
    with time_machine.travel(clock.now() + timedelta(hours=25), tick=False):
        common: dict[str, Any] = {"actor": PHARMACIST, "lot_id": lot.pk, "reason": "gone"}
        assert refused_with(lambda: write_off_unsigned(**common, kind=Kind.WASTE, units=2)) == "signature_needed"
        assert refused_with(lambda: count_unsigned(**common, counted=0)) == "signature_needed"
        write_off_unsigned(**common, kind=Kind.WASTE, units=1)
        assert waste(lot, 1).state == "waiting"


@pytest.mark.parametrize(
    ("units", "more", "two"),
    [
        (2, {"left": 8, "in_a_syringe": 2}, False),
        (3, {"left": 7, "in_a_syringe": 2}, True),
        (2, {"left": 8, "in_a_syringe": 2, "before": 1}, True),
        (1, {"left": 0, "in_a_syringe": 2}, True),
        (1, {"left": 9, "in_a_syringe": 0}, True),
        (0, {"left": 0, "in_a_syringe": 2}, False),
        (-5, {"left": 15, "in_a_syringe": 2, "before": 4}, False),
        (0, {"left": 0, "in_a_syringe": 2, "whole_lot": True}, True),
    ],
)
def test_what_needs_two(units: int, more: dict[str, Any], two: bool) -> None:
    assert needs_two(units, **more) is two


# Who decides


@pytest.mark.requirement("R32", "R40")
def test_another_person_of_the_pharmacy_decides_or_the_safety_officer(lot: Lot) -> None:
    removal = waste(lot, 20)
    assert refused_with(lambda: decide(removal, PHARMACIST)) == "same_person"
    with pytest.raises(NotFound):
        decide(removal, ELSEWHERE)
    with pytest.raises(NotPermitted):
        decide(removal, MONITOR)
    assert [row.may_decide for actor in (PHARMACIST, PREPARER, MONITOR, SAFETY) for row in removals_for(actor)] == [
        False,
        True,
        False,
        True,
    ]
    assert removals_for(ELSEWHERE) == []
    decide(removal, PREPARER)
    assert refused_with(lambda: decide(removal, SAFETY)) == "decided"
    with tampering(), pytest.raises(IntegrityError), transaction.atomic():
        Removal.objects.filter(pk=removal.pk).update(decided_by=PHARMACIST.user_name)
    with tampering(), pytest.raises(IntegrityError), transaction.atomic():
        Removal.objects.filter(pk=removal.pk).update(decision_signature=None)


@pytest.mark.requirement("R40")
def test_a_dispute_is_shown_until_another_person_settles_it(lot: Lot) -> None:
    balance, _arm_neutral = balances(lot)
    removal = waste(lot, 20)
    for reason in ("", " "):
        assert refused_with(lambda reason=reason: decide(removal, PREPARER, DISPUTED, reason)) == "reason_missing"  # type: ignore[misc]
    assert refused_with(lambda: decide(removal, PREPARER, SETTLED, "no dispute yet")) == "decided"
    notices = Entry.objects.filter(kind="removal").count()
    decide(removal, PREPARER, DISPUTED, "they lie in the other refrigerator")
    assert Entry.objects.filter(kind="removal").count() == notices + 1
    assert report_of(MONITOR, SITE).unexplained == 20
    assert "disputed by preparer.gr01" in client_of(MONITOR).get("/pharmacy/stock/").content.decode()
    assert refused_with(lambda: decide(removal, PREPARER)) == "decided"
    assert refused_with(lambda: decide(removal, PHARMACIST, SETTLED, "found them")) == "same_person"
    count_unsigned(actor=PHARMACIST, lot_id=lot.pk, counted=balance, reason="found in the other refrigerator")
    decide(removal, PREPARER, SETTLED, "counted in again")
    assert (balances(lot)[0], report_of(MONITOR, SITE).unexplained) == (balance, 0)
    assert [row.decision for row in removals_for(MONITOR)] == ["counted in again"]


def test_the_signature_is_for_this_act_and_no_other(lot: Lot) -> None:
    grant = sign(actor=PHARMACIST, secret=cast.PASSWORD, command=WriteOff(lot.pk, Kind.WASTE, 20, "dropped"))
    common: dict[str, Any] = {"actor": PHARMACIST, "lot_id": lot.pk, "kind": Kind.WASTE, "reason": "dropped"}
    assert refused_with(lambda: write_off_unsigned(**common, units=21, grant=grant)) == "signed_changed"
    write_off_unsigned(**common, units=20, grant=grant)
    assert refused_with(lambda: write_off_unsigned(**common, units=20, grant=grant)) == "signature_used"
    assert refused_with(lambda: write_off_unsigned(**common, units=20, grant=uuid4())) == "signature_refused"
    assert Movement.objects.filter(lot=lot, kind=Kind.WASTE).count() == 1


# Page, API, report


@pytest.mark.requirement("R40", "R35")
def test_it_is_shown_to_pharmacy_and_monitor_until_it_is_confirmed(lot: Lot) -> None:
    monitor, preparer, pharmacist = client_of(MONITOR), client_of(PREPARER), client_of(PHARMACIST)
    page = f"/pharmacy/stock/lots/{lot.pk}/write-off/"
    form = {"kind": "waste", "units": "20", "reason": "the shelf fell"}
    asked = pharmacist.post(page, form)
    assert (asked.status_code, b"sign with your password" in asked.content) == (422, True)
    assert pharmacist.post(page, {**form, "secret": "wrong"}).status_code == 422
    assert not Removal.objects.exists()
    assert pharmacist.post(page, {**form, "secret": cast.PASSWORD}).status_code == 302
    removal = Removal.objects.get()
    shown_on = ("stock/", f"stock/lots/{lot.pk}/", "removals/", "", f"accountability/{SITE}/")
    for address in shown_on:
        assert WAITS in monitor.get(f"/pharmacy/{address}").content.decode().lower(), address
    assert [row.lot.pk for row in stock_of(MONITOR, SITE) if row.to_confirm] == [lot.pk]
    assert f"Confirm or dispute {removal.pk}" in preparer.get("/pharmacy/stock/").content.decode()
    for client in (pharmacist, monitor):
        assert f"Confirm or dispute {removal.pk}" not in client.get("/pharmacy/stock/").content.decode()
    decision = f"/pharmacy/removals/{removal.pk}/"
    assert b"the shelf fell" in preparer.get(decision).content
    said = {"state": "confirmed", "reason": "", "secret": cast.PASSWORD}
    assert client_of(ELSEWHERE).post(decision, said).status_code == 404
    assert (monitor.post(decision, said).status_code, pharmacist.post(decision, said).status_code) == (403, 409)
    assert preparer.post(decision, {**said, "secret": "wrong"}).status_code == 422
    assert preparer.post(decision, said).status_code == 302
    for address in shown_on[:-1]:
        assert WAITS not in monitor.get(f"/pharmacy/{address}").content.decode().lower(), address
    assert not any(row.to_confirm for row in stock_of(MONITOR, SITE))


@pytest.mark.requirement("R40")
def test_the_report_counts_it_as_outstanding_and_its_hash_changes_with_the_decision(lot: Lot) -> None:
    removal = waste(lot, 20)
    before = report_of(MONITOR, SITE)
    assert (before.to_confirm, before.unexplained) == (20, 20)
    assert f"GR01,waste,ANAKINRA,{lot.number},,,20,pharmacist.gr01" in report_csv(before)
    assert report_pdf(MONITOR, before).startswith(b"%PDF")
    decide(removal, PREPARER)
    after = report_of(MONITOR, SITE)
    assert (after.to_confirm, after.unexplained, after.sha256 == before.sha256) == (0, 0, False)
    line = client_of(MONITOR).get(f"/api/v1/pharmacy/accountability/{SITE}/").json()["removals"]
    assert [(item["units"], item["state"], item["decided_by"]) for item in line] == [
        (20, "confirmed", PREPARER.user_name)
    ]


@pytest.mark.requirement("R40", "R35")
def test_the_api_does_what_the_pages_do(lot: Lot) -> None:
    pharmacist, preparer = client_of(PHARMACIST), client_of(PREPARER)

    def post(client: Any, address: str, body: dict[str, Any], key: str = "") -> Any:
        headers = {"Idempotency-Key": key} if key else {}
        return client.post(f"/api/v1/pharmacy/{address}", json.dumps(body), "application/json", headers=headers)

    address, counted = f"stock/lots/{lot.pk}/movements/", balances(lot)[0] - 20
    body = {"kind": "count", "counted": counted, "reason": "a box is missing"}
    refused = post(pharmacist, address, body)
    assert (refused.status_code, refused.json()["code"]) == (422, "signature_needed")
    signed = {**body, "user_name": PHARMACIST.user_name, "secret": cast.PASSWORD}
    assert post(pharmacist, address, {**signed, "secret": "wrong"}).status_code == 422
    assert post(pharmacist, address, {**signed, "user_name": PREPARER.user_name}).status_code == 422
    first, second = (post(pharmacist, address, signed, "count-once") for _turn in range(2))
    assert (first.status_code, second.json()) == (201, first.json())
    removal = Removal.objects.get()
    assert (first.json()["removal"], first.json()["removal_state"]) == (removal.pk, "waiting")
    assert [row["removal"] for row in pharmacist.get(f"/api/v1/pharmacy/{address}").json()] == [removal.pk, None]
    listed = client_of(MONITOR).get("/api/v1/pharmacy/removals/").json()
    assert [(row["units"], row["reason"], row["may_become"]) for row in listed] == [
        (20, "a box is missing", ["confirmed", "disputed"])
    ]
    lots = client_of(MONITOR).get("/api/v1/pharmacy/stock/").json()
    assert [row["id"] for row in lots if row["to_confirm"]] == [lot.pk]
    decision = f"removals/{removal.pk}/decision/"
    said = {"user_name": PREPARER.user_name, "secret": cast.PASSWORD, "state": "confirmed"}
    assert post(client_of(ELSEWHERE), decision, {**said, "user_name": ELSEWHERE.user_name}).status_code == 404
    assert post(pharmacist, decision, {**said, "user_name": PHARMACIST.user_name}).status_code == 409
    assert post(client_of(MONITOR), decision, {**said, "user_name": MONITOR.user_name}).status_code == 403
    assert post(preparer, decision, {**said, "state": "waiting"}).status_code == 422
    answer = post(preparer, decision, said)
    assert (answer.status_code, answer.json()["decided_by"]) == (201, PREPARER.user_name)
    assert post(preparer, decision, said).status_code == 409
