"""A wrong COVID-19 answer, across the line: the verdict is reached again by itself, and never tells the class."""

from __future__ import annotations

import pytest

from immunosep_site.demonstration import cast, play
from immunosep_site.demonstration.play import Case
from randomization.accounts.roles import Role
from randomization.blinded.inbox.models import Applied
from randomization.blinded.screening.models import Participant, Sample
from randomization.blinded.screening.services.correct_covid19 import CorrectCovid19, correct_covid19
from randomization.blinded.screening.services.record_sample import (
    correct_sample,
    discard_sample,
    draw_sample,
    ship_sample,
)
from randomization.hatch.models import InboxMessage
from randomization.shared import clock
from randomization.shared.errors import Refused
from randomization.shared.service import Side, on_side
from randomization.signatures.signing import sign
from randomization.unblinded.laboratory.models import Classification
from randomization.unblinded.laboratory.selectors import judged_with_another_answer, samples_for
from randomization.unblinded.laboratory.services.analyse import close_sample

pytestmark = pytest.mark.once

COORDINATOR, INVESTIGATOR = cast.at_site(Role.COORDINATOR, "GR01"), cast.at_site(Role.INVESTIGATOR, "GR01")
MALS, SIP, NEITHER = ("9000", "12000"), ("800", "3000"), ("800", "9000")
SITE = "GR01"


def correct(number: str, *, covid19: bool) -> None:
    with on_side(Side.BLINDED):
        command = CorrectCovid19(number, covid19, "swab")
        grant = sign(actor=INVESTIGATOR, secret=cast.PASSWORD, command=command)
        correct_covid19(actor=INVESTIGATOR, command=command, grant=grant)


def judged(values: tuple[str, str], *, covid19: bool) -> tuple[str, Sample]:
    case = Case("GR01", *values, covid19=covid19)
    number = play.screen(case).number
    play.measure(number, case)
    play.pass_hatch()
    return number, Sample.objects.get(participant__number=number)


@pytest.mark.requirement("R11", "R29")
@pytest.mark.parametrize(
    ("values", "before", "after"),
    [(MALS, "eligible", "eligible"), (SIP, "eligible", "not eligible"), (NEITHER, "not eligible", "not eligible")],
)
def test_to_yes_the_laboratory_s_side_answers_by_itself(
    trial: None, values: tuple[str, str], before: str, after: str
) -> None:
    number, sample = judged(values, covid19=False)
    assert sample.verdict == before
    correct(number, covid19=True)
    play.pass_hatch()
    sample.refresh_from_db()
    assert (sample.verdict, sample.covid19, sample.was_judged_with_covid19) == (after, True, True)
    assert judged_with_another_answer() == []
    assert Classification.objects.filter(receipt_id=sample.pk).count() == 2


@pytest.mark.requirement("R11")
@pytest.mark.parametrize("values", [MALS, SIP, NEITHER])
def test_to_no_nothing_more_goes_down(trial: None, values: tuple[str, str]) -> None:
    number, sample = judged(values, covid19=True)
    verdict = sample.verdict
    correct(number, covid19=False)
    before = InboxMessage.objects.count()
    play.pass_hatch()
    close_sample(actor=cast.laboratory("GR"), sample_uid=sample.pk, reason="asked by telephone")
    play.pass_hatch()
    sample.refresh_from_db()
    assert (InboxMessage.objects.count(), sample.verdict, sample.covid19) == (before, verdict, False)
    assert not play.confirm(number, "GR01")
    assert Participant.objects.get(number=number).state == "not_eligible"


def test_an_unusable_sample_leaves_the_laboratory_s_list(trial: None) -> None:
    number = play.screen(Case("GR01")).number
    laboratory = cast.laboratory("GR")
    assert number in {row.sample.participant.number for row in samples_for(laboratory)}
    with on_side(Side.BLINDED):
        discard_sample(actor=COORDINATOR, number=number, reason="lost by the courier")
    assert number not in {row.sample.participant.number for row in samples_for(laboratory)}


def test_two_samples_with_two_covid19_answers_are_refused(trial: None) -> None:
    """Eligible with and without COVID-19 would mean MALS: one answer holds for all samples of a participant."""
    number = play.screen(Case(SITE, ferritin="9000")).number
    now = clock.now()
    with on_side(Side.BLINDED), pytest.raises(Refused) as refusal:
        draw_sample(actor=COORDINATOR, number=number, drawn_at=now, covid19=True, reason="haemolysed")
    assert refusal.value.code == "flag_frozen"
    with on_side(Side.BLINDED):
        first = Sample.objects.get(participant__number=number)
        correct_sample(
            actor=COORDINATOR,
            number=number,
            drawn_at=first.drawn_at,
            shipped_at=first.shipped_at,
            covid19=True,
            reason="test came back",
        )
        second = draw_sample(actor=COORDINATOR, number=number, drawn_at=now, covid19=True, reason="haemolysed")
        ship_sample(actor=COORDINATOR, number=number, shipped_at=now)
        with pytest.raises(Refused):
            correct_sample(
                actor=COORDINATOR, number=number, drawn_at=now, shipped_at=now, covid19=False, reason="after all not"
            )
    laboratory, refused = cast.laboratory("GR"), Applied.objects.filter(outcome="refused").count()
    for sample in (first, second):
        play.receive_sample(actor=laboratory, sample_uid=sample.uid, received_at=now)
        for analyte, value in (("ferritin", "9000"), ("hla_dr", "3000")):
            play.enter_result(actor=laboratory, sample_uid=sample.uid, analyte=analyte, value=value)
    play.pass_hatch()
    assert Applied.objects.filter(outcome="refused").count() == refused
    assert [Sample.objects.get(pk=drawn.pk).verdict for drawn in (first, second)] == ["eligible", "eligible"]
    assert Participant.objects.get(number=number).sample_id == second.pk
