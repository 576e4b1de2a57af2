"""A third party reads the treatment once, with a code, and who gave the code stays blind."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from django.test import Client

from immunosep_site.demonstration import cast, play
from immunosep_site.demonstration.play import Case
from randomization.accounts.roles import Role
from randomization.audit.models import Event
from randomization.blinded.bedside.models import Course
from randomization.shared import clock
from randomization.shared.errors import InvalidInput, NotFound, NotPermitted, Refused, TrialError
from randomization.shared.ids import new_kit_code
from randomization.unblinded.codebreak.models import CodeBreak
from randomization.unblinded.codebreak.selectors import unblindings
from randomization.unblinded.codebreak.services.tell_third_party import NO_SUCH_CODE
from tests.both.codebreak.steps import BREAKER, SAFETY, WHO, invite, tell
from tests.both.outcomes.steps import move
from tests.permissions import client_of

pytestmark = pytest.mark.once


@pytest.mark.requirement("R17", "R19")
def test_a_third_party_reads_it_once_and_the_investigator_stays_blind(trial: None) -> None:
    number = play.enrol(Case("GR01")).participant
    code = invite(number)
    assert not CodeBreak.objects.filter(participant_number=number).exists()
    for field in WHO:
        with pytest.raises(InvalidInput) as missing:
            tell(code, **{field: " "})
        assert missing.value.field == field
    revealed = tell(code.lower())
    assert revealed.arm in {"PRECISION", "CONTROL"}
    code_break = CodeBreak.objects.get(participant_number=number)
    assert (code_break.way, code_break.broken_by, code_break.seen_by) == (
        "third_party",
        "investigator.gr01",
        "A. B., physician on duty, +30 210 1",
    )
    assert Event.objects.get(action="code.break", subject=number).role == "third_party"
    play.pass_hatch()
    assert Course.objects.get(participant__number=number).code_broken_at is not None
    with pytest.raises(Refused) as again:
        tell(code)
    assert again.value.code == "used"


def test_a_code_runs_out_and_a_wrong_one_tells_nothing(trial: None) -> None:
    number = play.enrol(Case("GR01")).participant
    code = invite(number)
    for wrong in (new_kit_code(), "7F2QXK9D", "", "x"):
        with pytest.raises(InvalidInput) as refusal:
            tell(wrong)
        assert refusal.value.sentence == NO_SUCH_CODE
    with time_machine.travel(clock.now() + timedelta(minutes=30)), pytest.raises(Refused) as late:
        tell(code)
    assert late.value.code == "expired"
    with pytest.raises(NotFound):
        invite(number, actor=cast.at_site(Role.CODE_BREAKER, "GR02"))
    with pytest.raises(NotPermitted):
        invite(number, actor=cast.at_site(Role.PHARMACIST, "GR01"))


def test_the_third_partys_page_asks_for_no_log_in(trial: None) -> None:
    number = play.enrol(Case("GR01")).participant
    breaker = client_of(BREAKER)
    why = {"number": number, "category": "emergency", "reason": "shock", "secret": cast.PASSWORD}
    page = breaker.post("/code-break/third-party/", why)
    code = page.context["told"].code
    assert "Shown once" not in page.content.decode()
    assert f"/told/#{code}" in page.content.decode()
    nobody = Client()
    assert nobody.get(f"/told/{code}/").status_code == 404, "a code in an address would stand in logs"
    shown = nobody.post("/told/", {"code": code, **WHO}).content.decode()
    assert number in shown
    assert "Shown once" in shown
    assert nobody.post("/told/", {"code": code, **WHO}).status_code == 409
    answer = breaker.post(
        "/api/v1/code-breaks/invitations/",
        {**why, "signature": {"user_name": BREAKER.user_name, "secret": cast.PASSWORD}},
        content_type="application/json",
    )
    disclosed = nobody.post("/api/v1/code-breaks/told/", {"code": answer.json()["code"], **WHO}, "application/json")
    assert (disclosed.status_code, disclosed.json()["subject"]) == (201, number)


def test_every_refusal_says_what_to_do(trial: None) -> None:
    number = play.enrol(Case("GR01")).participant
    with pytest.raises(TrialError) as refusal:
        invite(number, category="safety_report")
    assert "safety officer" in refusal.value.sentence


def test_a_logged_in_user_reads_nothing_as_a_third_party(trial: None) -> None:
    number = play.enrol(Case("GR01")).participant
    code, breaker = invite(number), client_of(BREAKER)
    refused = breaker.post("/told/", {"code": code, **WHO})
    assert refused.status_code == 409
    assert "in your own name" in refused.content.decode()
    assert breaker.post("/api/v1/code-breaks/told/", {"code": code, **WHO}, "application/json").status_code == 409
    assert not CodeBreak.objects.filter(participant_number=number).exists()
    assert Client().post("/told/", {"code": code, **WHO}).status_code == 200
    row = next(row for row in unblindings(SAFETY) if row.code_break.participant_number == number)
    assert row.later is None, "that nothing is found of a name on paper says nothing"


def test_a_living_code_outlives_a_transfer(trial: None) -> None:
    number = play.enrol(Case("GR01")).participant
    code = invite(number)
    move(number)
    assert tell(code).subject == number
