"""Send what is due by e-mail, each person in their language. A mail server that is down delays and loses nothing."""

from __future__ import annotations

from smtplib import SMTPDataError, SMTPException, SMTPRecipientsRefused, SMTPSenderRefused
from typing import Any

import structlog
from django.conf import settings
from django.core.mail import EmailMessage, get_connection
from django.utils import translation
from django.utils.translation import gettext as _

from randomization.accounts.selectors import Addressee, addressees
from randomization.notices.models import Entry
from randomization.notices.selectors import payload_of, to_mail
from randomization.notices.services.note_mailed import note_mailed
from randomization.notices.words import words_for
from randomization.shared.actor import SYSTEM

log = structlog.get_logger(__name__)


def message_for(entry: Entry, to: Addressee) -> EmailMessage:
    """One e-mail: the site, fixed words and at most a participant number or kit code; the rest is behind the log-in."""
    facts = payload_of(entry)
    about = str(facts.get("participant") or facts.get("kit_code") or "")
    with translation.override(to.language):
        words = words_for(entry.kind)
        place = entry.site_code or _("the trial")
        subject = f"ImmunoSep {place}: {words}"
        lines = [
            f"{place}: {words}.",
            about,
            _("Log in to read more: %(address)s") % {"address": settings.SITE_ADDRESS},
        ]
        lines.append(_("Do not answer this e-mail: nobody reads the answers."))
    body = "\n\n".join(line for line in lines if line)
    # The same entry sent twice has the same id, by which mail programs show it once.
    headers = {"Auto-Submitted": "auto-generated", "Message-ID": f"<{entry.uid}@immunosep>"}
    return EmailMessage(subject, body, to=[to.email], headers=headers)


def _refused(connection: Any, message: EmailMessage) -> bool:
    """Whether the mail server, or the message itself, refuses this one address; raises where the server is gone."""
    message.connection = connection
    try:
        message.send()
    except (SMTPRecipientsRefused, SMTPDataError, SMTPSenderRefused, ValueError) as error:
        log.warning("mail.refused", error=type(error).__name__)
        return True
    return False


def mail_due() -> int:
    """Send every entry for people that is due, oldest first; returns how many entries went out.

    An entry counts as sent once the mail server was offered every message of it; one address that it refuses stops
    nobody else's and is counted beside. Where the server is gone, it is tried again with the next sweep: somebody may
    get a notice twice and nobody never.
    """
    entries = to_mail()
    if not entries:
        return 0
    sent = 0
    try:
        with get_connection() as connection:
            for entry in entries:
                people = addressees(entry.roles.split(","), entry.site_code, only=payload_of(entry).get("user_name"))
                refused = sum(_refused(connection, message_for(entry, to)) for to in people)
                note_mailed(actor=SYSTEM, entry_id=entry.pk, recipients=len(people) - refused, refused=refused)
                sent += 1
    except (OSError, SMTPException) as error:
        log.warning("mail.failed", error=type(error).__name__)
    return sent
