"""What the form that randomises sends."""

from __future__ import annotations

from datetime import timedelta

from randomization.shared import clock
from tests.blinded.world import PASSWORD

HOUR = timedelta(hours=1)


def body(number: str, **changed: str) -> dict[str, str]:
    local = clock.site_moment(clock.now() - HOUR, "Europe/Athens")
    return {
        "method": "measured",
        "value_ml_min": "80",
        "sampled_at": f"{local:%Y-%m-%dT%H:%M}",
        "first_dose_at": "",
        "caution_reason": "",
        "secret": PASSWORD,
        **changed,
    }
