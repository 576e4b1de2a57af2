"""The desk's sweep."""

from __future__ import annotations

from celery import shared_task

from randomization.blinded.desk.alert_conditions import concerns
from randomization.blinded.desk.services.keep_alerts import watch_over
from randomization.shared.actor import SYSTEM


@shared_task(name="desk.watch", ignore_result=True)  # type: ignore[untyped-decorator]
def watch() -> None:
    """Look at everything, raise and end alerts."""
    watch_over(actor=SYSTEM, concerns=concerns())
