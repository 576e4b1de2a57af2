"""Destruction takes two people: one orders and signs, another pharmacist of the site destroys and signs."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from functools import partial
from typing import Any
from uuid import uuid4

import pytest
from django.db import IntegrityError, transaction

from immunosep_site.demonstration import cast, play
from immunosep_site.demonstration.play import Case
from pharmacy.accountability.models import SyringeDestruction
from pharmacy.accountability.selectors import report_of
from pharmacy.accountability.services.reconcile import take_back
from pharmacy.preparation.services.finish import void
from pharmacy.stock.destructions import of_hold, of_lot, open_orders, orders_for
from pharmacy.stock.hold_causes import Outcome
from pharmacy.stock.ledger import Kind
from pharmacy.stock.models import Destruction, DestructionOrder, Hold, Lot, Movement
from pharmacy.stock.selectors import holdings, stock_of, supply_changes
from pharmacy.stock.services.order_destruction import cancel_order, order_destruction
from pharmacy.stock.services.quarantine import decide, recall
from pharmacy.stock.services.receive import Delivered, receive
from randomization.accounts.roles import Role
from randomization.accounts.services.appoint import Delegation
from randomization.audit.models import Event
from randomization.blinded.bedside.models import Dose
from randomization.notices.models import Entry
from randomization.shared import clock
from randomization.shared.actor import Actor
from randomization.shared.errors import InvalidInput, NotFound, NotPermitted, Refused, SignatureRefused
from randomization.signatures.models import Signature
from randomization.signatures.signing import sign
from randomization.unblinded.people.services.appoint_by_two import confirm, propose
from tests.conftest import tampering
from tests.destroying import carry_out, order, order_hold, order_lot, order_returned
from tests.permissions import client_of
from tests.removing import count_stock, write_off

pytestmark = pytest.mark.once

SITE = "GR01"
PHARMACIST, PREPARER = cast.at_site(Role.PHARMACIST, SITE), cast.at_site(Role.PREPARER, SITE)
MONITOR, ELSEWHERE = cast.at_site(Role.UNBLINDED_MONITOR, SITE), cast.at_site(Role.PHARMACIST, "GR02")
SAFETY = cast.SAFETY_OFFICER
SECOND = Actor("pharmacist.gr01.second", Role.PHARMACIST, SITE)
LATER = (clock.now() + timedelta(days=200)).date()


@pytest.fixture
def second(trial: None) -> Actor:
    """Another pharmacist of the site."""
    delegation = Delegation(
        user_name=SECOND.user_name,
        email="second@example.org",
        role=Role.PHARMACIST,
        reach=SITE,
        delegated_by="site delegation log",
        trained_for="1, 2",
    )
    proposal = propose(actor=cast.STATISTICIAN, delegation=delegation, password=cast.PASSWORD)
    confirm(actor=cast.SECOND_STATISTICIAN, proposal_id=str(proposal.id))
    return SECOND


@pytest.fixture
def lot(trial: None) -> Lot:
    return Lot.objects.filter(site_code=SITE, product="ANAKINRA").order_by("pk")[0]


def balances(lot: Lot) -> tuple[int, int]:
    held = holdings([lot.pk])[0]
    return held.balance, held.arm_neutral


def refused_with(act: Callable[[], Any]) -> str:
    with pytest.raises((Refused, InvalidInput)) as refusal:
        act()
    return refusal.value.code


def warm(number: str = "WARM", units: int = 10) -> Hold:
    """A consignment that arrived warm and is on hold."""
    line = Delivered("ANAKINRA", number, LATER, units)
    receive(actor=PHARMACIST, site_code=SITE, line=line, delivery_note="7", temperature_c=Decimal(15))
    return Hold.objects.get(lot__number=number, outcome="")


def returned_syringe(route: str = "IV") -> str:
    """A released syringe that is void and came back; its packaging code."""
    number = play.enrol(Case(SITE)).participant
    syringe = play.prepare_and_release(
        Dose.objects.get(course__participant__number=number, route=route, number=1), SITE
    )
    void(actor=PHARMACIST, uid=syringe.uid, reason="dropped")
    take_back(actor=PREPARER, barcode=play.label_of(syringe))
    return syringe.pack_code


# The three ways to destroy, each by two people


@pytest.mark.requirement("R40", "R34")
def test_a_part_is_ordered_by_one_and_destroyed_by_another(lot: Lot, second: Actor) -> None:
    before = balances(lot)
    ordered = order_lot(lot.pk, 6, actor=PHARMACIST)
    assert balances(lot) == before, "an order moves nothing"
    assert refused_with(lambda: carry_out(ordered, PHARMACIST)) == "same_person"
    assert balances(lot) == before
    done = carry_out(ordered, second, units=4, method=" incinerated, box 12 ")
    assert balances(lot) == (before[0] - 4, before[1]), "a part never reaches what counts as there"
    assert (done.units, done.method, done.witness, done.by) == (4, "incinerated, box 12", "M. Second", second.user_name)
    assert done.movement is not None
    assert (done.movement.kind, done.movement.reference) == (Kind.DESTRUCTION, f"destruction {ordered.pk}")
    used = Signature.objects.exclude(used_at=None).filter(pk__in=[ordered.signature, done.signature])
    assert {signature.user_name for signature in used} == {PHARMACIST.user_name, second.user_name}
    actions = Event.objects.filter(stream=SITE, subject=lot.number, action__contains="destr").order_by("id")
    assert [event.action for event in actions] == ["stock.order_destruction", "stock.destroy"]
    assert "expired" not in actions[0].data, "the reason lies with the texts that can be redacted"
    assert [row.reason for row in orders_for(MONITOR)] == ["expired"]
    assert Entry.objects.filter(kind="destruction", site_code=SITE).exists()
    assert refused_with(lambda: carry_out(ordered, second)) == "order_ended"
    assert report_of(MONITOR, SITE).unexplained == 0


@pytest.mark.requirement("R40")
def test_all_of_what_is_on_hold_is_destroyed_by_two(trial: None) -> None:
    hold = warm()
    assert refused_with(
        lambda: decide(actor=PHARMACIST, hold_id=hold.pk, outcome=Outcome.DESTROYED, reason="no reading")
    ) == ("order_needed")
    ordered = order_hold(hold, actor=PHARMACIST)
    assert refused_with(lambda: order_hold(hold)) == "ordered_already"
    assert (
        refused_with(lambda: decide(actor=PHARMACIST, hold_id=hold.pk, outcome=Outcome.RELEASED, reason="fine"))
        == "ordered_already"
    )
    row = next(row for row in stock_of(PHARMACIST, SITE) if row.lot.pk == hold.lot_id)
    assert (row.holding.balance, row.holding.held, row.holding.free(arm_neutral=True)) == (10, 10, 0), (
        "it stays on hold"
    )
    assert refused_with(lambda: carry_out(ordered, PHARMACIST)) == "same_person"
    cancel_order(actor=SAFETY, order_id=ordered.pk, reason="the pharmacist is alone here")
    carry_out(order_hold(hold))
    hold.refresh_from_db()
    assert (hold.outcome, hold.decided_by, balances(hold.lot)) == (Outcome.DESTROYED, SAFETY.user_name, (0, 0))
    assert refused_with(lambda: order_hold(hold)) == "decided"


@pytest.mark.requirement("R40")
def test_returned_syringes_are_destroyed_by_two_and_each_by_name(trial: None) -> None:
    codes = sorted([returned_syringe("IV"), returned_syringe("SC")])
    ordered = order_returned(SITE, actor=PHARMACIST)
    assert ordered.units == 2
    assert refused_with(lambda: carry_out(ordered, PHARMACIST)) == "same_person"
    assert refused_with(lambda: order_returned(SITE)) == "ordered_already"
    assert not SyringeDestruction.objects.exists()
    cancel_order(actor=PHARMACIST, order_id=ordered.pk, reason="nobody else is here")
    ordered = order_returned(SITE)
    for wrong in (("ABCDEFGH",), (codes[0], "ABCDEFGH"), (codes[0], codes[0]), ()):
        assert refused_with(partial(carry_out, ordered, pack_codes=wrong, units=len(wrong)))
    carry_out(ordered, pack_codes=(codes[0],), units=1)
    gone = SyringeDestruction.objects.get()
    assert (gone.returned.preparation.pack_code, gone.by) == (codes[0], PHARMACIST.user_name)
    carry_out(order_returned(SITE))
    assert sorted(item.returned.preparation.pack_code for item in SyringeDestruction.objects.all()) == codes
    with pytest.raises(Refused) as refusal:
        order_returned(SITE)
    assert refusal.value.code == "nothing_returned"


# What is refused


@pytest.mark.requirement("R40")
def test_nothing_else_destroys_and_a_count_comes_before_a_whole_lot(lot: Lot) -> None:
    with pytest.raises(Refused) as refusal:
        write_off(actor=PHARMACIST, lot_id=lot.pk, kind=Kind.DESTRUCTION, units=1, reason="expired")
    assert refusal.value.code == "order_needed"
    balance, arm_neutral = balances(lot)
    assert refused_with(lambda: order_lot(lot.pk, balance + 1)) == "not_enough"
    assert refused_with(lambda: order_lot(lot.pk, balance - 1, whole_lot=True)) == "other_quantity"
    for units in (0, -1, 10**9):
        assert refused_with(partial(order_lot, lot.pk, units)) in {"invalid", "invalid_input", "not_enough"}
    first = order_lot(lot.pk, balance, whole_lot=True)
    assert refused_with(lambda: order_lot(lot.pk, 1)) == "not_enough", "all of it is ordered already"
    for units in (balance + 1, -1):
        assert refused_with(partial(carry_out, first, units=units)) == "more_than_ordered"
    assert refused_with(lambda: carry_out(first, units=balance - 1)) == "other_quantity"
    count_stock(actor=PHARMACIST, lot_id=lot.pk, counted=balance - 1, reason="one broke")
    assert refused_with(lambda: carry_out(first)) == "other_quantity"
    assert balances(lot) == (balance - 1, arm_neutral)
    carry_out(first, units=balance - 1)
    assert balances(lot) == (0, 0)


def test_a_delivery_after_the_order_is_no_part_of_it(lot: Lot) -> None:
    balance, arm_neutral = balances(lot)
    ordered = order_lot(lot.pk, balance, whole_lot=True)
    line = Delivered(lot.product, lot.number, lot.last_day, 5)
    receive(actor=PHARMACIST, site_code=SITE, line=line, delivery_note="late", temperature_c=Decimal(5))
    assert refused_with(lambda: carry_out(ordered)) == "other_quantity"
    assert balances(lot) == (balance + 5, arm_neutral + 5)


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"witness": " "}, "witness"),
        ({"witness": "Pharmacist.GR01"}, "witness"),
        ({"witness": "w" * 65}, "witness"),
        ({"method": ""}, "method"),
        ({"method": "m" * 201}, "method"),
        ({"destroyed_at": clock.now() + timedelta(days=900)}, "destroyed_at"),
        ({"destroyed_at": clock.now() - timedelta(days=2)}, "destroyed_at"),
        ({"units": 0}, "units"),
    ],
)
def test_what_was_done_is_said_in_full(lot: Lot, changed: dict[str, Any], field: str) -> None:
    ordered = order_lot(lot.pk, 3)
    with pytest.raises(InvalidInput) as refusal:
        carry_out(ordered, **changed)
    assert refusal.value.field == field
    assert open_orders().filter(pk=ordered.pk).exists()
    assert not Destruction.objects.exists()


@pytest.mark.requirement("R32")
def test_another_site_finds_nothing_and_other_roles_may_not(lot: Lot) -> None:
    hold = warm()
    ordered = order_lot(lot.pk, 3)
    for act in (
        lambda actor: of_lot(actor, lot.pk, units=1, whole_lot=False, reason="x"),
        lambda actor: of_hold(actor, hold.pk, units=1, reason="x"),
        lambda actor: order_returned(SITE, actor=actor),
        lambda actor: carry_out(ordered, actor),
        lambda actor: cancel_order(actor=actor, order_id=ordered.pk, reason="x"),
    ):
        with pytest.raises(NotFound):
            act(ELSEWHERE)
        with pytest.raises(NotPermitted):
            act(PREPARER)
    with pytest.raises(NotPermitted):
        carry_out(ordered, SAFETY)
    held = recall(actor=SAFETY, product=lot.product, lot_number=lot.number, reason="particles")
    here = next(hold for hold in held if hold.lot_id == lot.pk)
    with pytest.raises(NotPermitted):
        order_hold(here, actor=PHARMACIST)
    cancel_order(actor=PHARMACIST, order_id=ordered.pk, reason="recalled")
    recalled = order_hold(here)
    with pytest.raises(NotPermitted):
        cancel_order(actor=PHARMACIST, order_id=recalled.pk, reason="it looks fine")


def test_the_signature_is_for_this_order_and_no_other(lot: Lot) -> None:
    """A grant for three units orders no four, and that of another execution destroys nothing."""
    three, four = (of_lot(SAFETY, lot.pk, units=units, whole_lot=False, reason="x") for units in (3, 4))
    grant = sign(actor=SAFETY, secret=cast.PASSWORD, command=three)
    with pytest.raises(SignatureRefused):
        order_destruction(actor=SAFETY, command=four, grant=grant)
    order_destruction(actor=SAFETY, command=three, grant=grant)
    with pytest.raises(SignatureRefused):
        order_destruction(actor=SAFETY, command=four, grant=uuid4())


def test_the_database_refuses_one_person_and_two_open_orders(lot: Lot) -> None:
    ordered = order_lot(lot.pk, 3, actor=PHARMACIST)
    with tampering(), pytest.raises(IntegrityError), transaction.atomic():
        DestructionOrder.objects.filter(pk=ordered.pk).update(
            state="destroyed", ended_at=clock.now(), ended_by=PHARMACIST.user_name
        )
    with tampering(), pytest.raises(IntegrityError), transaction.atomic():
        DestructionOrder.objects.create(
            site_code=SITE,
            target=ordered.target,
            lot=lot,
            about="x",
            units=1,
            ordered_at=clock.now(),
            ordered_by="x",
            signature=uuid4(),
        )


# What counts as there


@pytest.mark.requirement("R13")
def test_only_a_whole_lot_and_a_hold_reach_what_counts_as_there(trial: None) -> None:
    lots = Lot.objects.filter(site_code=SITE, product="ANAKINRA").order_by("pk")
    for lot in lots:
        carry_out(order_lot(lot.pk, balances(lot)[0] - 1))
    assert (SITE, False) not in supply_changes(), "a part is not known to the ward, however large"
    for lot in lots:
        carry_out(order_lot(lot.pk, 1, whole_lot=True))
    assert (SITE, False) in supply_changes()


# Page and API


def by_page(client: Any, address: str, typed: dict[str, Any]) -> int:
    answer = client.post(f"/pharmacy/{address}", typed)
    if answer.status_code == 200 and b"Before you confirm" in answer.content:
        again = {**typed, "foreseen": answer.context["foreseen_digest"]}
        answer = client.post(f"/pharmacy/{address}", again)
    return int(answer.status_code)


def by_page_twice(client: Any, address: str, typed: dict[str, Any]) -> list[int]:
    """As `by_page` with a key, the confirming form twice, as by a double click."""
    key = {**typed, "one_time_key": str(uuid4())}
    asked = client.post(f"/pharmacy/{address}", key)
    form = {**key, "foreseen": asked.context["foreseen_digest"]}
    return [client.post(f"/pharmacy/{address}", form).status_code for _turn in range(2)]


def by_api(client: Any, address: str, typed: dict[str, Any]) -> int:
    return int(client.post(f"/api/v1/pharmacy/{address}", json.dumps(typed), "application/json").status_code)


def local(ago: timedelta = timedelta(0)) -> str:
    return f"{clock.site_moment(clock.now() - ago, 'Europe/Athens'):%Y-%m-%dT%H:%M}"


@pytest.mark.requirement("R40", "R35")
def test_the_page_says_what_follows_asks_for_the_password_and_is_done_once(lot: Lot) -> None:
    balance, _counts = balances(lot)
    safety, site = client_of(SAFETY), client_of(PHARMACIST)
    answer = safety.post(
        "/pharmacy/destructions/find/", {"site_code": "gr01", "product": "ANAKINRA", "lot_number": lot.number}
    )
    address = f"stock/lots/{lot.pk}/destruction/"
    assert answer.headers["Location"] == f"/pharmacy/{address}"
    typed = {"units": balance, "whole_lot": "on", "reason": "expired", "secret": cast.PASSWORD}
    first = safety.post(f"/pharmacy/{address}", typed)
    assert "Nothing of lot" in first.content.decode()
    assert not DestructionOrder.objects.exists()
    assert by_page(safety, address, {**typed, "secret": "wrong"}) == 422
    assert not DestructionOrder.objects.exists()
    assert by_page_twice(safety, address, typed) == [302, 302]
    ordered = DestructionOrder.objects.get()
    assert f"Carry out order {ordered.pk}" in site.get("/pharmacy/stock/").content.decode()
    assert f"Carry out order {ordered.pk}" not in client_of(MONITOR).get("/pharmacy/stock/").content.decode()
    done = {
        "units": balance,
        "method": "incinerated",
        "witness": "M. Second",
        "destroyed_at": local(),
        "secret": cast.PASSWORD,
    }
    address = f"destructions/{ordered.pk}/"
    assert by_page(site, address, {**done, "secret": "wrong"}) == 422
    assert by_page(site, address, {**done, "units": balance + 1}) == 422
    assert by_page(client_of(ELSEWHERE), address, done) == 404
    assert by_page(safety, address, done) == 403
    assert balances(lot)[0] == balance
    assert by_page_twice(site, address, done) == [302, 302]
    assert by_page(site, address, done) == 409, "without the key it is another act"
    assert balances(lot) == (0, 0)
    assert Movement.objects.filter(lot=lot, kind=Kind.DESTRUCTION).count() == 1
    assert "seen by m. second" in client_of(MONITOR).get("/pharmacy/destructions/").content.decode().lower()


def test_the_page_of_an_order_can_be_cancelled_and_the_hold_is_free_again(trial: None) -> None:
    hold, client = warm(), client_of(PHARMACIST)
    page = f"stock/holds/{hold.pk}/destruction/"
    assert client.get(f"/pharmacy/{page}").status_code == 200
    assert by_page(client, page, {"units": 10, "reason": "warm", "secret": cast.PASSWORD}) == 302
    ordered = DestructionOrder.objects.get()
    address = f"destructions/{ordered.pk}/cancel/"
    assert by_page(client, address, {"reason": " "}) == 422
    assert by_page(client_of(ELSEWHERE), address, {"reason": "x"}) == 404
    assert by_page(client, address, {"reason": "data of the maker"}) == 302
    assert by_page(client, address, {"reason": "again"}) == 409
    assert by_page(client, f"stock/holds/{hold.pk}/", {"outcome": "released", "reason": "data"}) == 302
    hold.refresh_from_db()
    assert hold.outcome == Outcome.RELEASED


@pytest.mark.requirement("R40", "R35")
def test_the_api_does_what_the_pages_do(lot: Lot) -> None:
    codes = [returned_syringe()]
    hold = warm()
    safety, site = client_of(SAFETY), client_of(PHARMACIST)
    signed = {"user_name": SAFETY.user_name, "secret": cast.PASSWORD, "reason": "expired"}
    bodies: list[tuple[str, dict[str, Any]]] = [
        ("destructions/", {"lot": lot.pk, "units": 2}),
        ("destructions/", {"hold": hold.pk, "units": 10}),
        ("returns/destruction/", {"site_code": SITE}),
    ]
    for address, body in bodies:
        assert by_api(safety, address, {**signed, **body, "secret": "wrong"}) == 422
        assert by_api(safety, address, {**signed, **body, "user_name": PHARMACIST.user_name}) == 422
        assert by_api(safety, address, {**signed, **body}) == 201
    named = {"site_code": SITE, "product": "ANAKINRA", "lot_number": "none", "units": 2}
    assert by_api(safety, "destructions/", {**signed, **named}) == 422
    orders = safety.get("/api/v1/pharmacy/destructions/").json()
    assert [(row["target"], row["units"], row["pack_codes"]) for row in orders] == [
        ("part of a lot", 2, []),
        ("quarantine", 10, []),
        ("returned syringes", 1, codes),
    ]
    done = {
        "user_name": PHARMACIST.user_name,
        "secret": cast.PASSWORD,
        "method": "incinerated",
        "witness": "M. Second",
        "destroyed_at": clock.stamp(clock.now()),
    }
    for row in orders:
        address = f"destructions/{row['id']}/execution/"
        what = {"pack_codes": codes} if row["pack_codes"] else {"units": row["units"]}
        assert by_api(client_of(ELSEWHERE), address, {**done, **what}) == 404
        assert by_api(site, address, {**done, **what, "secret": "wrong"}) == 422
        first, second = (
            site.post(
                f"/api/v1/pharmacy/{address}",
                json.dumps({**done, **what}),
                "application/json",
                headers={"Idempotency-Key": f"destroy-{row['id']:08}"},
            )
            for _turn in range(2)
        )
        assert (first.status_code, second.status_code, first.json()) == (201, 201, second.json())
        assert first.json()["destruction"]["witness"] == "M. Second"
        assert by_api(site, address, {**done, **what}) == 409
        assert by_api(site, f"destructions/{row['id']}/cancellation/", {"reason": "late"}) == 409
    assert Destruction.objects.count() == 3
    assert by_api(client_of(PREPARER), "destructions/", {**signed, "lot": lot.pk, "units": 1}) == 403


def test_one_pharmacist_alone_cannot_over_the_api_either(lot: Lot) -> None:
    client, before = client_of(PHARMACIST), balances(lot)
    signed = {"user_name": PHARMACIST.user_name, "secret": cast.PASSWORD}
    assert by_api(client, "destructions/", {**signed, "lot": lot.pk, "units": 2, "reason": "expired"}) == 201
    done = {**signed, "units": 2, "method": "incinerated", "witness": "M.", "destroyed_at": clock.stamp(clock.now())}
    assert by_api(client, f"destructions/{DestructionOrder.objects.get().pk}/execution/", done) == 409
    sent = {"kind": "destruction", "units": 2, "reason": "x"}
    assert by_api(client, f"stock/lots/{lot.pk}/movements/", sent) == 422
    assert balances(lot) == before
    assert order(SAFETY, of_lot(SAFETY, warm().lot_id, units=1, whole_lot=False, reason="x")).units == 1
