"""Who is on duty at a moment."""

from __future__ import annotations

from datetime import datetime, timedelta

import time_machine

from randomization.blinded.sites.models import Duty, Site
from randomization.blinded.sites.selectors import on_duty
from randomization.shared import clock
from tests.conftest import tampering

SITE = "GR01"


def test_a_night_duty_goes_past_midnight(trial: None) -> None:
    place = Site.objects.get(code=SITE)
    with tampering():
        Duty.objects.using("blinded").filter(site=place).delete()
        Duty.objects.using("blinded").create(site=place, days="0", starts="20:00", ends="08:00", preparer="night.gr01")
    for day, hour, expected in (
        (1, 19, None),
        (0, 20, "night.gr01"),
        (0, 23, "night.gr01"),
        (1, 7, "night.gr01"),
        (1, 8, None),
        (0, 7, None),
    ):
        monday = datetime(2026, 11, 30, hour)  # noqa: DTZ001 (local time)
        moment = clock.from_site_time(monday + timedelta(days=day), "Europe/Athens")
        with time_machine.travel(moment, tick=False):
            duty = on_duty(place)
            assert (duty.preparer if duty else None) == expected, (day, hour)
