"""Times as the ward types them."""

from __future__ import annotations

from datetime import timedelta

from randomization.shared import clock


def local(hours: float = 0) -> str:
    return f"{clock.site_moment(clock.now() + timedelta(hours=hours), 'Europe/Athens'):%Y-%m-%dT%H:%M}"
