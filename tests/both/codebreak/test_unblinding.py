"""The whole code break: a third party, the pack entered later, report, impact, and nights when nothing answers."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.db import OperationalError, connections
from django.test import Client

from immunosep_site.demonstration import cast, play
from immunosep_site.demonstration.play import Case
from randomization.accounts.models import Membership
from randomization.accounts.roles import Role
from randomization.accounts.services.appoint import Delegation, appoint, end_membership
from randomization.audit.models import Event
from randomization.blinded.bedside.models import Course, Dose
from randomization.blinded.bedside.services.administer import administer
from randomization.blinded.sites.models import Site
from randomization.shared import clock
from randomization.shared.actor import Actor
from randomization.shared.errors import InvalidInput, NotFound, NotPermitted, Refused, TrialError
from randomization.shared.ids import new_kit_code
from randomization.shared.service import Side, on_side
from randomization.signatures.signing import sign
from randomization.unblinded.codebreak.models import CodeBreak, ImpactAssessment, KnownPatient
from randomization.unblinded.codebreak.selectors import unblindings
from randomization.unblinded.codebreak.services.assess_impact import AssessImpact, assess_impact
from randomization.unblinded.codebreak.services.enter_offline import EnterOffline, enter_offline
from randomization.unblinded.codebreak.services.tell_third_party import (
    NO_SUCH_CODE,
    THIRD_PARTY,
    InviteThirdParty,
    invite_third_party,
    tell_third_party,
)
from randomization.unblinded.people.services.appoint_by_two import confirm, propose
from tests.both.codebreak.test_codebreak import BREAKER, SAFETY, reveal
from tests.conftest import tampering
from tests.permissions import client_of

NOBODY = Actor("third.party", THIRD_PARTY, "")
WHO = {"name": "A. B.", "function": "physician on duty", "telephone": "+30 210 1"}


def invite(number: str, *, actor: Actor = BREAKER, category: str = "emergency") -> str:
    command = InviteThirdParty(number, category, "shock")
    grant = sign(actor=actor, secret=cast.PASSWORD, command=command)
    return invite_third_party(actor=actor, command=command, grant=grant).code


def tell(code: str, **changed: str) -> Any:
    return tell_third_party(actor=NOBODY, code=code, **{**WHO, **changed})


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


def enter(number: str, *, minutes: int = 20, **changed: Any) -> CodeBreak:
    values = {
        "broken_at": clock.now() - timedelta(minutes=minutes),
        "seen_by": "investigator.gr01",
        "category": "emergency",
        "reason": "outage",
        **changed,
    }
    command = EnterOffline(number, **values)
    grant = sign(actor=BREAKER, secret=cast.PASSWORD, command=command)
    return enter_offline(actor=BREAKER, command=command, grant=grant)


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


@contextmanager
def nothing_answers_below() -> Iterator[None]:
    """The blinded database cannot be reached."""

    def dead(*_args: Any) -> None:
        raise OperationalError("could not connect to server")

    with connections["blinded"].execute_wrapper(dead):
        yield


@pytest.mark.requirement("R17")
def test_the_code_is_broken_while_the_whole_blinded_side_is_down(trial: None) -> None:
    number = play.enrol(Case("GR01", clearance_ml_min="20")).participant
    dose = Dose.objects.get(course__participant__number=number, route="IV", number=1)
    preparation = play.prepare_and_release(dose, "GR01")
    with time_machine.travel(clock.now() + timedelta(hours=1)) as later:
        play.pass_hatch()
        with on_side(Side.BLINDED):
            administer(
                actor=cast.at_site(Role.NURSE, "GR01"),
                participant_number=number,
                barcode=play.label_of(preparation),
                at=clock.now(),
            )
        play.pass_hatch()
        known = KnownPatient.objects.get(number=number)
        assert known.reduced
        assert '"IV": [1,' in known.last_given
        later.shift(timedelta(minutes=10))
        fresh, events = reveal(number), Event.objects.filter(action="code.copy").count()
        play.pass_hatch()
        assert Event.objects.filter(action="code.copy").count() == events, "nothing changed: nothing is written"
        with nothing_answers_below():
            client = client_of(BREAKER)
            assert client.get("/").status_code == 200
            why = {"number": number, "category": "emergency", "reason": "shock", "secret": cast.PASSWORD}
            page = client.get("/code-break/")
            why["request_uid"] = str(page.context["form"].initial["request_uid"])
            shown = client.post("/code-break/", why)
            assert shown.status_code == 200, shown.content
            assert "does not answer" in shown.content.decode()
            revealed = shown.context["revealed"]
            assert (revealed.arm, revealed.syringes) == (fresh.arm, fresh.syringes)
            assert tell(invite(number)).arm == fresh.arm
            assert client_of(SAFETY).get("/code-break/report/").status_code == 200
            with pytest.raises(NotFound):
                reveal("GR01-999")
        play.pass_hatch()
    assert Course.objects.get(participant__number=number).code_broken_at is not None


def second_breaker() -> Membership:
    """One more investigator of GR02 who may break codes and has not rehearsed; the membership below."""
    second = Delegation("second.gr02", "second.gr02@example.org", Role.INVESTIGATOR, "GR02", "log", "1")
    with on_side(Side.BLINDED):
        below = appoint(actor=cast.MANAGER, delegation=second, password=cast.PASSWORD)
    above = replace(second, role=Role.CODE_BREAKER)
    proposal = propose(actor=cast.STATISTICIAN, delegation=above, password=cast.PASSWORD)
    confirm(actor=cast.SECOND_STATISTICIAN, proposal_id=str(proposal.id))
    return below


@pytest.mark.requirement("R21")
def test_the_gate_waits_for_everybody_who_may_break_codes(trial: None) -> None:
    with tampering():
        Site.objects.filter(code="GR02").update(drill_done_at=None)
    below = second_breaker()
    play.rehearse("GR02")
    play.pass_hatch()
    assert Site.objects.get(code="GR02").drill_done_at is None
    page = client_of(cast.at_site(Role.CODE_BREAKER, "GR02")).get("/code-break/drill/").content.decode()
    assert "has not rehearsed" in page
    with on_side(Side.BLINDED):
        end_membership(actor=cast.MANAGER, membership_id=str(below.id), reason="left")
    play.pass_hatch()
    play.rehearse("GR02")
    play.pass_hatch()
    assert Site.objects.get(code="GR02").drill_done_at is not None


def test_every_refusal_says_what_to_do(trial: None) -> None:
    number = play.enrol(Case("GR01")).participant
    with pytest.raises(TrialError) as refusal:
        invite(number, category="safety_report")
    assert "safety officer" in refusal.value.sentence
