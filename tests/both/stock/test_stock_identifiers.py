"""A lot is one lot on whatever keyboard it was typed: no letter escapes a recall, a delivery note or a preparation."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import IntegrityError
from django.db.transaction import atomic

from immunosep_site.demonstration import cast, play
from immunosep_site.demonstration.play import Case
from pharmacy.stock.models import Hold, Lot, Recall
from pharmacy.stock.quarantines import is_recalled
from pharmacy.stock.selectors import holdings
from pharmacy.stock.services.quarantine import recall
from pharmacy.stock.services.receive import Delivered, receive
from randomization.accounts.roles import Role
from randomization.shared import clock
from randomization.shared.errors import InvalidInput, Refused
from randomization.unblinded.codebreak.patients import patient_for_break
from tests.conftest import tampering
from tests.permissions import client_of
from tests.unblinded.shared.alphabets import GREEK

SITE = "GR01"
PHARMACIST, SAFETY = cast.at_site(Role.PHARMACIST, SITE), cast.SAFETY_OFFICER
LATER = (clock.now() + timedelta(days=200)).date()
ALIKE = ("abx12", "ABX-12", "ABX12".translate(GREEK), "abx 12".translate(GREEK), "ＡＢＸ１２", "ABX\N{EN DASH}12")


def book_in(number: str, note: str = "N-1", units: int = 40) -> Lot:
    line = Delivered("ANAKINRA", number, LATER, units)
    return receive(actor=PHARMACIST, site_code=SITE, line=line, delivery_note=note, temperature_c=Decimal(5)).lot


@pytest.mark.requirement("R39")
@pytest.mark.parametrize("typed", ALIKE)
def test_no_keyboard_escapes_a_recall(trial: None, typed: str) -> None:
    lot = book_in("ABX12")
    held = recall(actor=SAFETY, product="ANAKINRA", lot_number=typed, reason="particles")
    assert [hold.lot for hold in held] == [lot]
    assert is_recalled("ANAKINRA", "ABX12")
    with pytest.raises(InvalidInput, match="recalled already"):
        recall(actor=SAFETY, product="ANAKINRA", lot_number="ABX12", reason="again")


@pytest.mark.requirement("R39")
@pytest.mark.parametrize("typed", ALIKE)
def test_a_recalled_lot_that_arrives_on_another_keyboard_goes_on_hold(trial: None, typed: str) -> None:
    recall(actor=SAFETY, product="ANAKINRA", lot_number="ABX12", reason="particles", ahead=True)
    lot = book_in(typed)
    assert lot.number == typed, "shown as typed"
    assert Hold.objects.filter(lot=lot, cause="recall").exists()
    assert Recall.objects.get(product="ANAKINRA").number == "ABX12"


def test_the_same_lot_and_delivery_note_are_known_again(trial: None) -> None:
    lot = book_in("ABX12", note="LS-2026/7")
    with pytest.raises(Refused, match="booked in already"):
        book_in("abx12".translate(GREEK), note="ls 2026/7")
    assert [book_in(typed, note=f"N{order}").pk for order, typed in enumerate(ALIKE)] == [lot.pk] * len(ALIKE)
    assert holdings([lot.pk])[0].balance == 40 * (1 + len(ALIKE))
    with tampering(), pytest.raises(IntegrityError), atomic():
        Lot.objects.create(
            site_code=SITE,
            product="ANAKINRA",
            number="ABX12".translate(GREEK),
            expires_on=LATER,
            source="sponsor",
            first_at=clock.now(),
        )


def test_capital_umlauts_are_the_small_ones_on_every_database(trial: None) -> None:
    assert book_in("MÜ-7").pk == book_in("mü7", note="N-2").pk
    assert recall(actor=SAFETY, product="ANAKINRA", lot_number="mÜ 7", reason="particles")


@pytest.mark.parametrize("field", ["lot_number", "delivery_note"])
def test_what_nobody_can_see_is_refused_by_name_on_the_page_and_over_the_api(trial: None, field: str) -> None:
    typed_form = {
        "product": "ANAKINRA",
        "lot_number": "ABX12",
        "expires_on": LATER.isoformat(),
        "units": 4,
        "delivery_note": "N-9",
        "temperature_c": "5",
    }
    typed_form[field] = f"{typed_form[field]}\u200b"
    client = client_of(PHARMACIST)
    page = client.post("/pharmacy/stock/receive/", typed_form)
    assert (page.status_code, "ZERO WIDTH SPACE, U+200B" in page.content.decode()) == (422, True)
    answer = client.post("/api/v1/pharmacy/stock/", typed_form, "application/json")
    assert (answer.status_code, answer.json()["code"]) == (422, "invisible_character")
    assert not Lot.objects.filter(canonical_number="ABX12").exists()


@pytest.mark.requirement("R17")
def test_a_code_break_is_stopped_by_no_keyboard(trial: None) -> None:
    enrolled = play.enrol(Case(SITE))
    number, breaker = enrolled.participant, cast.at_site(Role.CODE_BREAKER, SITE)
    for typed in (
        f"gr01 {number[-3:]}",
        number.replace("-", "\N{EN DASH}"),
        f"{number}\u200b",
        enrolled.kit_code.translate(GREEK).lower(),
    ):
        assert patient_for_break(breaker, typed).number == number, typed
