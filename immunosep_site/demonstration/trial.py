"""The whole trial in two processes on the embedded databases: the wards, and the laboratories with the pharmacies.

Each writes its own database, so that neither waits for the other's transactions (the wards also carry the messages
down); they tell each other when samples, verdicts and allocations of a site are there.
"""

from __future__ import annotations

import multiprocessing
import os
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from multiprocessing.connection import Connection, wait

from django.db import connections

from immunosep_site.demonstration import play
from immunosep_site.demonstration.figures import Played, cases
from pharmacy.preparation.labelling import sheet_of
from pharmacy.preparation.models import Preparation
from pharmacy.preparation.selectors import live_preparation
from randomization.blinded.bedside.selectors import due_doses
from randomization.shared.actor import SYSTEM

Cases = Mapping[str, Sequence[Played]]
Report = Callable[[str, str], None]


@dataclass(frozen=True, slots=True)
class Tally:
    """What became of the cases: randomised by site, outcomes, first doses prepared."""

    randomised: Counter[str]
    outcomes: Counter[str]
    prepared: int


def _enter(site_code: str, numbers: Sequence[str], here: Sequence[Played], report: Report) -> None:
    """Signature and allocation for those of a site whose verdicts are down."""
    play.pass_hatch()
    for number, played in zip(numbers, here, strict=True):
        if play.confirm(number, site_code):
            play.randomise(number, played.case)
            report("randomised", site_code)


def _wards(played: Cases, report: Report, others: Connection) -> None:
    """Screen at every site, and randomise wherever the laboratory has answered meanwhile."""
    numbers: dict[str, list[str]] = {}

    def enter_next() -> None:
        site_code = others.recv()
        _enter(site_code, numbers.pop(site_code), played[site_code], report)
        others.send(("allocated", site_code, []))

    for site_code, here in played.items():
        numbers[site_code] = []
        for patient in here:
            numbers[site_code].append(play.screen(patient.case).number)
            report("screened", site_code)
        others.send(("shipped", site_code, numbers[site_code]))
        while others.poll():
            enter_next()
    while numbers:
        enter_next()
    others.send(("done", "", []))


def _prepare_first(site_code: str, report: Report) -> None:
    """The first IV dose of everybody at a site."""
    for dose in due_doses(SYSTEM, within=timedelta(hours=2)):
        if dose.course.participant.site_id == site_code and dose.route == "IV" and dose.number == 1:
            play.prepare_and_release(dose, site_code)
            report("prepared", site_code)


def _house(played: Cases, report: Report, others: Connection) -> None:
    """Drill, laboratory and pharmacy, in the order in which the wards call."""
    while True:
        what, site_code, numbers = others.recv()
        if what == "done":
            return
        if what == "allocated":
            _prepare_first(site_code, report)
            continue
        play.declare_ready(site_code)
        for number, patient in zip(numbers, played[site_code], strict=True):
            play.measure(number, patient.case)
        others.send(site_code)


def _work(part: Callable[[Cases, Report, Connection], None], played: Cases, pipe: Connection, line: Connection) -> None:
    connections.close_all()
    try:
        part(played, lambda what, site_code: pipe.send((what, site_code)), line)
    except BaseException as error:
        pipe.send(RuntimeError(f"{type(error).__name__}: {error}"))
        raise
    finally:
        pipe.close()


def play_trial(site_codes: Sequence[str], progress: Callable[[str], None]) -> Tally:
    """Play all cases; `progress` is called with `screened`, `randomised` or `prepared` for each step.

    Raises RuntimeError with the first worker's error.
    """
    every = cases(site_codes)
    played = {code: [patient for patient in every if patient.case.site_code == code] for code in site_codes}
    connections.close_all()
    context = multiprocessing.get_context("fork")
    pipes: list[Connection] = []
    processes = []
    for part, line in zip((_wards, _house), context.Pipe(), strict=True):
        receiver, sender = context.Pipe(duplex=False)
        processes.append(context.Process(target=partial(_work, part), args=(played, sender, line), daemon=True))
        processes[-1].start()
        sender.close()
        pipes.append(receiver)
    counted: Counter[tuple[str, str]] = Counter()
    while pipes:
        for pipe in [pipe for pipe in wait(pipes) if isinstance(pipe, Connection)]:
            try:
                message = pipe.recv()
            except EOFError:
                pipes.remove(pipe)
                continue
            if isinstance(message, RuntimeError):
                raise message
            counted[message] += 1
            progress(message[0])
    for process in processes:
        process.join()
    play.pass_hatch()
    return Tally(
        Counter({code: counted["randomised", code] for code in site_codes}),
        Counter(patient.outcome for patient in every),
        sum(count for (what, _site_code), count in counted.items() if what == "prepared"),
    )


def labels_of_one_day(site_code: str) -> tuple[bytes, int]:
    """Prepare all doses of the coming day at one site; their labels, and how many syringes."""
    prepared: list[Preparation] = []
    for dose in due_doses(SYSTEM, within=timedelta(hours=18)):
        if dose.course.participant.site_id == site_code:
            prepared.append(live_preparation(dose.uid) or play.prepare_and_release(dose, site_code))
    play.pass_hatch()
    return sheet_of(prepared), len(prepared)


def memory_mib() -> int:
    """Peak resident memory of this process, MiB."""
    with open(f"/proc/{os.getpid()}/status", encoding="ascii") as status:
        peak = next(line for line in status if line.startswith("VmHWM"))
    return int(peak.split()[1]) // 1024
