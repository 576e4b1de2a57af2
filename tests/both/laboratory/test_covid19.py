"""A wrong COVID-19 answer, across the line: the verdict is reached again by itself, and never tells the class."""

from __future__ import annotations

import pytest

from immunosep_site.demonstration import cast, play
from immunosep_site.demonstration.play import Case
from randomization.accounts.roles import Role
from randomization.blinded.screening.models import Participant, Sample
from randomization.blinded.screening.services.correct_covid19 import CorrectCovid19, correct_covid19
from randomization.blinded.screening.services.record_sample import discard_sample
from randomization.hatch.models import InboxMessage
from randomization.shared.service import Side, on_side
from randomization.signatures.signing import sign
from randomization.unblinded.laboratory.models import Classification
from randomization.unblinded.laboratory.selectors import judged_with_another_answer, samples_for
from randomization.unblinded.laboratory.services.analyse import close_sample

COORDINATOR, INVESTIGATOR = cast.at_site(Role.COORDINATOR, "GR01"), cast.at_site(Role.INVESTIGATOR, "GR01")
MALS, SIP, NEITHER = ("9000", "12000"), ("800", "3000"), ("800", "9000")


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
