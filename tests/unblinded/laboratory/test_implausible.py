"""Implausible laboratory values: a second person enters them again with the unit, and no verdict goes out before."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.db import IntegrityError

from immunosep_site.demonstration import cast, play
from immunosep_site.demonstration.fixtures import FIXTURES
from immunosep_site.demonstration.play import Case
from randomization.audit.models import Event
from randomization.blinded.screening.models import Sample
from randomization.hatch.models import InboxMessage
from randomization.shared import clock
from randomization.shared.errors import ConfigurationError, InvalidInput, Refused
from randomization.shared.protocol import load_protocol, parse_protocol
from randomization.unblinded.laboratory.models import Classification, Result, WaitingResult
from randomization.unblinded.laboratory.selectors import sample_for, samples_for
from randomization.unblinded.laboratory.services.analyse import (
    close_sample,
    enter_result,
    receive_sample,
    withdraw_result,
)
from tests.conftest import tampering
from tests.permissions import client_of

pytestmark = pytest.mark.once

FIRST, SECOND = cast.laboratory("GR"), cast.second_laboratory("GR")
UNITS = {"ferritin": "ng/mL", "hla_dr": "molecules per monocyte"}
OTHER = {"ferritin": ("hla_dr", "3000"), "hla_dr": ("ferritin", "800")}
TEXT = (FIXTURES / "protocol.toml").read_text(encoding="utf-8")


def received() -> Sample:
    """A sample that is at the laboratory."""
    participant = play.screen(Case("GR01"))
    participant.refresh_from_db()
    assert participant.sample is not None
    receive_sample(actor=FIRST, sample_uid=participant.sample.uid, received_at=clock.now())
    play.pass_hatch()
    return participant.sample


def verdict(sample: Sample) -> str:
    play.pass_hatch()
    return Sample.objects.get(uid=sample.uid).verdict


@pytest.mark.requirement("R08")
@pytest.mark.parametrize(
    ("analyte", "value", "plausible"),
    [
        ("hla_dr", "30", False),
        ("hla_dr", "8", False),
        ("hla_dr", "14,2", False),
        ("hla_dr", "299.99", False),
        ("hla_dr", "300", True),
        ("hla_dr", "200000", True),
        ("hla_dr", "200000.01", False),
        ("ferritin", "4.4", False),
        ("ferritin", "9.99", False),
        ("ferritin", "10", True),
        ("ferritin", "<10", True),
        ("ferritin", "<5", False),
        ("ferritin", ">200000", True),
        ("ferritin", "200000.01", False),
    ],
)
def test_the_plausible_range_at_its_exact_bounds(trial: None, analyte: str, value: str, plausible: bool) -> None:
    sample = received()
    assert enter_result(actor=FIRST, sample_uid=sample.uid, analyte=analyte, value=value).waits == (not plausible)
    assert Result.objects.filter(receipt_id=sample.uid).exists() == plausible


@pytest.mark.requirement("R08", "R25")
@pytest.mark.parametrize(("analyte", "value"), [("hla_dr", "30"), ("hla_dr", "14.2"), ("ferritin", "4.4")])
def test_no_verdict_goes_out_before_the_second_person(trial: None, analyte: str, value: str) -> None:
    sample = received()
    uid, messages = sample.uid, InboxMessage.objects.count()
    assert enter_result(actor=FIRST, sample_uid=uid, analyte=analyte, value=value).waits
    other, plain = OTHER[analyte]
    enter_result(actor=FIRST, sample_uid=uid, analyte=other, value=plain)
    assert (verdict(sample), InboxMessage.objects.count()) == ("pending", messages)
    assert not Classification.objects.filter(receipt_id=uid).exists()
    with pytest.raises(Refused) as refusal:
        enter_result(actor=FIRST, sample_uid=uid, analyte=analyte, value=value, unit=UNITS[analyte])
    assert refusal.value.code == "second_person"
    with pytest.raises(InvalidInput) as missing:
        enter_result(actor=SECOND, sample_uid=uid, analyte=analyte, value=value)
    assert (missing.value.code, missing.value.field) == ("unit_missing", "unit")
    with pytest.raises(InvalidInput) as wrong:
        enter_result(actor=SECOND, sample_uid=uid, analyte=analyte, value=value, unit="%")
    assert wrong.value.code == "wrong_unit"
    with pytest.raises(Refused) as early:
        close_sample(actor=SECOND, sample_uid=uid, reason="it will not come")
    assert early.value.code == "waits"
    assert verdict(sample) == "pending"
    entered = enter_result(actor=SECOND, sample_uid=uid, analyte=analyte, value=value, unit=UNITS[analyte])
    assert entered.result is not None
    assert verdict(sample) == "eligible"
    last = Event.objects.filter(action="sample.result").order_by("-id")[0]
    assert json.loads(last.data)["first"] == FIRST.user_name
    assert last.actor == SECOND.user_name


def test_a_slip_is_replaced_with_a_reason_and_stays_on_record(trial: None) -> None:
    sample = received()
    enter_result(actor=FIRST, sample_uid=sample.uid, analyte="ferritin", value="800")
    enter_result(actor=FIRST, sample_uid=sample.uid, analyte="hla_dr", value="8")
    with pytest.raises(InvalidInput) as refusal:
        enter_result(actor=FIRST, sample_uid=sample.uid, analyte="hla_dr", value="8000")
    assert refusal.value.code == "reason_missing"
    enter_result(actor=FIRST, sample_uid=sample.uid, analyte="hla_dr", value="8000", reason="per cent, not molecules")
    assert verdict(sample) == "not eligible"
    assert WaitingResult.objects.get(receipt_id=sample.uid).outcome == "replaced"


def test_another_implausible_value_by_the_second_person_waits_in_its_turn(trial: None) -> None:
    sample = received()
    enter_result(actor=FIRST, sample_uid=sample.uid, analyte="hla_dr", value="8")
    result = enter_result(actor=SECOND, sample_uid=sample.uid, analyte="hla_dr", value="9", reason="read again")
    assert result.waits
    with pytest.raises(Refused):
        enter_result(actor=SECOND, sample_uid=sample.uid, analyte="hla_dr", value="9", unit=UNITS["hla_dr"])
    enter_result(actor=FIRST, sample_uid=sample.uid, analyte="hla_dr", value="9", unit=UNITS["hla_dr"])
    assert [row.outcome for row in WaitingResult.objects.order_by("id")][-2:] == ["replaced", "confirmed"]


def test_while_a_correction_waits_the_value_before_it_decides_nothing(trial: None) -> None:
    sample = received()
    enter_result(actor=FIRST, sample_uid=sample.uid, analyte="hla_dr", value="3000")
    enter_result(actor=FIRST, sample_uid=sample.uid, analyte="hla_dr", value="30", reason="another tube")
    enter_result(actor=FIRST, sample_uid=sample.uid, analyte="ferritin", value="800")
    assert verdict(sample) == "pending"
    with pytest.raises(InvalidInput):
        withdraw_result(actor=SECOND, sample_uid=sample.uid, analyte="hla_dr", reason=" ")
    withdraw_result(actor=SECOND, sample_uid=sample.uid, analyte="hla_dr", reason="that was the control")
    assert verdict(sample) == "eligible"
    with pytest.raises(Refused) as refusal:
        withdraw_result(actor=SECOND, sample_uid=sample.uid, analyte="hla_dr", reason="again")
    assert refusal.value.code == "nothing_waits"


def test_the_database_refuses_one_person_for_both(trial: None) -> None:
    sample = received()
    enter_result(actor=FIRST, sample_uid=sample.uid, analyte="hla_dr", value="8")
    waiting = WaitingResult.objects.get(receipt_id=sample.uid)
    with tampering(), pytest.raises(IntegrityError, match="implausible_value_entered_by_two"):
        WaitingResult.objects.filter(pk=waiting.pk).update(
            outcome="confirmed", settled_by=FIRST.user_name, settled_at=clock.now()
        )


def test_the_pages_say_who_is_waited_for_and_show_the_value_to_nobody_else(trial: None) -> None:
    sample = received()
    page, first, second = f"/laboratory/{sample.uid}/", client_of(FIRST), client_of(SECOND)
    typed = {"analyte": "hla_dr", "value": "14,2", "unit": "", "reason": ""}
    said = first.post(page, typed, follow=True)
    assert "waits: a second person" in said.content.decode()
    assert "waits for a second person" in second.get("/laboratory/").content.decode()
    assert "14.2" in first.get(page).content.decode()
    assert "14.2" not in second.get(page).content.decode()
    assert first.post(page, {**typed, "unit": UNITS["hla_dr"]}).status_code == 409
    assert second.post(page, typed).status_code == 422
    assert second.post(page, {**typed, "unit": "another unit"}).status_code == 422
    assert second.post(page, {**typed, "unit": UNITS["hla_dr"]}).status_code == 302
    assert sample_for(FIRST, sample.uid).results["hla_dr"].entered_by == SECOND.user_name
    assert first.post(page + "withdraw/", {"analyte": "hla_dr", "reason": "x"}).status_code == 409


def test_the_same_over_the_api(trial: None) -> None:
    sample = received()
    address = f"/api/v1/laboratory/samples/{sample.uid}/results/"

    def post(actor: Any, **body: Any) -> Any:
        return client_of(actor).post(address, json.dumps(body), "application/json")

    assert post(FIRST, analyte="ferritin", value="800").json() == {"waits": False}
    assert post(FIRST, analyte="hla_dr", value="30").json() == {"waits": True}
    listed = client_of(SECOND).get("/api/v1/laboratory/samples/").json()
    row = next(row for row in listed if row["uid"] == str(sample.uid))
    assert (row["waiting"], row["results"]) == ({"hla_dr": FIRST.user_name}, {"ferritin": "=800"})
    assert post(FIRST, analyte="hla_dr", value="30", unit=UNITS["hla_dr"]).json()["code"] == "second_person"
    assert post(SECOND, analyte="hla_dr", value="30").json()["code"] == "unit_missing"
    assert post(SECOND, analyte="hla_dr", value="30", unit="%").json()["code"] == "wrong_unit"
    assert post(SECOND, close=True, reason="no").json()["code"] == "waits"
    assert verdict(sample) == "pending"
    assert post(SECOND, analyte="hla_dr", withdraw=True, reason="per cent").status_code == 201
    assert post(SECOND, analyte="hla_dr", value="3000").json() == {"waits": False}
    assert verdict(sample) == "eligible"


def test_a_correction_that_waits_after_the_verdict_is_on_the_worklist(trial: None) -> None:
    sample = received()
    for analyte, value in (("ferritin", "800"), ("hla_dr", "3000")):
        enter_result(actor=FIRST, sample_uid=sample.uid, analyte=analyte, value=value)
    assert verdict(sample) == "eligible"
    assert sample.uid not in {row.sample.uid for row in samples_for(FIRST)}
    enter_result(actor=FIRST, sample_uid=sample.uid, analyte="hla_dr", value="30", reason="read again")
    assert sample.uid in {row.sample.uid for row in samples_for(SECOND)}
    assert verdict(sample) == "eligible"


def test_which_value_was_missing_and_whether_the_ward_knows_stay_above(trial: None) -> None:
    sample = received()
    enter_result(actor=FIRST, sample_uid=sample.uid, analyte="ferritin", value="9000")
    page = client_of(FIRST).get(f"/laboratory/{sample.uid}/close/").content.decode()
    assert "Never tell a ward which value is missing" in page
    close_sample(actor=FIRST, sample_uid=sample.uid, reason="clotted", ward_knows=True)
    assert verdict(sample) == "eligible"
    kept = json.loads(Event.objects.using("default").filter(action="sample.close").order_by("-id")[0].data)
    assert (kept["missing"], kept["ward_knows"]) == (["hla_dr"], True)
    assert not Event.objects.using("blinded").filter(data__contains="hla_dr").exists()


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("[analytes.ferritin]", "[analytes.iron]", "ferritin"),
        ('unit = "ng/mL"', 'unit = "mg/L"', "count in ng/mL"),
        ('plausible_from = "10"', 'plausible_from = "300000"', "plausible_to"),
        ('plausible_from = "10"', 'plausible_from = "4421"', "outside the plausible range"),
        ('plausible_from = "10"', 'plausible_from = "9.999"', "rounded"),
        ("expiry_within_days = 2200", "", "expiry_within_days"),
    ],
)
def test_what_a_protocol_must_say_of_analytes_and_moments(old: str, new: str, says: str) -> None:
    assert old in TEXT
    with pytest.raises(ConfigurationError, match=says):
        parse_protocol(TEXT.replace(old, new, 1))
    assert set(load_protocol(FIXTURES / "protocol.toml").analytes) >= {"ferritin", "hla_dr"}
