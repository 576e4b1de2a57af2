"""A real worker over a real Redis carries messages down and applies them; collected with PostgreSQL alone."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.both.databases import ROOT, Pair, fresh_pair

pytestmark = pytest.mark.postgresql
STATE = (
    "import django; django.setup()\n"
    "from immunosep_site.demonstration import cast\n"
    "from pharmacy.stock.services.state_supply import state_supply\n"
    "state_supply(actor=cast.at_site(cast.Role.PHARMACIST, 'GR01'), site_code='GR01', may_supply=False)\n"
)
ASK = (
    "import django; django.setup()\n"
    "from randomization.blinded.sites.models import Site\n"
    "print(Site.objects.get(code='GR01').may_supply)\n"
)


def worker(pair: Pair, side: str, redis_url: str) -> subprocess.Popen[bytes]:
    command = [
        sys.executable,
        "-m",
        "celery",
        "-A",
        "immunosep_site",
        "worker",
        "--pool",
        "solo",
        "-B",
        "-l",
        "warning",
        "-s",
        str(pair.folder / f"{side}-beat"),
        "-Q",
        side,
    ]
    environment = {**pair.environment(side), "REDIS_URL": redis_url}
    return subprocess.Popen(command, env=environment, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def test_a_worker_carries_and_applies(tmp_path: Path) -> None:
    redis_url = os.environ["REDIS_URL"]
    with fresh_pair(tmp_path, "worker") as pair:
        pair.run("unblinded", "tests/both/allocation/hammer/set_up.py", "1", "1", "4")
        workers = [worker(pair, side, redis_url) for side in ("blinded", "unblinded")]
        try:
            pair.run("unblinded", "-c", STATE, REDIS_URL=redis_url)
            for _turn in range(60):
                if pair.run("blinded", "-c", ASK).stdout.strip() == "False":
                    break
                time.sleep(0.5)
            else:
                pytest.fail("no worker carried the message down")
        finally:
            for process in workers:
                process.terminate()
                process.wait()
