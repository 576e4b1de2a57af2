"""A ward and its pharmacy over some days: what the nurse reads of every syringe, and what was in it.

`nights.py OUT PATIENTS [leak=NAME]`. A patient about every hour: the busy pharmacist makes the first syringe of each
route. Afterwards, every eight hours, all IV syringes of the next shift in one go. After each of the pharmacist's acts
and at every quarter the messages go down, and the nurse reads the doses that are due. The contents are read from the
unblinded database when all is done.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

from tests.both.worlds import chance

chance.install()
chance.STREAM.reseed("start")

import random  # noqa: E402

import django  # noqa: E402

django.setup()

import time_machine  # noqa: E402

from immunosep_site.demonstration import cast, play  # noqa: E402
from immunosep_site.demonstration.small_trial import set_up  # noqa: E402
from pharmacy.preparation.models import Preparation  # noqa: E402
from randomization.accounts.roles import Role  # noqa: E402
from randomization.blinded.bedside.models import Dose  # noqa: E402
from randomization.blinded.bedside.selectors import due_doses  # noqa: E402
from randomization.shared.service import Side, on_side  # noqa: E402
from tests.both.worlds.leaks import LEAKS  # noqa: E402
from tests.both.worlds.pharmacist import SITE, Pharmacist  # noqa: E402

START = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
LOOK_EVERY, SHIFT, AHEAD = timedelta(minutes=15), timedelta(hours=8), timedelta(hours=4)
SHIFTS = 2
BETWEEN = range(45, 76)
"""Minutes from one randomisation to the next."""
VALUES = {"MALS": ("9000", "12000"), "SIP": ("800", "3000")}


class Nights:
    """One run; `seen`: what the nurse read first, by patient, route and number of the dose."""

    def __init__(self, patients: int) -> None:
        self.draw, classes = random.Random(patients), ["MALS", "SIP"] * (patients // 2)
        self.draw.shuffle(classes)
        self.cases = [play.Case(SITE, *VALUES[kind], sepsis_hours_ago=12) for kind in classes]
        self.pharmacist, self.nurse = Pharmacist(), cast.at_site(Role.NURSE, SITE)
        self.numbers: list[str] = []
        self.asked: list[tuple[str, str, int]] = []
        self.seen: dict[tuple[str, str, int], dict[str, str]] = {}
        self.plans: list[tuple[datetime, Callable[[], None]]] = []

    def begin(self) -> None:
        """Everybody is screened and eligible, one after the other, before the first is randomised."""
        first, at = START - len(self.cases) * LOOK_EVERY, START
        with time_machine.travel(first, tick=False):
            set_up([SITE], length=len(self.cases) + 6)
        for order, case in enumerate(self.cases):
            chance.STREAM.reseed(f"enrol {order}")
            with time_machine.travel(first + order * LOOK_EVERY, tick=False):
                self.enrol(case)
            at += timedelta(minutes=self.draw.choice(BETWEEN))
            self.plans.append((at, partial(self.randomise, order)))
        for shift in range(SHIFTS):
            asked = at + AHEAD + shift * SHIFT
            self.plans.append((asked, partial(self.ask_for_shift, asked + AHEAD)))

    def enrol(self, case: play.Case) -> None:
        """From screening to the physician's signature."""
        self.numbers.append(play.screen(case).number)
        play.measure(self.numbers[-1], case)
        play.pass_hatch()
        play.confirm(self.numbers[-1], SITE)

    def ask_for(self, dose: Dose) -> None:
        """The pharmacy is asked; the ward knows that."""
        self.asked.append((dose.course.participant.number, dose.route, dose.number))
        self.pharmacist.ask_for(dose)

    def randomise(self, order: int) -> None:
        """The first dose of each route at once."""
        chance.STREAM.reseed(f"randomise {order}")
        number = self.numbers[order]
        play.randomise(number, self.cases[order])
        doses = Dose.objects.filter(course__participant__number=number).select_related("course__participant")
        for dose in doses.filter(number=1).order_by("route"):
            self.ask_for(dose)

    def ask_for_shift(self, begins: datetime) -> None:
        """The IV doses that are planned within a shift, by planned time."""
        doses = Dose.objects.filter(route="IV", planned_at__gte=begins, planned_at__lt=begins + SHIFT)
        for dose in doses.select_related("course__participant").order_by("planned_at", "course__participant__number"):
            self.ask_for(dose)

    def look(self, now: datetime) -> None:
        """The hatch, and what the nurse's list of doses then shows for the first time."""
        chance.STREAM.reseed(f"look {now}")
        play.pass_hatch()
        with on_side(Side.BLINDED):
            for dose in due_doses(self.nurse, within=timedelta(hours=12)):
                for packaging in getattr(dose, "ready", []):
                    times = {
                        "planned": dose.planned_at,
                        "ready": packaging.ready_at,
                        "use-before": packaging.use_before,
                    }
                    key = (dose.course.participant.number, dose.route, dose.number)
                    self.seen.setdefault(key, {name: at.isoformat() for name, at in (*times.items(), ("shown", now))})

    def play(self) -> None:
        """Until every syringe that was asked for is seen."""
        self.begin()
        looked = START
        while self.plans or self.pharmacist.next_at() or len(self.seen) < len(self.asked):
            act, plan = self.pharmacist.next_at(), self.plans[0][0] if self.plans else None
            now = min(at for at in (act, plan, looked + LOOK_EVERY) if at is not None)
            with time_machine.travel(now, tick=False):
                if now == plan:
                    self.plans.pop(0)[1]()
                elif now == act:
                    self.pharmacist.act()
                else:
                    looked = now
                self.look(now)
            assert now < START + timedelta(days=9), "a syringe was never seen"
        assert not self.pharmacist.refused, self.pharmacist.refused

    def contents(self) -> dict[str, dict[str, bool]]:
        """Whether drug was in the syringes of each patient, by route: the truth, to score with."""
        held: dict[str, dict[str, bool]] = {}
        for preparation in Preparation.objects.all():
            drug = preparation.product != "SALINE"
            assert held.setdefault(preparation.participant_number, {}).setdefault(preparation.route, drug) == drug
        return held

    def result(self) -> dict[str, Any]:
        """What the ward read in the order in which it asked, the truth, and how many risks were recorded."""
        events = [{"patient": key[0], "route": key[1], "number": key[2], **self.seen[key]} for key in self.asked]
        risks = sum(preparation.risks.count() for preparation in Preparation.objects.all())
        return {"events": events, "contents": self.contents(), "risks": risks}


def main() -> None:
    """Play it, with a planted leak where the words say so."""
    for word in sys.argv[3:]:
        LEAKS[word.removeprefix("leak=")]()
    nights = Nights(int(sys.argv[2]))
    nights.play()
    Path(sys.argv[1]).write_text(json.dumps(nights.result()))


main()
