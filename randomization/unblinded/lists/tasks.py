"""Background work of the statistician's room."""

from __future__ import annotations

from celery import shared_task

from randomization.shared.service import Side
from randomization.unblinded.lists.checkpoints import take_checkpoint


@shared_task(name="lists.take_checkpoints", ignore_result=True)  # type: ignore[untyped-decorator]
def take_checkpoints() -> None:
    """Hourly, on the unblinded worker: both sides."""
    for side in Side:
        take_checkpoint(side)
