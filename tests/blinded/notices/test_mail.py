"""Notices by e-mail where a mail server refuses: who is refused holds up nobody else."""

from __future__ import annotations

from smtplib import SMTPRecipientsRefused
from typing import Any

import pytest
from django.core import mail
from django.core.mail.backends.locmem import EmailBackend

from randomization.audit.models import Event
from randomization.blinded.desk.alert_conditions import Concern
from randomization.blinded.desk.models import AlertKind
from randomization.blinded.desk.services.keep_alerts import watch_over
from randomization.notices.mail import mail_due
from randomization.notices.models import Channel, Entry, Mailed
from randomization.shared import clock
from randomization.shared.actor import SYSTEM
from tests.blinded.world import NUMBER

pytestmark = pytest.mark.once


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
