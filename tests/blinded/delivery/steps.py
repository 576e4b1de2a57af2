"""Times as the ward types them."""

from __future__ import annotations

from datetime import timedelta

from randomization.shared import clock


def local(hours_ago: float) -> str:
    return f"{clock.site_moment(clock.now() - timedelta(hours=hours_ago), 'Europe/Athens'):%Y-%m-%dT%H:%M}"
