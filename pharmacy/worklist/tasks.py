"""Background work of the pharmacy."""

from __future__ import annotations

from celery import shared_task

from pharmacy.worklist.night_sheet import due_now
from pharmacy.worklist.services.keep_night_sheets import keep_night_sheets
from randomization.shared.actor import SYSTEM


@shared_task(name="worklist.keep_night_sheets", ignore_result=True)  # type: ignore[untyped-decorator]
def keep_night_sheets_task() -> None:
    """Every five minutes: reads alone but after 16:00, local time, once a day and site."""
    if due_now():
        keep_night_sheets(actor=SYSTEM)
