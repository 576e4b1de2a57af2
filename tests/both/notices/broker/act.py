"""`act.py PID`: stop the broker of that process, then break a code and enter laboratory values; prints what came of it.

Each act is noted with the status of its answer, its seconds, and whether the broker was still being asked when the
answer was there: then nobody waited for it.
"""

from __future__ import annotations

import json
import os
import signal
import sys
import time
from typing import Any

import django

django.setup()

from django.test import Client  # noqa: E402

from immunosep_site.demonstration import cast, play  # noqa: E402
from immunosep_site.demonstration.play import Case  # noqa: E402
from immunosep_site.demonstration.small_trial import set_up  # noqa: E402
from randomization.accounts.roles import Role  # noqa: E402
from randomization.blinded.screening.models import Sample  # noqa: E402
from randomization.shared import clock  # noqa: E402
from randomization.shared.wake_workers import waker  # noqa: E402
from tests.permissions import client_of  # noqa: E402

SITE = "GR01"


def act(client: Client, address: str, body: dict[str, Any]) -> dict[str, Any]:
    """One request, from its start to its whole answer."""
    began = time.monotonic()
    answer = client.post(address, json.dumps(body), "application/json")
    seconds = time.monotonic() - began
    content = answer.json() if answer.content else {}
    return {"status": answer.status_code, "seconds": seconds, "asking": not waker.wait(0), "body": content}


def main() -> None:
    """Two participants: one randomised, one whose sample is at the laboratory."""
    set_up([SITE], length=8)
    randomised = play.enrol(Case(SITE)).participant
    shipped = play.screen(Case(SITE)).number
    breaker, laboratory = cast.at_site(Role.CODE_BREAKER, SITE), cast.laboratory(SITE[:2])
    at_bedside, at_bench = client_of(breaker), client_of(laboratory)
    samples = f"/api/v1/laboratory/samples/{Sample.objects.get(participant__number=shipped).uid}/results/"
    done: dict[str, Any] = {"before": Client().get("/api/v1/health/").status_code}
    assert waker.wait(10)
    os.kill(int(sys.argv[1]), signal.SIGSTOP)
    signature = {"user_name": breaker.user_name, "secret": cast.PASSWORD}
    acts = {
        "code_break": act(
            at_bedside,
            "/api/v1/code-breaks/",
            {"number": randomised, "category": "emergency", "reason": "bleeding", "signature": signature},
        ),
        "received": act(at_bench, samples, {"received_at": clock.now().isoformat()}),
        "ferritin": act(at_bench, samples, {"analyte": "ferritin", "value": "800"}),
        "hla_dr": act(at_bench, samples, {"analyte": "hla_dr", "value": "3000"}),
    }
    began = time.monotonic()
    health, web = Client().get("/api/v1/health/"), Client().get("/api/v1/health/web/")
    done |= {
        "acts": acts,
        "health": [health.status_code, health.json()["parts"]],
        "web": web.status_code,
        "health_seconds": time.monotonic() - began,
        "participants": [randomised, shipped],
    }
    waker.wait(30)  # what it notes comes before the last line
    print("\n" + json.dumps(done))


main()
