"""Background work of the outbox for people."""

from __future__ import annotations

from celery import shared_task

from randomization.notices.mail import mail_due


@shared_task(name="notices.mail", ignore_result=True)  # type: ignore[untyped-decorator]
def mail_task() -> None:
    """On a schedule, each side its own."""
    mail_due()
