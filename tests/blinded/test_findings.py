"""What an attack on the desk, the board, the forms, the e-mails and the tablets found."""

from __future__ import annotations

import io
from datetime import timedelta
from smtplib import SMTPRecipientsRefused
from typing import Any

import pytest
import time_machine
from django.core import mail
from django.core.mail.backends.locmem import EmailBackend

from randomization.accounts.models import Account, Membership
from randomization.accounts.roles import Role
from randomization.audit.models import Event
from randomization.blinded.allocation.models import AllocationList
from randomization.blinded.allocation.selectors import LOW_BELOW, statuses_by_list
from randomization.blinded.bedside.models import Dose
from randomization.blinded.desk.alert_conditions import Concern, concerns
from randomization.blinded.desk.flow import flow, parts
from randomization.blinded.desk.models import Alert, AlertKind
from randomization.blinded.desk.overview import alerts_for
from randomization.blinded.desk.people_file import HEAD
from randomization.blinded.desk.recruitment import progress
from randomization.blinded.desk.services.keep_alerts import acknowledge_alert, watch_over
from randomization.blinded.participants.board import board
from randomization.blinded.screening.models import Draft, Participant
from randomization.blinded.screening.services.register_participant import register_participant
from randomization.blinded.sites.models import Site
from randomization.delivery.services.tablets import issue_badge, set_pin
from randomization.hatch.messages import CodeBroken
from randomization.notices.mail import mail_due
from randomization.notices.models import Channel, Entry, Mailed
from randomization.shared import clock
from randomization.shared.actor import SYSTEM
from randomization.shared.entropy import new_uid
from tests.blinded.world import MANAGER, NUMBER, PASSWORD, at, confirm, ready, screen, seal, send, verdict
from tests.conftest import tampering
from tests.permissions import client_of

HOUR = timedelta(hours=1)
COORDINATOR, NURSE = at(Role.COORDINATOR), at(Role.NURSE)
PIN = "482915"


class Picky(EmailBackend):
    """A mail server that refuses one address, and a message library that cannot write another."""

    def send_messages(self, messages: Any) -> int:
        (address,) = messages[0].to
        if address.startswith("coordinator.gr01"):
            raise SMTPRecipientsRefused({address: (550, b"no such user")})
        if address.startswith("investigator.gr01"):
            raise ValueError("an address that cannot be written")
        return super().send_messages(messages)


def test_one_bad_address_stops_nobody_elses_notice(trial: None, settings: Any) -> None:
    mail_due()
    mail.outbox.clear()
    settings.EMAIL_BACKEND = f"{__name__}.Picky"
    watch_over(
        actor=SYSTEM,
        concerns=[
            Concern(AlertKind.WINDOW_ENDING, "GR01", NUMBER, ""),
            Concern(AlertKind.WINDOW_ENDING, "GR02", "GR02-001", ""),
        ],
    )
    assert mail_due() == 2
    assert mail_due() == 0
    assert {message.to[0] for message in mail.outbox} == {
        f"{role}.gr02@example.org" for role in ("coordinator", "investigator")
    }
    assert not Entry.objects.filter(channel=Channel.PEOPLE, mailed=None, deliver_at__lte=clock.now()).exists()
    assert '"refused":2' in Event.objects.filter(action="notice.mail").order_by("-id")[1].data
    assert Mailed.objects.order_by("-entry_id")[0].recipients == 2


def test_low_goes_by_the_sites_total_and_names_no_stratum(trial: None) -> None:
    """Of two strata of a site one is nearly used up: that must not show, nor which of them it is."""
    strata = [new_uid(), new_uid()]
    for stratum in strata:
        seal("GR02", stratum, length=20)
    for few, many in (strata, strata[::-1]):
        with tampering():
            AllocationList.objects.filter(stratum_uid=few).update(next_position=20 - LOW_BELOW + 5)
            AllocationList.objects.filter(stratum_uid=many).update(next_position=1)
        here = AllocationList.objects.filter(site_id="GR02").values_list("pk", flat=True)
        assert {statuses_by_list()[key] for key in here} == {"enough"}
    with tampering():
        AllocationList.objects.filter(site_id="GR02").update(next_position=10)
    assert {
        statuses_by_list()[allocation_list.pk] for allocation_list in AllocationList.objects.filter(site_id="GR02")
    } == {"low"}


@pytest.mark.requirement("R33")
def test_a_tablet_session_never_becomes_another_role(trial: None) -> None:
    device = client_of(COORDINATOR)
    device.post("/tablets/", {"name": "ward 3"})
    device.post("/log-out/")
    set_pin(actor=NURSE, pin=PIN, password=PASSWORD)
    with tampering():
        account = Account.objects.get(user_name=NURSE.user_name)
        other = Membership.objects.create(
            account=account, side="blinded", role=Role.INVESTIGATOR, reach="GR01", starts_at=clock.now() - HOUR
        )
    device.post("/tablet/", {"who": NURSE.user_name, "pin": PIN})
    assert device.post("/role/", {"membership": str(other.id)}).status_code == 403
    session = device.session
    session["membership"] = str(other.id)
    session.save()
    assert device.get(f"/participants/{NUMBER}/hold/").status_code == 302
    assert device.post("/log-in/", {"username": NURSE.user_name, "password": PASSWORD}).headers["Location"] == "/"
    assert device.get("/").status_code == 200, "with the password everything is open again"


@pytest.mark.requirement("R33")
def test_pins_are_counted_apart_and_lock_nobody_else(trial: None) -> None:
    device = client_of(COORDINATOR)
    device.post("/tablets/", {"name": "ward 3"})
    device.post("/log-out/")
    set_pin(actor=NURSE, pin=PIN, password=PASSWORD)
    badge = issue_badge(actor=NURSE, password=PASSWORD)
    for _turn in range(4):
        device.post("/tablet/", {"who": NURSE.user_name, "pin": "111112"})
    device.post("/tablet/", {"who": badge, "pin": ""})
    device.post("/log-out/")
    device.post("/tablet/", {"who": NURSE.user_name, "pin": "111112"})
    assert "locked" in device.post("/tablet/", {"who": NURSE.user_name, "pin": PIN}).content.decode()
    assert client_of(NURSE).get("/").status_code == 200, "the password works"
    for _turn in range(6):
        device.post("/tablet/", {"who": "manager", "pin": "111112"})
    assert client_of(MANAGER).get("/").status_code == 200


def test_a_draft_is_kept_after_consent_alone_and_never_outlives_what_was_recorded(trial: None) -> None:
    client, typed = client_of(COORDINATOR), {"sex": "female", "reason": "Maria P., bed 4"}
    new = register_participant(actor=COORDINATOR, site_code="GR01", sepsis_at=clock.now() - 20 * HOUR).number
    assert client.post(f"/participants/{new}/eligibility/draft/", typed).status_code == 409
    number = screen()
    participant = Participant.objects.get(number=number)
    address = f"/participants/{number}/eligibility/draft/"
    assert client.post(address, typed).status_code == 409, "the answers were recorded since"
    typed["based_on"] = str(participant.assessment_id)
    assert client.post(address, typed).status_code == 200
    assert "Maria" not in Draft.objects.get().answers
    assert client.post(address, {**typed, "year_of_birth": "9" * 5000}).status_code == 200
    withdrawal = {
        "scope": "data",
        "at": f"{clock.site_moment(clock.now(), 'Europe/Athens'):%Y-%m-%dT%H:%M}",
        "reason": "x",
        "secret": PASSWORD,
    }
    assert client.post(f"/participants/{number}/withdraw/", withdrawal).status_code == 302
    assert not Draft.objects.exists()


def test_a_syringe_of_a_site_that_does_not_treat_the_patient_does_not_become_ready(trial: None) -> None:
    dose = Dose.objects.filter(course__participant__number=NUMBER, state="planned", route="SC").order_by("number")[0]
    ready(dose, site_code="GR02")
    dose.refresh_from_db()
    assert dose.state == "planned"
    assert Event.objects.filter(action="inbox.refused").order_by("-id")[0].data.count("transferred") == 1


def test_a_second_code_break_raises_a_second_alert(trial: None) -> None:
    uid = Participant.objects.get(number=NUMBER).uid
    send(CodeBroken(uid, clock.now() - timedelta(days=9)))
    first = [concern for concern in concerns() if concern.kind is AlertKind.CODE_BROKEN]
    assert [concern.subject for concern in first] == [NUMBER], "by when it is known, not by when it was"
    with time_machine.travel(clock.now() + timedelta(days=8)):
        assert not [concern for concern in concerns() if concern.kind is AlertKind.CODE_BROKEN]
        send(CodeBroken(uid, clock.now()))
        assert [concern for concern in concerns() if concern.kind is AlertKind.CODE_BROKEN]


def test_who_was_never_treated_has_not_reached_the_last_day_and_one_hidden_count_hides_another(trial: None) -> None:
    with time_machine.travel(clock.now() + timedelta(days=20)):
        assert flow().completed == 0
    assert [part.count for part in parts([("a", 12), ("b", 2)], summed=True)] == ["5 or more", "<5"]
    assert [part.count for part in parts([("a", 12), ("b", 7), ("c", 2), ("d", 3)], summed=True)] == [
        "12",
        "7",
        "<5",
        "<5",
    ]


def test_a_closed_site_is_expected_to_enrol_nobody_more(trial: None) -> None:
    with tampering():
        Site.objects.filter(code="GR01").update(opened_at="2021-08-05T00:00:00Z", closed_at="2021-08-25T00:00:00Z")
    assert next(row for row in progress(with_chart=False).sites if row.code == "GR01").expected < 3


def test_alerts_that_nobody_has_come_first(trial: None) -> None:
    watch_over(actor=SYSTEM, concerns=[Concern(AlertKind.NO_SUPPLY, code, "", "") for code in ("GR01", "GR02")])
    acknowledge_alert(actor=MANAGER, alert_id=Alert.objects.get(site_code="GR01").pk, note="")
    assert [alert.site_code for alert in alerts_for(MANAGER)] == ["GR02", "GR01"]


@pytest.mark.parametrize(
    "line",
    [
        "nurse.x,n p@hospital gr,nurse,GR01,log,1",
        "bad name!,n@example.org,nurse,GR01,log,1",
        f"nurse.x,n@example.org,nurse,GR01,{'l' * 100},1",
        "coordinator.gr01,other@example.org,nurse,GR02,log,1",
        f"nurse.x,n@example.org,nurse,GR01,{'l' * 200_000},1",
    ],
    ids=["address", "name", "delegation", "another's name", "a cell without end"],
)
def test_a_file_is_held_to_what_the_form_asks(trial: None, line: str) -> None:
    before = Account.objects.count()
    file = io.StringIO("\n".join([",".join(HEAD), line]))
    assert client_of(MANAGER).post("/people/import/", {"file": file}).status_code in {409, 422}
    assert Account.objects.count() == before


def test_after_a_transfer_the_first_site_reads_and_takes_no_step(trial: None) -> None:
    with tampering():
        Participant.objects.filter(number=NUMBER).update(site_id="GR02")
    client = client_of(at(Role.INVESTIGATOR))
    page = client.get(f"/participants/{NUMBER}/").content.decode()
    assert "treated at GR02" in page
    assert "/withdraw/" not in page
    assert "card.pdf" not in page
    assert client.get(f"/participants/{NUMBER}/hold/").status_code == 404


def test_the_board_lets_go_of_a_window_that_is_over(trial: None) -> None:
    number = screen()
    verdict(number)
    confirm(number)
    sepsis = Participant.objects.get(number=number).sepsis_at
    with time_machine.travel(sepsis + 73 * HOUR):
        (step,) = [row.step for row in board(COORDINATOR) if row.participant.number == number]
        assert step.words == "The window is over: was an envelope opened?"
    with time_machine.travel(sepsis + 85 * HOUR):
        assert number not in {row.participant.number for row in board(COORDINATOR)}
