"""What the laboratory's room does by itself before messages are carried down."""

from __future__ import annotations

from randomization.shared.actor import SYSTEM
from randomization.unblinded.laboratory.selectors import judged_with_another_answer
from randomization.unblinded.laboratory.services.analyse import judge_again


def sweep() -> None:
    """Verdicts over a COVID-19 answer that was corrected are reached again; nobody waits for anybody."""
    for uid in judged_with_another_answer():
        judge_again(actor=SYSTEM, sample_uid=uid)
