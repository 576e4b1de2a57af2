"""The desk's sweep."""

from __future__ import annotations

from celery import shared_task

from randomization.blinded.desk.services.watch_over import watch_over
from randomization.blinded.desk.watch import concerns
from randomization.shared.actor import SYSTEM


@shared_task(name="desk.watch", ignore_result=True)  # type: ignore[untyped-decorator]
def watch() -> None:
    """Look at everything, raise and end alerts."""
    watch_over(actor=SYSTEM, found=concerns())
