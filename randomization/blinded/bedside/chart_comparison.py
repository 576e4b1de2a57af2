"""What the chart of a day says beside what is recorded."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from randomization.blinded.bedside.models import Dose
from randomization.blinded.bedside.pasted_chart import read_chart
from randomization.blinded.bedside.selectors import doses_of
from randomization.blinded.bedside.states import GIVEN
from randomization.blinded.screening.selectors import participant
from randomization.shared import clock
from randomization.shared.actor import Actor
from randomization.shared.errors import InvalidInput
from randomization.shared.ids import dose_name
from randomization.shared.sentences import sentence as _


@dataclass(frozen=True, slots=True)
class Compared:
    """One dose: when by the chart, when as recorded (UTC), and what to do."""

    name: str
    charted: datetime | None
    recorded: datetime | None
    say: str
    same: bool


def _recorded(dose: Dose | None) -> datetime | None:
    administration = dose.administration if dose else None
    return administration.at if administration and administration.outcome in GIVEN else None


def _compared(name: str, dose: Dose | None, charted: datetime | None) -> Compared:
    recorded = _recorded(dose)
    if dose is None:
        say = _("there is no such dose: read the chart again")
    elif charted is None:
        say = _("recorded, and not on the chart: ask who gave it")
    elif recorded is None:
        say = _("not recorded: transcribe it")
    elif abs(recorded - charted) >= timedelta(minutes=1):
        say = _(
            "%(minutes)s min apart: ask, and have it explained", minutes=abs(recorded - charted) // timedelta(minutes=1)
        )
    else:
        say = _("the same")
    return Compared(name, charted, recorded, say, say == "the same")


def compare(actor: Actor, number: str, text: str, day: date, zone: str) -> list[Compared]:
    """Each dose of the chart beside what is recorded, then what is recorded that day and not on the chart.

    Raises NotFound outside reach, InvalidInput for a text that is no chart.
    """
    person = participant(actor, number)
    if not clock.site_moment(person.sepsis_at, zone).date() <= day <= clock.site_moment(clock.now(), zone).date():
        raise InvalidInput(
            _("No dose was given on this day: it lies before sepsis was identified, or in the future."), field="day"
        )
    chart = read_chart(text, day, zone)
    doses = {(dose.route, dose.number): dose for dose in doses_of(actor, person.number)}
    rows = [_compared(dose_name(one.route, one.number), doses.get((one.route, one.number)), one.at) for one in chart]
    on_chart = {(one.route, one.number) for one in chart}
    first, last = min(one.at for one in chart), max(one.at for one in chart)
    for key, dose in doses.items():
        recorded = _recorded(dose)
        if key not in on_chart and recorded is not None and first <= recorded <= last:
            rows.append(_compared(dose_name(*key), dose, None))
    return rows
