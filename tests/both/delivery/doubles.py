"""Send one act under one key from this process, once told to: `doubles.py KEY CONTENT`; prints the answer it got.

It says `ready` first and waits for a line, so that several processes begin at once.
"""

from __future__ import annotations

import os
import sys
import time

import django

django.setup()

from django.db import connection  # noqa: E402

from randomization.audit.record import record  # noqa: E402
from randomization.delivery.one_time_keys import Answer, Sent  # noqa: E402
from randomization.delivery.services.act_once import act_once  # noqa: E402
from randomization.shared.actor import SYSTEM  # noqa: E402
from randomization.shared.errors import TrialError  # noqa: E402


def act() -> Answer:
    """Something that takes a while and is recorded."""
    record(actor=SYSTEM, action="doubles.act", subject=str(os.getpid()))
    time.sleep(0.4)
    return Answer(201, str(os.getpid()))


def main() -> None:
    """Act, and say what was answered."""
    connection.ensure_connection()
    print("ready", flush=True)
    sys.stdin.readline()
    try:
        answer = act_once(actor=SYSTEM, sent=Sent(sys.argv[1], sys.argv[2]), act=act)
        print(answer.body if answer else "none")
    except TrialError as error:
        print(error.code)


main()
