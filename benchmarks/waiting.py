"""The real time in which a message of a syringe goes down and is applied, for drug and for dummy.

`waiting.py OUT ROUNDS`. The worlds fix the clock, so they cannot see how long the hatch itself takes. Here one IV
syringe a round is released; when its ready time has come, `carry_down` and `apply_inbox` are measured with the real
clock (milliseconds), by what it holds. All patients are MALS, so that the arm alone decides. What workers, broker and
schedule add is not measured.
"""

from __future__ import annotations

import json
import sys
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import django

django.setup()

import time_machine

from immunosep_site.demonstration import play
from randomization.blinded.bedside.models import Dose, Packaging
from randomization.blinded.inbox.services.apply_next import apply_inbox
from randomization.hatch.send import carry_down
from randomization.shared.service import Side, on_side
from tests.simulator import set_up

SITE, MALS = "GR01", ("9000", "12000")
START = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
WARM_UP = 2
"""Rounds that are played first and not counted."""


def one_round(at: datetime) -> tuple[str, float, bool]:
    """One participant, one IV syringe: what it holds, the milliseconds of its message, whether that went alone."""
    case = play.Case(SITE, *MALS)
    with time_machine.travel(at, tick=False):
        number = play.enrol(case).participant
        dose = Dose.objects.select_related("course").get(course__participant__number=number, route="IV", number=1)
        made = play.prepare_and_release(dose, SITE)
        play.pass_hatch()
        assert not Packaging.objects.filter(pack_code=made.pack_code).exists(), "it waits for its ready time"
    with time_machine.travel(made.ready_at - timedelta(minutes=1), tick=False):
        play.pass_hatch()
    with time_machine.travel(made.ready_at, tick=False):
        started = time.perf_counter()
        carried = carry_down()
        with on_side(Side.BLINDED):
            applied = apply_inbox()
        took = (time.perf_counter() - started) * 1000
    assert Packaging.objects.filter(pack_code=made.pack_code).exists()
    return made.product, took, (carried, applied) == (1, 1)


def main() -> None:
    """The measured rounds, in order."""
    out, rounds = Path(sys.argv[1]), int(sys.argv[2])
    with time_machine.travel(START, tick=False):
        set_up([SITE], length=rounds + WARM_UP)
        play.stock_up(SITE, units=20_000, note="for every round")
    measured = [one_round(START + (order + 1) * timedelta(hours=3)) for order in range(rounds + WARM_UP)]
    out.write_text(json.dumps(measured[WARM_UP:]))


if __name__ == "__main__":
    main()
