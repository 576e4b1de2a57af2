"""The real time in which a message goes down and is applied, by what its sender knows and the ward must not.

`waiting.py OUT KIND PAIRS [plant]`. The worlds fix the clock, so they cannot see how long the hatch itself takes.
KIND `syringe`: DoseReady of IV syringes of MALS patients, so that the arm alone decides: drug or dummy. KIND `verdict`:
LaboratoryVerdict of MALS, SIP and unclassified samples. From the moment a message is due (a syringe) or committed (a
verdict), `carry_down` and `apply_inbox` are measured: real time and CPU time of the process in milliseconds, and the
number of statements. What workers, broker and schedule add is not measured.

A round measures some messages one right after the other, in an order that chance made: the list's order of arms, or a
draw. Rounds are played until PAIRS pairs of each comparison are there, and further while a difference of `TO_SEE`
would not be noticed, but not beyond `LIMIT` times as many. plant: a message of the first kind (drug, MALS) is kept
busy for `PLANTED` of the usual time on its way.
"""

from __future__ import annotations

import itertools
import json
import random
import sys
import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import median
from typing import Any

import django

django.setup()

import time_machine  # noqa: E402
from django.db import connections  # noqa: E402

from immunosep_site.demonstration import cast, play  # noqa: E402
from immunosep_site.demonstration.small_trial import set_up  # noqa: E402
from pharmacy.preparation.models import Preparation  # noqa: E402
from randomization.accounts.roles import Role  # noqa: E402
from randomization.blinded.bedside.models import Dose, Packaging  # noqa: E402
from randomization.blinded.bedside.services.steer_course import hold_course  # noqa: E402
from randomization.blinded.inbox.services.apply_next import apply_inbox  # noqa: E402
from randomization.blinded.screening.models import Sample  # noqa: E402
from randomization.hatch import send as hatch  # noqa: E402
from randomization.notices.models import Numbered  # noqa: E402
from randomization.shared.service import Side, on_side  # noqa: E402
from randomization.unblinded.laboratory.models import Analyte, Classification  # noqa: E402
from randomization.unblinded.laboratory.services.analyse import enter_result, receive_sample  # noqa: E402
from tests.both.worlds.paired import seen_from  # noqa: E402

SITE = "GR01"
VALUES = {"MALS": ("9000", "12000"), "SIP": ("800", "3000"), "unclassified": ("800", "12000")}
"""Ferritin (ng/mL) and HLA-DR (per monocyte) of each class."""
COMPARED = {"syringe": [("drug", "dummy")], "verdict": [("MALS", "SIP"), ("MALS", "unclassified")]}
START = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
SYRINGES = 7
"""Participants of a round: a block of the list is 4 or 6, so most rounds hold two or three of each content."""
FIRST = "the first of a round"
"""Not compared: nothing went down right before it, so the witness of this side has nothing to note."""
BETWEEN, MINUTE = timedelta(hours=3), timedelta(minutes=1)
WARM_UP = 2
"""Rounds that are played first and not counted."""
PLANTED = TO_SEE = 0.05
LIMIT = 2


@dataclass(frozen=True)
class Taken:
    """What one message took; times in milliseconds. `apart`: whether it went alone, so that it counts."""

    kind: str
    real: float
    cpu: float
    statements: int
    apart: bool


class Watch:
    """One run; `rounds`: what each measured. `people`: how many were screened."""

    def __init__(self) -> None:
        self.rounds: list[list[Taken]] = []
        self.people = 0

    def person(self, immune_class: str) -> play.Case:
        """The next to be screened; sex and year of birth go round, so that nobody is like many others."""
        self.people += 1
        sex, year = ("female", "male")[self.people % 2], 1920 + self.people // 2 % 80
        return play.Case(SITE, *VALUES[immune_class], sex=sex, year_of_birth=year)

    def measure(self, kind: str) -> None:
        """The message that is due now goes through."""
        statements = itertools.count()

        def count(execute: Callable[..., Any], *arguments: Any) -> Any:
            next(statements)
            return execute(*arguments)

        with ExitStack() as stack:
            for connection in connections.all():
                stack.enter_context(connection.execute_wrapper(count))
            started, began = time.perf_counter(), time.process_time()
            carried = hatch.carry_down()
            with on_side(Side.BLINDED):
                applied = apply_inbox()
            real, cpu = time.perf_counter() - started, time.process_time() - began
        taken = Taken(kind, real * 1000, cpu * 1000, next(statements), (carried, applied) == (1, 1))
        self.rounds[-1].append(taken)

    def usual(self) -> float:
        """Seconds that a message takes, of the last ones."""
        last = [taken.real for measured in self.rounds[-20:] for taken in measured]
        return median(last) / 1000 if last else 0.0

    def pairs(self, kinds: tuple[str, str]) -> list[tuple[Taken, Taken]]:
        """Within each round, the first of a kind with the first of the other, the second with the second."""
        pairs: list[tuple[Taken, Taken]] = []
        for measured in self.rounds[WARM_UP:]:
            first, second = ([taken for taken in measured if taken.kind == kind and taken.apart] for kind in kinds)
            pairs.extend(zip(first, second, strict=False))
        return pairs


def syringes(watch: Watch, at: datetime) -> None:
    """One round: each participant's IV syringe becomes ready a minute after the one before; then all are on hold."""
    cases = [watch.person("MALS") for _person in range(SYRINGES)]
    numbers, preparations = [], []
    for order, case in enumerate(cases):
        with time_machine.travel(at + order * MINUTE, tick=False):
            numbers.append(play.screen(case).number)
            play.measure(numbers[-1], case)
    with time_machine.travel(at + SYRINGES * MINUTE, tick=False):
        play.pass_hatch()
    for order, (number, case) in enumerate(zip(numbers, cases, strict=True), SYRINGES + 1):
        with time_machine.travel(at + order * MINUTE, tick=False):
            play.confirm(number, SITE)
            play.randomise(number, case)
            dose = Dose.objects.select_related("course").get(course__participant__number=number, route="IV", number=1)
            preparations.append(play.prepare_and_release(dose, SITE))
    codes = [preparation.pack_code for preparation in preparations]
    with time_machine.travel(preparations[0].ready_at - MINUTE, tick=False):
        play.pass_hatch()
    assert not Packaging.objects.filter(pack_code__in=codes).exists(), "they wait for their ready time"
    for preparation in preparations:
        content = "dummy" if preparation.product == "SALINE" else "drug"
        with time_machine.travel(preparation.ready_at, tick=False):
            watch.measure(FIRST if preparation is preparations[0] else content)
        assert Packaging.objects.filter(pack_code=preparation.pack_code).exists()
    with time_machine.travel(preparations[-1].ready_at + MINUTE, tick=False), on_side(Side.BLINDED):
        for number in numbers:
            hold_course(actor=cast.at_site(Role.INVESTIGATOR, SITE), number=number, reason="it was measured")


def verdicts(watch: Watch, at: datetime) -> None:
    """One round: a sample of each class; the values that complete them are entered in an order drawn anew."""
    actor, kinds = cast.laboratory(SITE[:2]), list(VALUES)
    random.Random(f"{at}").shuffle(kinds)
    samples = {}
    for order, kind in enumerate(kinds):
        with time_machine.travel(at + order * MINUTE, tick=False):
            number = play.screen(watch.person(kind)).number
            samples[kind] = Sample.objects.get(participant__number=number).uid
            receive_sample(actor=actor, sample_uid=samples[kind], received_at=at)
            enter_result(actor=actor, sample_uid=samples[kind], analyte=Analyte.FERRITIN, value=VALUES[kind][0])
    with time_machine.travel(at + len(kinds) * MINUTE, tick=False):
        play.pass_hatch()
        for kind in kinds:
            enter_result(actor=actor, sample_uid=samples[kind], analyte=Analyte.HLA_DR, value=VALUES[kind][1])
            watch.measure(kind)
    assert not Sample.objects.filter(uid__in=samples.values(), verdict_uid=None).exists()


def _is_first_kind(payload: dict[str, Any]) -> bool:
    """Whether a message is of drug, or of a sample that is MALS."""
    if "pack_code" in payload:
        return Preparation.objects.get(pack_code=payload["pack_code"]).product != "SALINE"
    return Classification.objects.get(uid=payload["verdict_uid"]).immune_class == "MALS"


def plant(watch: Watch) -> None:
    """The hatch takes a little longer where it carries a message of the first kind."""
    insert = hatch._insert_some

    def insert_slowly(items: Sequence[Numbered], signer: hatch.Signer) -> int:
        for item in items:
            if item.entry.kind in ("DoseReady", "LaboratoryVerdict") and _is_first_kind(json.loads(item.entry.payload)):
                until = time.perf_counter() + PLANTED * watch.usual()
                while time.perf_counter() < until:
                    pass
        return insert(items, signer)

    vars(hatch)["_insert_some"] = insert_slowly


def is_enough(watch: Watch, kind: str, wanted: int) -> bool:
    """Whether there are pairs enough. Of the times, it looks at their spread alone, never at who was slower."""
    measured = [watch.pairs(kinds) for kinds in COMPARED[kind]]
    fewest = min(len(pairs) for pairs in measured)
    if fewest < wanted or fewest >= LIMIT * wanted:
        return fewest >= wanted
    return all(seen_from([(first.real, second.real) for first, second in pairs]) <= TO_SEE for pairs in measured)


def main() -> None:
    """The measured rounds, by comparison."""
    out, kind, wanted = Path(sys.argv[1]), sys.argv[2], int(sys.argv[3])
    watch = Watch()
    if "plant" in sys.argv:
        plant(watch)
    with time_machine.travel(START, tick=False):
        set_up([SITE], length=LIMIT * wanted * SYRINGES)
        play.stock_up(SITE, units=LIMIT * wanted * SYRINGES * 4, note="for every round")
    for order in itertools.count(1):
        watch.rounds.append([])
        {"syringe": syringes, "verdict": verdicts}[kind](watch, START + order * BETWEEN)
        if order % 10 == 0 and is_enough(watch, kind, wanted):
            break
    pairs = [[[asdict(taken) for taken in pair] for pair in watch.pairs(kinds)] for kinds in COMPARED[kind]]
    others = sum(not taken.apart for measured in watch.rounds for taken in measured)
    out.write_text(json.dumps({"kinds": COMPARED[kind], "pairs": pairs, "others": others}))


if __name__ == "__main__":
    main()
