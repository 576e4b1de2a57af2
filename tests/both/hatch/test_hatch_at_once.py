"""Several workers carry and apply at the same time: nothing is lost, nothing is twice, and nobody raises an alarm."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.both.databases import ROOT, Pair, fresh_pair

MESSAGES = 24
SEND = f"""
import django; django.setup()
from immunosep_site.demonstration import cast
from pharmacy.stock.services.state_supply import state_supply
for turn in range({MESSAGES}):
    state_supply(actor=cast.at_site(cast.Role.PHARMACIST, "GR01"), site_code="GR01", may_supply=turn % 2 == 1)
"""
WORK = """
import sys
from pathlib import Path
import django; django.setup()
from randomization.{module} import {work}
while not Path(sys.argv[1]).exists():
    {work}()
"""
ASK = """
import django; django.setup()
from randomization.blinded.inbox.models import Applied
from randomization.hatch.models import ForeignRow, InboxMessage
from randomization.notices.models import Alarm, Channel
from randomization.notices.selectors import last_number
sides = [Alarm.objects.using(alias).count() for alias in ("default", "blinded")]
rows = [model.objects.count() for model in (InboxMessage, Applied, ForeignRow)]
print(last_number(Channel.HATCH), *rows, *sides)
"""


def worker(pair: Pair, side: str, module: str, work: str, end: Path) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-c", WORK.format(module=module, work=work), str(end)]
    return subprocess.Popen(command, env=pair.environment(side), cwd=ROOT)


def test_workers_that_carry_and_apply_at_once_raise_no_alarm(template: Pair, tmp_path: Path) -> None:
    end = tmp_path / "end"
    with fresh_pair(tmp_path / "var", "atonce", template=template) as pair:
        pair.run("unblinded", "tests/both/allocation/hammer/set_up.py", "1", "1", "4", "quick")
        before = [int(word) for word in pair.run("unblinded", "-c", ASK).stdout.split()]
        workers = [worker(pair, "unblinded", "hatch.send", "carry_down", end) for _turn in range(2)]
        workers += [
            worker(pair, "blinded", "blinded.inbox.services.apply_next", "apply_inbox", end) for _turn in range(2)
        ]
        try:
            pair.run("unblinded", "-c", SEND)
            for _turn in range(60):
                now = [int(word) for word in pair.run("unblinded", "-c", ASK).stdout.split()]
                if now[2] == before[2] + MESSAGES:
                    break
                time.sleep(0.5)
            else:
                pytest.fail(f"not everything was applied: {before}, {now}")
            assert all(process.poll() is None for process in workers), "a worker failed"
        finally:
            end.touch()
            for process in workers:
                process.wait()
    assert now == [before[0] + MESSAGES, before[1] + MESSAGES, before[2] + MESSAGES, 0, 0, 0]
