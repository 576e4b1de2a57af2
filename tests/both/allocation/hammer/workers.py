"""Randomise every participant named in a file, with many processes at once: `workers.py FILE WORKERS KILLS SECONDS`.

Each worker asks for everybody, in an order of its own, on the blinded side alone; the signature is given by
`give_grant`, as after a checked password. Every some seconds the oldest is killed, in the middle of whatever it does,
and another one begins. The last ones finish. Prints how many were killed.
"""

from __future__ import annotations

import itertools
import os
import signal
import sys
import time
from datetime import timedelta
from decimal import Decimal
from hashlib import sha256
from pathlib import Path

import django

django.setup()

from randomization.blinded.allocation.services.allocate import Allocate, allocate  # noqa: E402
from randomization.blinded.bedside.services.record_clearance import ClearanceInput  # noqa: E402
from randomization.shared import clock  # noqa: E402
from randomization.shared.actor import Actor  # noqa: E402
from randomization.signatures.services.sign import give_grant  # noqa: E402


def work(numbers: list[str], order: int) -> None:
    """Ask for everybody; somebody else's answer is as good as one's own."""
    numbers = sorted(numbers, key=lambda number: sha256(f"{order} {number}".encode()).digest())
    for number in numbers:
        actor = Actor(f"coordinator.{number[:4].lower()}", "coordinator", number[:4])
        clearance = ClearanceInput(Decimal(80), "measured", clock.now() - timedelta(hours=1))
        command = Allocate(number, clearance)
        grant = give_grant(actor=actor, command=command, trained_for="1")
        allocate(actor=actor, command=command, grant=grant)


def start(numbers: list[str], order: int) -> int:
    """A process of its own; it is forked before any connection is open."""
    child = os.fork()
    if child == 0:
        try:
            work(numbers, order)
        except BaseException:
            sys.excepthook(*sys.exc_info())
            os._exit(1)
        os._exit(0)
    return child


def main() -> None:
    """Kill and start, then let all finish; the exit code tells whether every one that was not killed did."""
    numbers = Path(sys.argv[1]).read_text().split()
    workers, kills, between = int(sys.argv[2]), int(sys.argv[3]), float(sys.argv[4])
    order = itertools.count()
    running = [start(numbers, next(order)) for _turn in range(workers)]
    killed = failed = 0
    for _turn in range(kills):
        time.sleep(between)
        oldest = running.pop(0)
        os.kill(oldest, signal.SIGKILL)
        if os.WIFSIGNALED(status := os.waitpid(oldest, 0)[1]):
            killed += 1
        else:
            failed += status != 0
        running.append(start(numbers, next(order)))
    failed += sum(os.waitpid(child, 0)[1] != 0 for child in running)
    print(killed)
    sys.exit(failed)


main()
