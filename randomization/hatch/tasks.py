"""Background work of the upper end of the hatch: a sweep that makes a lost wake-up a delay and nothing worse."""

from __future__ import annotations

from celery import shared_task

from randomization.hatch.send import carry_down


@shared_task(name="hatch.carry_down", ignore_result=True)  # type: ignore[untyped-decorator]
def carry_down_task() -> None:
    """Unblinded workers: after a commit, and on a schedule."""
    carry_down()
