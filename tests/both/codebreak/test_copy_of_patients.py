"""Codes are broken while nothing answers below, from a copy that says how old it is and stops nothing."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine

from immunosep_site.demonstration import cast, play
from immunosep_site.demonstration.play import Case
from randomization.accounts.roles import Role
from randomization.audit.models import Event
from randomization.blinded.bedside.models import Course, Dose
from randomization.blinded.bedside.services.administer import administer
from randomization.hatch import send
from randomization.shared import clock
from randomization.shared.errors import NotFound
from randomization.shared.service import Side, on_side
from randomization.unblinded.codebreak import sweeps
from randomization.unblinded.codebreak.models import KnownPatient
from tests.both.codebreak.steps import BREAKER, SAFETY, invite, nothing_answers_below, reveal, tell
from tests.permissions import client_of

pytestmark = pytest.mark.once


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
