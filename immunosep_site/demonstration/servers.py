"""Serve both sides on loopback: two processes, and the sweep that carries messages down on time."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from typing import Final

from pharmacy.worklist.tasks import keep_night_sheets_task
from randomization.blinded.desk.tasks import watch
from randomization.hatch.send import carry_down
from randomization.notices.mail import mail_due
from randomization.shared.service import Side, on_side

PORTS: Final = {"blinded": 8000, "unblinded": 8001}
SWEEP_SECONDS: Final = 3


def start(side: str, port: int) -> subprocess.Popen[bytes]:
    """One gunicorn with threads for a side, on loopback."""
    environment = {
        **os.environ,
        "IMMUNOSEP_SIDE": side,
        "DJANGO_SETTINGS_MODULE": f"immunosep_site.settings.{side}",
        "IMMUNOSEP_EMBEDDED": "1",
        "IMMUNOSEP_DEMONSTRATION": "1",
    }
    command = [
        sys.executable,
        "-m",
        "gunicorn",
        "immunosep_site.wsgi",
        "--bind",
        f"127.0.0.1:{port}",
        "--threads",
        "4",
        "--log-level",
        "warning",
    ]
    return subprocess.Popen(command, env=environment)


def serve() -> None:
    """Serve until interrupted; ends both where one ends."""
    servers = [start(side, port) for side, port in PORTS.items()]
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        while all(server.poll() is None for server in servers):
            carry_down()
            keep_night_sheets_task()
            mail_due()
            with on_side(Side.BLINDED):
                watch()
                mail_due()
            time.sleep(SWEEP_SECONDS)
    except KeyboardInterrupt:
        sys.stderr.write("\nStopped.\n")
    finally:
        for server in servers:
            server.terminate()
        for server in servers:
            server.wait()
