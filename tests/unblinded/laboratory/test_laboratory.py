"""The laboratory: exact boundaries, values as reported, one verdict when both are in."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest

from immunosep_site.demonstration import cast, play
from immunosep_site.demonstration.fixtures import FIXTURES
from immunosep_site.demonstration.play import Case
from randomization.accounts.roles import Role
from randomization.blinded.inbox.models import Applied
from randomization.blinded.screening.models import Participant, Sample
from randomization.blinded.screening.services.record_sample import correct_sample, draw_sample
from randomization.hatch.models import InboxMessage
from randomization.shared import clock
from randomization.shared.errors import InvalidInput, NotFound, Refused
from randomization.shared.protocol import load_protocol
from randomization.shared.service import Side, on_side
from randomization.unblinded.laboratory.immune_class import classify, verdict_of
from randomization.unblinded.laboratory.models import Classification, Result
from randomization.unblinded.laboratory.services.analyse import enter_result, receive_sample
from randomization.unblinded.laboratory.values import parse_reported

CASE = Case("GR01")
RULES = load_protocol(FIXTURES / "protocol.toml").immune_rules


@pytest.mark.requirement("R08")
@pytest.mark.parametrize(
    ("ferritin", "hla_dr", "expected"),
    [
        ("4420", "4999", "SIP"),
        ("4420", "5000", "UNCLASSIFIED"),
        ("4420.01", "5000", "MALS"),
        ("4420.01", "4999", "MALS"),
        ("4420.01", None, "MALS"),
        ("4420", None, "PENDING"),
        ("0", "0", "SIP"),
        (None, "4999", "PENDING"),
        (None, None, "PENDING"),
        ("4420", "4999.99", "SIP"),
    ],
)
def test_the_class_at_its_exact_boundaries(ferritin: str | None, hla_dr: str | None, expected: str) -> None:
    values = [None if value is None else Decimal(value) for value in (ferritin, hla_dr)]
    assert classify(ferritin_ng_ml=values[0], hla_dr_per_monocyte=values[1], rules=RULES) == expected


def test_a_negative_value_is_refused() -> None:
    with pytest.raises(ValueError, match="negative"):
        classify(ferritin_ng_ml=Decimal(-1), hla_dr_per_monocyte=None, rules=RULES)


@pytest.mark.parametrize(
    ("immune_class", "covid19", "verdict"),
    [
        ("MALS", False, "eligible"),
        ("MALS", True, "eligible"),
        ("SIP", False, "eligible"),
        ("SIP", True, "not eligible"),
        ("UNCLASSIFIED", False, "not eligible"),
        ("PENDING", True, "pending"),
    ],
)
def test_the_verdict(immune_class: str, covid19: bool, verdict: str) -> None:
    from randomization.unblinded.laboratory.immune_class import ImmuneClass

    assert verdict_of(ImmuneClass(immune_class), covid19=covid19, rules=RULES) == verdict


@pytest.mark.parametrize(
    ("text", "bounded"),
    [("1200", "1200"), (" 1200,5 ", "1200.5"), (">40000", "40000.01"), ("> 4420", "4420.01"), ("<4420", "4419.99")],
)
def test_values_as_reported(text: str, bounded: str) -> None:
    assert parse_reported(text, cutoff=Decimal(4420)).bounded() == Decimal(bounded)


@pytest.mark.parametrize("text", ["", "many", "-5", "1.2.3", "1e5", "NaN", ">3000", "<9000", "1234567890"])
def test_a_value_that_is_none_or_leaves_the_class_open_is_refused(text: str) -> None:
    with pytest.raises(InvalidInput):
        parse_reported(text, cutoff=Decimal(4420))


def _sample(case: Case = CASE) -> tuple[Participant, Sample]:
    participant = play.screen(case)
    participant.refresh_from_db()
    assert participant.sample is not None
    return participant, participant.sample


def _verdict(participant: Participant) -> str:
    play.pass_hatch()
    return Sample.objects.get(participant=participant).verdict


def test_an_early_value_sends_nothing_down(trial: None) -> None:
    participant, sample = _sample()
    actor = cast.laboratory("GR")
    receive_sample(actor=actor, sample_uid=sample.uid, received_at=clock.now())
    play.pass_hatch()
    before = InboxMessage.objects.count()
    enter_result(actor=actor, sample_uid=sample.uid, analyte="ferritin", value=">40000")
    assert _verdict(participant) == "pending"
    assert InboxMessage.objects.count() == before
    enter_result(actor=actor, sample_uid=sample.uid, analyte="hla_dr", value="9000")
    assert _verdict(participant) == "eligible"


@pytest.mark.parametrize(("ferritin", "verdict"), [("9000", "eligible"), ("", "not eligible"), ("800", "not eligible")])
def test_a_closed_sample(trial: None, ferritin: str, verdict: str) -> None:
    case = Case("GR01", ferritin=ferritin, hla_dr="")
    participant, _sample_row = _sample(case)
    play.measure(participant.number, case)
    assert _verdict(participant) == verdict


def test_another_country_and_a_second_receipt(trial: None) -> None:
    _participant, sample = _sample()
    with pytest.raises(NotFound):
        receive_sample(actor=cast.laboratory("DE"), sample_uid=sample.uid, received_at=clock.now())
    with pytest.raises(Refused):
        enter_result(actor=cast.laboratory("GR"), sample_uid=sample.uid, analyte="ferritin", value="1")
    receive_sample(actor=cast.laboratory("GR"), sample_uid=sample.uid, received_at=clock.now())
    with pytest.raises(Refused):
        receive_sample(actor=cast.laboratory("GR"), sample_uid=sample.uid, received_at=clock.now())


@pytest.mark.requirement("R27", "R29")
def test_a_correction_needs_a_reason_and_hides_nothing(trial: None) -> None:
    case = Case("GR01")
    participant, sample = _sample(case)
    play.measure(participant.number, case)
    assert _verdict(participant) == "eligible"
    actor = cast.laboratory("GR")
    with pytest.raises(InvalidInput):
        enter_result(actor=actor, sample_uid=sample.uid, analyte="hla_dr", value="9000")
    enter_result(actor=actor, sample_uid=sample.uid, analyte="hla_dr", value="9000", reason="wrong tube")
    assert _verdict(participant) == "not eligible"
    assert Result.objects.filter(receipt_id=sample.uid, analyte="hla_dr").count() == 2
    assert Classification.objects.filter(receipt_id=sample.uid).count() == 2


def test_the_covid_flag_stands_once_a_verdict_was_given(trial: None) -> None:
    """Two verdicts over two flags would tell the class: eligible with COVID-19 is one class alone."""
    case = Case("GR01")
    participant, sample = _sample(case)
    coordinator = cast.at_site(Role.COORDINATOR, "GR01")
    changed: dict[str, Any] = {
        "drawn_at": sample.drawn_at,
        "shipped_at": sample.shipped_at,
        "covid19": True,
        "reason": "typed wrong",
    }
    with on_side(Side.BLINDED):
        correct_sample(actor=coordinator, number=participant.number, **changed)
        correct_sample(actor=coordinator, number=participant.number, **{**changed, "covid19": False})
    play.measure(participant.number, case)
    assert _verdict(participant) == "eligible"
    with on_side(Side.BLINDED):
        attempts: tuple[Callable[[], object], ...] = (
            lambda: correct_sample(actor=coordinator, number=participant.number, **changed),
            lambda: draw_sample(
                actor=coordinator, number=participant.number, drawn_at=clock.now(), covid19=True, reason="x"
            ),
        )
        for attempt in attempts:
            with pytest.raises(Refused) as refusal:
                attempt()
            assert refusal.value.code == "flag_frozen"


def test_a_correction_after_allocation_is_seen_by_nobody_below(trial: None) -> None:
    number = play.enrol(Case("GR01")).participant
    sample = Sample.objects.get(participant__number=number)
    before = InboxMessage.objects.count()
    enter_result(actor=cast.laboratory("GR"), sample_uid=sample.uid, analyte="hla_dr", value="9000", reason="mixed up")
    play.pass_hatch()
    assert InboxMessage.objects.count() == before
    sample.refresh_from_db()
    assert sample.verdict == "eligible"
    assert Classification.objects.filter(receipt_id=sample.uid).count() == 2


def test_a_verdict_over_a_flag_that_was_corrected_on_the_way_is_refused_and_reached_again(trial: None) -> None:
    case = Case("GR01")
    participant, sample = _sample(case)
    play.measure(participant.number, case)
    with on_side(Side.BLINDED):
        correct_sample(
            actor=cast.at_site(Role.COORDINATOR, "GR01"),
            number=participant.number,
            drawn_at=sample.drawn_at,
            shipped_at=sample.shipped_at,
            covid19=True,
            reason="test came back positive",
        )
    assert _verdict(participant) == "not eligible"
    refused = Applied.objects.get(outcome="refused", detail="flag_changed")
    assert InboxMessage.objects.get(signature=refused.signature).payload == "", "what did not count is not kept"
    assert Classification.objects.filter(receipt_id=sample.uid).count() == 2
