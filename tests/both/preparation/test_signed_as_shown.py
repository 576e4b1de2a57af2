"""What is signed at the bench is what was shown: these syringes, with the cartons that somebody read."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest

from immunosep_site.demonstration import cast, play
from immunosep_site.demonstration.bench import lots_read
from pharmacy.preparation.models import Preparation
from pharmacy.preparation.services.prepare import prepare
from pharmacy.stock.models import Movement
from pharmacy.stock.services.receive import Delivered, receive
from randomization.accounts.roles import Role
from randomization.shared import clock
from tests.both.preparation.steps import doses, form_of
from tests.permissions import client_of

pytestmark = pytest.mark.once

SITE = "GR01"
PHARMACIST, PREPARER = cast.at_site(Role.PHARMACIST, SITE), cast.at_site(Role.PREPARER, SITE)


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
