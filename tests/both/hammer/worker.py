"""Randomise every participant named in a file, in an order of this worker's own: `worker.py FILE SEED`.

Runs on the blinded side alone. The signature is given by `give_grant`, as after a checked password.
"""

from __future__ import annotations

import sys
from datetime import timedelta
from decimal import Decimal
from hashlib import sha256
from pathlib import Path

import django

django.setup()

from randomization.accounts.services.sign import give_grant  # noqa: E402
from randomization.blinded.allocation.services import allocate as allocation  # noqa: E402
from randomization.blinded.bedside.services.record_clearance import ClearanceInput  # noqa: E402
from randomization.shared import clock  # noqa: E402
from randomization.shared.actor import Actor  # noqa: E402


def main() -> None:
    """Ask for everybody; somebody else's answer is as good as one's own."""
    numbers = Path(sys.argv[1]).read_text().split()
    numbers.sort(key=lambda number: sha256(f"{sys.argv[2]} {number}".encode()).digest())
    for number in numbers:
        actor = Actor(f"coordinator.{number[:4].lower()}", "coordinator", number[:4])
        clearance = ClearanceInput(Decimal(80), "measured", clock.now() - timedelta(hours=1))
        content = allocation.signed_content(number, clearance)
        grant = give_grant(actor=actor, meaning=allocation.MEANING, subject=number, content=content, trained_for="1")
        result = allocation.allocate(actor=actor, number=number, grant=grant, clearance=clearance)
        print(number, result.kit_code, int(result.created), flush=True)


main()
