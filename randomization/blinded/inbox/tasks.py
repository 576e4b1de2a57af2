"""Background work of the hatch: sweeps that make a lost wake-up a delay and nothing worse."""

from __future__ import annotations

from celery import shared_task

from randomization.blinded.inbox.services.apply_next import apply_inbox


@shared_task(name="inbox.apply", ignore_result=True)  # type: ignore[untyped-decorator]
def apply_task() -> None:
    """Blinded workers: on a schedule."""
    apply_inbox()
