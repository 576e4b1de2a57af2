"""What an attack on the code break found."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client

from immunosep_site.demonstration import cast, play
from immunosep_site.demonstration.play import Case
from randomization.accounts.services.appoint import end_membership
from randomization.blinded.bedside.models import Dose, Packaging
from randomization.blinded.inbox.services.apply_next import apply_inbox
from randomization.blinded.sites.models import Site
from randomization.delivery import totp
from randomization.delivery.services.second_factor import begin_factor, use_factor
from randomization.hatch import send
from randomization.notices.selectors import notices_for
from randomization.shared import clock
from randomization.shared.errors import Refused
from randomization.shared.service import Side, on_side
from randomization.unblinded.codebreak import sweeps
from randomization.unblinded.codebreak.models import CodeBreak
from randomization.unblinded.codebreak.selectors import unblindings
from tests.both.codebreak.test_codebreak import BREAKER, SAFETY, reveal
from tests.both.codebreak.test_unblinding import WHO, enter, invite, nothing_answers_below, second_breaker, tell
from tests.both.outcomes.test_transfer import move
from tests.conftest import tampering
from tests.permissions import client_of


def test_whoever_is_logged_in_reads_nothing_as_a_third_party(trial: None) -> None:
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


def test_the_safety_officer_is_told_and_the_ward_learns_no_more(trial: None) -> None:
    number = play.enrol(Case("GR01")).participant
    reveal(number)
    notice = notices_for(SAFETY)[0]
    assert (notice.kind, notice.facts) == ("code_broken", {"participant": number})


def test_the_copy_says_when_it_was_compared_last(trial: None) -> None:
    number = play.enrol(Case("GR01")).participant
    play.pass_hatch()
    later = clock.now() + timedelta(hours=40)
    with time_machine.travel(later):
        play.pass_hatch()
        with nothing_answers_below():
            revealed = reveal(number)
    assert revealed.copied_at is not None
    assert later - revealed.copied_at < timedelta(minutes=1)


def test_a_failing_copy_stops_neither_hatch_nor_page(trial: None, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken() -> None:
        raise IndexError

    monkeypatch.setattr(sweeps, "changed_below", broken)
    number = play.enrol(Case("GR01")).participant
    assert reveal(number).subject == number
    monkeypatch.setattr(send, "_sweeps", [broken])
    assert client_of(BREAKER).get("/code-break/").status_code == 200


@pytest.mark.requirement("R21")
def test_the_gate_opens_when_who_had_not_rehearsed_leaves(trial: None) -> None:
    with tampering():
        Site.objects.filter(code="GR02").update(drill_done_at=None)
    below = second_breaker()
    play.rehearse("GR02")
    play.pass_hatch()
    assert Site.objects.get(code="GR02").drill_done_at is None
    with on_side(Side.BLINDED):
        end_membership(actor=cast.MANAGER, membership_id=str(below.id), reason="left")
    play.pass_hatch()
    play.pass_hatch()
    assert Site.objects.get(code="GR02").drill_done_at is not None


def test_what_was_announced_before_a_transfer_is_not_given_after_it(trial: None) -> None:
    """The message is in the inbox, the transfer is recorded, then the message is applied."""
    number = play.enrol(Case("GR01")).participant
    dose = Dose.objects.get(course__participant__number=number, route="IV", number=1)
    preparation = play.prepare_and_release(dose, "GR01")
    with time_machine.travel(preparation.ready_at + timedelta(minutes=1)):
        send.carry_down()
        move(number)
        with on_side(Side.BLINDED):
            apply_inbox()
        dose.refresh_from_db()
        assert dose.state == "planned"
        assert not Packaging.objects.filter(dose=dose, voided_at=None).exists()
        play.pass_hatch()
        again = play.prepare_and_release(dose, "GR02")
        with time_machine.travel(again.ready_at + timedelta(minutes=1)):
            play.pass_hatch()
            dose.refresh_from_db()
            assert dose.state == "ready"


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
