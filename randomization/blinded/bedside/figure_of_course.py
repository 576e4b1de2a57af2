"""From the doses of a course to their picture."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from randomization.blinded.bedside.models import Dose
from randomization.blinded.bedside.selectors import is_too_late, window_of
from randomization.blinded.bedside.states import DoseState
from randomization.blinded.bedside.timetable_figure import Picture, Shown, draw
from randomization.shared.protocol import Regimen


def kind_of(dose: Dose, regimen: Regimen, now: datetime) -> str:
    """How a dose is shown: its state, or `due` within its window and `late` behind it."""
    if dose.state != DoseState.PLANNED:
        return dose.state
    if is_too_late(dose, regimen, now):
        return "late"
    return "due" if now >= window_of(dose, regimen)[0] else "planned"


def timetable_picture(doses: Sequence[Dose], regimen: Regimen, now: datetime) -> Picture:
    """The picture of one course."""
    shown = [Shown(dose.route, dose.number, dose.planned_at, kind_of(dose, regimen, now)) for dose in doses]
    return draw(shown, min(dose.planned_at for dose in doses), now, regimen.length.days)
