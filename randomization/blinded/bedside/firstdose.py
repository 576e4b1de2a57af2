"""When a first dose may be planned: around now, as far ahead as the protocol allows."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from randomization.shared.errors import InvalidInput
from randomization.shared.protocol import Regimen
from randomization.shared.sentences import sentence as _

TYPING: Final = timedelta(minutes=15)
"""How long a form may lie open until "now" is sent."""


def hours_ahead(regimen: Regimen) -> str:
    """How far ahead a first dose may be planned, in hours, as it is written in a sentence."""
    return f"{regimen.first_dose_ahead / timedelta(hours=1):g}"


def check_first_dose(at: datetime, regimen: Regimen, now: datetime, *, field: str) -> None:
    """Raise InvalidInput for a first dose planned before `now` or too far ahead (all UTC)."""
    if not now - TYPING <= at <= now + regimen.first_dose_ahead:
        raise InvalidInput(
            _(
                "The first dose is planned from now to %(hours)s hours ahead: check day and hour.",
                hours=hours_ahead(regimen),
            ),
            field=field,
        )
