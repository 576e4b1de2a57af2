"""The whole trial in two processes, each with half of the sites, on the embedded databases."""

from __future__ import annotations

import multiprocessing
import os
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from multiprocessing.connection import Connection, wait

from django.db import connections

from immunosep_site.demonstration import cast, play
from immunosep_site.demonstration.figures import Played, cases
from pharmacy.preparation.labelling import sheet_of
from pharmacy.preparation.models import Preparation
from pharmacy.preparation.selectors import live_preparation
from randomization.accounts.roles import Role
from randomization.blinded.bedside.selectors import due_doses
from randomization.shared.actor import SYSTEM

WORKERS = 2


@dataclass(frozen=True, slots=True)
class Tally:
    """What became of the cases, counted by site and outcome."""

    randomised: Counter[str]
    outcomes: Counter[str]
    prepared: int


def _play_site(part: list[Played], report: Callable[[str], None]) -> list[Played]:
    """Screen, analyse, sign and randomise the cases of one site; returns those randomised."""
    numbers = []
    for played in part:
        numbers.append(play.screen(played.case).number)
        play.measure(numbers[-1], played.case)
        report("screened")
    play.pass_hatch()
    entered = []
    for number, played in zip(numbers, part, strict=True):
        if play.confirm(number, played.case.site_code):
            play.randomise(number, played.case)
            entered.append(played)
    return entered


def _prepare_first(site_codes: Sequence[str], report: Callable[[str], None]) -> int:
    """The first IV dose of everybody at these sites."""
    count = 0
    for dose in due_doses(SYSTEM, within=timedelta(hours=2)):
        site_code = dose.course.participant.site_id
        if site_code in site_codes and dose.route == "IV" and dose.number == 1:
            play.prepare_and_release(dose, site_code)
            report("prepared")
            count += 1
    return count


def _work(part: list[Played], site_codes: list[str], pipe: Connection) -> None:
    connections.close_all()
    tally = Tally(Counter(), Counter(), 0)
    try:
        for site_code in site_codes:
            play.open_gates(site_code)
            here = [played for played in part if played.case.site_code == site_code]
            tally.outcomes.update(played.outcome for played in here)
            tally.randomised[site_code] = len(_play_site(here, pipe.send))
        prepared = _prepare_first(site_codes, pipe.send)
        pipe.send(Tally(tally.randomised, tally.outcomes, prepared))
    except BaseException as error:
        pipe.send(RuntimeError(f"{type(error).__name__}: {error}"))
        raise
    finally:
        pipe.close()


def play_trial(site_codes: Sequence[str], progress: Callable[[str], None]) -> Tally:
    """Play all cases; `progress` is called with `screened` or `prepared` for each step.

    Raises RuntimeError with the first worker's error.
    """
    played = cases(site_codes)
    halves = [list(site_codes)[order::WORKERS] for order in range(WORKERS)]
    connections.close_all()
    context = multiprocessing.get_context("fork")
    pipes: list[Connection] = []
    processes = []
    for half in halves:
        receiver, sender = context.Pipe(duplex=False)
        part = [item for item in played if item.case.site_code in half]
        process = context.Process(target=_work, args=(part, half, sender))
        process.start()
        sender.close()
        pipes.append(receiver)
        processes.append(process)
    total = Tally(Counter(), Counter(), 0)
    while pipes:
        ready = wait(pipes)
        for pipe in [pipe for pipe in pipes if pipe in ready]:
            try:
                message = pipe.recv()
            except EOFError:
                pipes.remove(pipe)
                continue
            if isinstance(message, RuntimeError):
                raise message
            if isinstance(message, Tally):
                total = Tally(
                    total.randomised + message.randomised, total.outcomes + message.outcomes,
                    total.prepared + message.prepared,
                )  # fmt: skip
            else:
                progress(message)
    for process in processes:
        process.join()
    play.pass_hatch()
    return total


def labels_of_one_day(site_code: str) -> tuple[bytes, int]:
    """Prepare all doses of the coming day at one site; their labels, and how many syringes."""
    prepared: list[Preparation] = []
    for dose in due_doses(SYSTEM, within=timedelta(hours=18)):
        if dose.course.participant.site_id == site_code:
            prepared.append(live_preparation(dose.uid) or play.prepare_and_release(dose, site_code))
    play.pass_hatch()
    return sheet_of(cast.at_site(Role.PHARMACIST, site_code), prepared), len(prepared)


def memory_mib() -> int:
    """Peak resident memory of this process, MiB."""
    with open(f"/proc/{os.getpid()}/status", encoding="ascii") as status:
        peak = next(line for line in status if line.startswith("VmHWM"))
    return int(peak.split()[1]) // 1024
