"""A Redis process that hangs, stopped by a signal: nobody waits for it, nothing is lost, health says so."""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Event
from typing import Any

import pytest

from randomization.shared import wake_workers
from tests.both.databases import Pair, fresh_pair

SERVER = shutil.which("redis-server")
pytestmark = [
    pytest.mark.once,
    pytest.mark.skipif(SERVER is None and os.environ.get("CI") != "true", reason="no redis-server on this machine"),
]
BELOW = (
    "import json, sys, django; django.setup()\n"
    "from randomization.audit.models import Event\n"
    "from randomization.blinded.screening.models import Sample\n"
    "randomised, shipped = sys.argv[1:]\n"
    "broken = Event.objects.filter(action__contains='code', subject=randomised).count()\n"
    "print(json.dumps([broken, Sample.objects.get(participant__number=shipped).verdict]))\n"
)
SWEEP = "import django; django.setup()\nfrom immunosep_site.demonstration import play\nplay.pass_hatch()\n"


@contextmanager
def own_redis(folder: Path) -> Iterator[tuple[int, int]]:
    """Process id and port of a Redis that nobody else uses; ended afterwards, stopped or not."""
    assert SERVER is not None
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [SERVER, "--port", str(port), "--bind", "127.0.0.1", "--save", "", "--dir", str(folder)]
    server = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    try:
        for _turn in range(100):
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", port)) == 0:
                    break
            time.sleep(0.05)
        yield server.pid, port
    finally:
        server.kill()
        server.wait()


def last_line(pair: Pair, side: str, *command: str, **more: str) -> Any:
    return json.loads(pair.run(side, *command, **more).stdout.strip().splitlines()[-1])


@pytest.mark.requirement("R17", "R47")
def test_with_a_hung_broker_the_answer_comes_first_and_nothing_is_lost(tmp_path: Path) -> None:
    with own_redis(tmp_path) as (pid, port), fresh_pair(tmp_path, "broker") as pair:
        redis_url = f"redis://127.0.0.1:{port}/0"
        done = last_line(pair, "unblinded", "tests/both/notices/broker/act.py", str(pid), REDIS_URL=redis_url)
        os.kill(pid, signal.SIGCONT)
        for name, act in done["acts"].items():
            assert act["status"] == 201, (name, act)
            assert act["seconds"] < 5, name
        assert done["acts"]["code_break"]["body"]["arm"]
        assert done["acts"]["code_break"]["asking"]  # the broker was still being asked when the treatment was shown
        assert done["acts"]["hla_dr"]["asking"]
        assert done["before"] == 200
        status, parts = done["health"]
        assert (status, {name for name, words in parts.items() if words != "ok"}) == (503, {"broker"})
        assert done["web"] == 200
        assert done["health_seconds"] < 5
        pair.run("unblinded", "-c", SWEEP)
        broken, verdict = last_line(pair, "blinded", "-c", BELOW, *done["participants"])
        assert broken == 1
        assert verdict == "eligible"


class Hanging:
    """A broker that answers when it is let go."""

    def __init__(self) -> None:
        self.let_go, self.sent = Event(), list[str]()

    def send_task(self, name: str, **_options: Any) -> None:
        self.let_go.wait(10)
        self.sent.append(name)


def test_what_is_asked_for_meanwhile_is_asked_once(monkeypatch: pytest.MonkeyPatch) -> None:
    broker, waker = Hanging(), wake_workers.Waker()
    monkeypatch.setattr(wake_workers, "current_app", broker)
    waker.ask("first")
    time.sleep(0.05)
    for _turn in range(5):
        waker.ask("second")
    assert not waker.wait(0)
    broker.let_go.set()
    assert waker.wait(5)
    assert broker.sent == ["first", "second"]
    waker.ask("third")
    assert waker.wait(5)
    assert broker.sent == ["first", "second", "third"]


def test_the_time_outs_to_connect_and_to_read_are_under_a_second() -> None:
    from immunosep_site.settings import base

    assert base.BROKER_OPTIONS["socket_connect_timeout"] < 1
    assert base.BROKER_OPTIONS["socket_timeout"] < 1
