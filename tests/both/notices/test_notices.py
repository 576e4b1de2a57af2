"""Notices by e-mail: to the right people, in their language, saying nothing; late rather than lost."""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import time_machine
from django.core import mail
from django.core.mail.backends.locmem import EmailBackend

import randomization
from immunosep_site.demonstration import cast, play
from immunosep_site.demonstration.play import Case
from pharmacy.worklist.sweeps import call_who_is_on_duty
from randomization.accounts.models import Account, Membership
from randomization.accounts.roles import Role
from randomization.accounts.services.choose_language import choose_language
from randomization.audit.models import Event
from randomization.blinded.bedside.models import Dose
from randomization.blinded.desk.alert_conditions import Concern, concerns
from randomization.blinded.desk.models import Alert, AlertKind
from randomization.blinded.desk.services.keep_alerts import watch_over
from randomization.blinded.desk.tasks import watch as watching
from randomization.blinded.screening.models import Sample
from randomization.notices import mail as mailing
from randomization.notices.models import Channel, Entry, Mailed
from randomization.notices.words import WORDS
from randomization.shared import clock
from randomization.shared.actor import SYSTEM
from randomization.shared.errors import InvalidInput
from randomization.shared.service import Side, on_side
from tests.both.worlds.forbidden import FORBIDDEN
from tests.conftest import tampering

pytestmark = pytest.mark.once

HOUR = timedelta(hours=1)


def mail_due() -> int:
    """The blinded side's sweep."""
    with on_side(Side.BLINDED):
        return mailing.mail_due()


def watch() -> None:
    """The desk's sweep."""
    with on_side(Side.BLINDED):
        watching()


@pytest.fixture
def quiet(trial: None) -> None:
    """What the set-up told is out."""
    mail_due()
    mailing.mail_due()
    mail.outbox.clear()


def sent_to() -> set[str]:
    return {address for message in mail.outbox for address in message.to}


def at(site: str, *roles: str) -> set[str]:
    return {f"{role}.{site.lower()}@example.org" for role in roles}


@pytest.mark.requirement("R20")
def test_the_roles_of_the_site_are_told_in_fixed_words(quiet: None) -> None:
    number = play.enrol(Case("GR01")).participant
    mail_due()
    assert sent_to() == at("GR01", "coordinator", "investigator", "nurse")
    subjects = {message.subject for message in mail.outbox}
    assert subjects == {
        "ImmunoSep GR01: the laboratory's verdict is there",
        "ImmunoSep GR01: a participant is randomised",
    }
    assert all(number in message.body for message in mail.outbox)
    assert all(message.message()["Auto-Submitted"] == "auto-generated" for message in mail.outbox)
    mail.outbox.clear()
    assert mail_due() == 0
    assert (
        Event.objects.using("blinded").filter(action="notice.mail").count() == Mailed.objects.using("blinded").count()
    )


def test_people_who_left_or_belong_elsewhere_are_not_told(quiet: None) -> None:
    play.enrol(Case("GR01"))
    with tampering():
        Membership.objects.using("blinded").filter(account__user_name="nurse.gr01").update(ends_at=clock.now())
        Account.objects.using("blinded").filter(user_name="coordinator.gr01").update(is_active=False)
    mail_due()
    assert sent_to() == at("GR01", "investigator")


def test_each_reads_it_in_the_language_chosen(quiet: None) -> None:
    with on_side(Side.BLINDED):
        choose_language(actor=cast.at_site(Role.NURSE, "GR01"), language="de")
    with on_side(Side.BLINDED), pytest.raises(InvalidInput):
        choose_language(actor=cast.at_site(Role.NURSE, "GR01"), language="xx")
    assert Account.objects.using("blinded").get(user_name="nurse.gr01").language == "de"
    assert Event.objects.using("blinded").filter(action="person.language", subject="nurse.gr01").count() == 1


class Down(EmailBackend):
    """A mail server that takes two messages and then no more."""

    def send_messages(self, messages: Any) -> int:
        if len(mail.outbox) >= 2:
            raise ConnectionRefusedError
        return super().send_messages(messages)


def test_a_mail_server_that_is_down_delays_and_loses_nothing(quiet: None, settings: Any) -> None:
    backend, settings.EMAIL_BACKEND = settings.EMAIL_BACKEND, f"{__name__}.Down"
    play.enrol(Case("GR01"))
    assert mail_due() == 1
    with time_machine.travel(clock.now() + timedelta(minutes=20)):
        with on_side(Side.BLINDED):
            assert AlertKind.NOTICE_STUCK in {concern.kind for concern in concerns()}
        settings.EMAIL_BACKEND = backend
        assert mail_due() == 1
        with on_side(Side.BLINDED):
            assert AlertKind.NOTICE_STUCK not in {concern.kind for concern in concerns()}
    assert sent_to() == at("GR01", "coordinator", "investigator", "nurse")


def standing(kind: AlertKind) -> set[tuple[str, str]]:
    return {(alert.subject or alert.site_code, alert.about) for alert in Alert.objects.filter(kind=kind, over_at=None)}


def test_alerts_come_are_told_once_and_go(quiet: None) -> None:
    number = play.enrol(Case("GR01")).participant
    waiting = play.screen(Case("GR02", sepsis_hours_ago=61)).number
    mail_due()
    mail.outbox.clear()
    watch()
    watch()
    assert (waiting, "") in standing(AlertKind.WINDOW_ENDING)
    assert Alert.objects.filter(kind=AlertKind.WINDOW_ENDING, subject=waiting).count() == 1
    mail_due()
    assert at("GR02", "coordinator", "investigator") <= sent_to()
    with time_machine.travel(clock.now() + 4 * HOUR):
        watch()
        assert (number, "IV 01") in standing(AlertKind.DOSE_LATE)
    with time_machine.travel(clock.now() + 13 * HOUR):
        watch()
        assert (waiting, "") not in standing(AlertKind.WINDOW_ENDING)
        assert Alert.objects.get(kind=AlertKind.WINDOW_ENDING, subject=waiting).over_at is not None


def test_what_the_sites_lack_is_an_alert(quiet: None) -> None:
    from randomization.blinded.allocation.models import AllocationList
    from randomization.blinded.sites.models import Duty, Site

    watch()
    assert standing(AlertKind.LIST_LOW) == standing(AlertKind.NO_SUPPLY) == standing(AlertKind.NOBODY_ON_DUTY) == set()
    with tampering():
        Site.objects.filter(code="GR01").update(may_supply=False)
        Duty.objects.filter(site_id="GR02").delete()
        for allocation_list in AllocationList.objects.filter(site_id="DE01"):
            AllocationList.objects.filter(pk=allocation_list.pk).update(next_position=allocation_list.length)
    watch()
    assert standing(AlertKind.NO_SUPPLY) == {("GR01", "")}
    assert standing(AlertKind.NOBODY_ON_DUTY) == {("GR02", "")}
    assert standing(AlertKind.LIST_LOW) == {("DE01", "")}
    with on_side(Side.BLINDED):
        watch_over(actor=SYSTEM, concerns=[Concern(AlertKind.MESSAGE_REFUSED, "", "", "x")])
    mail_due()
    assert "manager@example.org" in sent_to()


def test_a_sample_and_a_verdict_that_wait_too_long(quiet: None) -> None:
    number = play.screen(Case("GR01")).number
    sample = Sample.objects.filter(participant__number=number)
    uid = str(sample.get().uid)
    with tampering():
        sample.update(shipped_at=None)
    with time_machine.travel(clock.now() + timedelta(minutes=10)):
        watch()
        assert (number, uid) in standing(AlertKind.SAMPLE_WAITING)
        with tampering():
            now = clock.now()
            sample.update(shipped_at=now, received_at=now - 5 * HOUR)
        watch()
        assert standing(AlertKind.SAMPLE_WAITING) == set()
        assert (number, uid) in standing(AlertKind.VERDICT_LATE)


@pytest.mark.requirement("R20")
def test_no_e_mail_of_either_side_names_an_arm_a_class_or_a_drug(quiet: None) -> None:
    """Everything that the way of a patient writes, on both sides, and every kind there is."""
    number = play.enrol(Case("GR01", ferritin="9000")).participant
    call_who_is_on_duty()
    play.prepare_and_release(Dose.objects.get(course__participant__number=number, route="IV", number=1), "GR01")
    mail_due()
    mailing.mail_due()
    assert at("GR01", "pharmacist") & sent_to()
    for message in mail.outbox:
        assert FORBIDDEN.search(str(message.message())) is None
    for words in WORDS.values():
        assert FORBIDDEN.search(str(words)) is None


def test_every_kind_that_is_told_has_words(quiet: None) -> None:
    product = Path(randomization.__file__).parent.parent
    for package in ("randomization", "pharmacy"):
        for file in (product / package).rglob("*.py"):
            text = file.read_text(encoding="utf-8")
            if "Channel.PEOPLE" in text:
                assert set(re.findall(r'kind="([a-z_]+)"', text)) <= set(WORDS), file
    kinds = set(Entry.objects.using("blinded").filter(channel=Channel.PEOPLE).values_list("kind", flat=True))
    kinds |= set(Entry.objects.filter(channel=Channel.PEOPLE).values_list("kind", flat=True))
    assert kinds | {kind.value for kind in AlertKind} - {"code_broken", "deviation_open"} >= {"no_supply"}
    assert kinds <= set(WORDS)
