"""A code broken from a pack is entered later; the report says who, when, why, what followed and its impact."""

from __future__ import annotations

import csv
import io
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client

from immunosep_site.demonstration import cast, play
from immunosep_site.demonstration.play import Case
from randomization.accounts.roles import Role
from randomization.blinded.bedside.models import Course, Dose
from randomization.blinded.bedside.services.administer import administer
from randomization.delivery import totp
from randomization.delivery.services.second_factor import begin_factor, use_factor
from randomization.shared import clock
from randomization.shared.actor import Actor
from randomization.shared.errors import InvalidInput, NotFound, NotPermitted, Refused
from randomization.shared.service import Side, on_side
from randomization.signatures.signing import sign
from randomization.unblinded.codebreak.models import CodeBreak, ImpactAssessment
from randomization.unblinded.codebreak.selectors import unblindings
from randomization.unblinded.codebreak.services.assess_impact import AssessImpact, assess_impact
from tests.both.codebreak.steps import BREAKER, SAFETY, enter, reveal
from tests.both.outcomes.steps import move
from tests.permissions import client_of

pytestmark = pytest.mark.once


@pytest.mark.requirement("R10", "R21")
def test_a_code_broken_from_a_pack_is_entered_later(trial: None) -> None:
    number = play.enrol(Case("GR01")).participant
    with time_machine.travel(clock.now() + timedelta(hours=2)):
        check_entering(number)


def check_entering(number: str) -> None:
    code_break = enter(number)
    assert (code_break.way, code_break.seen_by) == ("pack", "investigator.gr01")
    play.pass_hatch()
    assert Course.objects.get(participant__number=number).code_broken_at == code_break.broken_at
    wrong: tuple[dict[str, Any], ...] = ({"minutes": -5}, {"minutes": 150}, {"seen_by": " "}, {"reason": ""})
    for changed in wrong:
        with pytest.raises(InvalidInput):
            enter(number, **changed)
    assert CodeBreak.objects.filter(participant_number=number).count() == 1


def assess(uid: Any, *, actor: Actor = SAFETY, **changed: str) -> ImpactAssessment:
    number = CodeBreak.objects.get(uid=uid).participant_number
    assessment = {"necessity": "needed", "spread": "nobody", "effect": "none", "measures": "none", **changed}
    command = AssessImpact(number, uid, **assessment)
    grant = sign(actor=actor, secret=cast.PASSWORD, command=command)
    return assess_impact(actor=actor, command=command, grant=grant)


@pytest.mark.requirement("R16", "R22")
def test_the_report_says_who_when_why_what_followed_and_its_impact(trial: None) -> None:
    number = play.enrol(Case("GR01")).participant
    uid = reveal(number, reason="=shock").uid
    row = next(item for item in unblindings(SAFETY) if item.code_break.uid == uid)
    assert (row.assessment, row.later) == (None, ())
    dose = Dose.objects.get(course__participant__number=number, route="IV", number=1)
    preparation = play.prepare_and_release(dose, "GR01")
    with time_machine.travel(clock.now() + timedelta(hours=1)):
        play.pass_hatch()
        with on_side(Side.BLINDED):
            administer(
                actor=cast.at_site(Role.INVESTIGATOR, "GR01"),
                participant_number=number,
                barcode=play.label_of(preparation),
                at=clock.now(),
            )
    assess(uid)
    assess(uid, necessity="not_needed", effect="SOFA of day 2 left out")
    row = next(item for item in unblindings(SAFETY) if item.code_break.uid == uid)
    assert row.assessment is not None
    assert row.assessment.necessity == "not_needed"
    assert row.later is not None
    assert "dose.administer" in {act.action for act in row.later}
    assert ImpactAssessment.objects.count() == 2
    for field, text in (("necessity", "perhaps"), ("effect", " ")):
        with pytest.raises(InvalidInput):
            assess(uid, **{field: text})  # type: ignore[arg-type]
    with pytest.raises(NotPermitted):
        assess(uid, actor=BREAKER)
    with pytest.raises(NotFound):
        assess(CodeBreak.objects.filter(category="drill")[0].uid)
    lines = list(csv.DictReader(io.StringIO(client_of(SAFETY).get("/code-break/report.csv").content.decode())))
    mine = next(line for line in lines if line["participant"] == number)
    assert (mine["seen_by"], mine["needed"], mine["reason"]) == ("investigator.gr01", "not_needed", "'=shock")
    assert int(mine["later_records_by_who_has_seen"]) >= 1
    assert not {"PRECISION", "CONTROL"} & set(mine.values())


def test_the_assessment_by_page_and_api(trial: None) -> None:
    uid = reveal(play.enrol(Case("GR01")).participant).uid
    client, assessment = client_of(SAFETY), {"necessity": "needed", "spread": "x", "effect": "y", "measures": "z"}
    assert client.get(f"/code-break/{uid}/impact/").status_code == 200
    assert client.post(f"/code-break/{uid}/impact/", {**assessment, "secret": cast.PASSWORD}).status_code == 302
    body = {**assessment, "signature": {"user_name": SAFETY.user_name, "secret": cast.PASSWORD}}
    address = f"/api/v1/code-breaks/{uid}/assessments/"
    assert client.post(address, body, content_type="application/json").status_code == 204
    assert client_of(BREAKER).post(address, body, content_type="application/json").status_code in {403, 422}
    assert "yes: treatment depended on it" in client.get("/code-break/report/").content.decode()
    assert client.get("/api/v1/code-breaks/report/").json()[0]["necessity"] == "needed"


@pytest.mark.requirement("R16")
def test_who_read_a_pack_is_matched_in_any_spelling_and_it_is_entered_once(trial: None) -> None:
    number = play.enrol(Case("GR01")).participant
    with time_machine.travel(clock.now() + timedelta(hours=2)):
        values: dict[str, Any] = {"broken_at": clock.now() - timedelta(minutes=20), "seen_by": " Investigator.GR01 "}
        enter(number, **values)
        with pytest.raises(Refused) as again:
            enter(number, **values)
        assert again.value.code == "entered"
        move(number)
        row = next(row for row in unblindings(SAFETY) if row.code_break.participant_number == number)
    assert row.later is not None
    assert "participant.transfer" in {act.action for act in row.later}


@pytest.mark.requirement("R17", "R33")
def test_a_lost_second_factor_lets_in_by_password_and_reason_flagged(trial: None) -> None:
    number = play.enrol(Case("GR01")).participant
    sealed = begin_factor(actor=BREAKER, password=cast.PASSWORD)
    step = int(clock.now().timestamp()) // 30
    use_factor(actor=BREAKER, code=totp._totp(totp.opened(sealed)).generate(step * 30).decode())
    client = Client()
    answer = client.post("/log-in/", {"username": BREAKER.user_name, "password": cast.PASSWORD})
    second = answer.headers["Location"]
    assert "Say why" in client.get(second).content.decode()
    assert client.post(second, {"code": "", "reason": " "}).status_code == 422
    assert client.post(second, {"code": "", "reason": "telephone lost"}).status_code == 302
    assert client.get("/code-break/").status_code == 200
    reveal(number)
    row = next(row for row in unblindings(SAFETY) if row.code_break.participant_number == number)
    assert row.without_factor
    assert "without second step" in client_of(SAFETY).get("/code-break/report/").content.decode()
