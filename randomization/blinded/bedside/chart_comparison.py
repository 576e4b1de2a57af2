"""What the chart of a day says beside what is recorded."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import Enum, auto

from randomization.blinded.bedside.models import Dose
from randomization.blinded.bedside.pasted_chart import read_chart
from randomization.blinded.bedside.selectors import doses_of
from randomization.blinded.bedside.states import GIVEN
from randomization.blinded.screening.selectors import find_participant
from randomization.shared import clock
from randomization.shared.actor import Actor
from randomization.shared.errors import InvalidInput
from randomization.shared.ids import dose_name
from randomization.shared.sentences import sentence as _


class Finding(Enum):
    """How chart and record of one dose stand to each other."""

    NO_SUCH_DOSE = auto()
    NOT_ON_CHART = auto()
    NOT_RECORDED = auto()
    APART = auto()
    SAME = auto()


@dataclass(frozen=True, slots=True)
class Compared:
    """One dose: when by the chart, when as recorded (UTC), how they agree, and what to do in words."""

    name: str
    charted: datetime | None
    recorded: datetime | None
    finding: Finding
    say: str

    @property
    def is_same(self) -> bool:
        """Whether there is nothing to do."""
        return self.finding is Finding.SAME


def _recorded(dose: Dose | None) -> datetime | None:
    administration = dose.administration if dose else None
    return administration.at if administration and administration.outcome in GIVEN else None


def _finding(dose: Dose | None, recorded: datetime | None, charted: datetime | None) -> Finding:
    if dose is None:
        return Finding.NO_SUCH_DOSE
    if charted is None:
        return Finding.NOT_ON_CHART
    if recorded is None:
        return Finding.NOT_RECORDED
    return Finding.SAME if abs(recorded - charted) < timedelta(minutes=1) else Finding.APART


def _say(finding: Finding, minutes: int) -> str:
    match finding:
        case Finding.NO_SUCH_DOSE:
            return _("there is no such dose: read the chart again")
        case Finding.NOT_ON_CHART:
            return _("recorded, and not on the chart: ask who gave it")
        case Finding.NOT_RECORDED:
            return _("not recorded: transcribe it")
        case Finding.APART:
            return _("%(minutes)s min apart: ask, and have it explained", minutes=minutes)
        case Finding.SAME:
            return _("the same")


def _compared(name: str, dose: Dose | None, charted: datetime | None) -> Compared:
    recorded = _recorded(dose)
    finding = _finding(dose, recorded, charted)
    apart = abs(recorded - charted) if recorded and charted else timedelta(0)
    return Compared(name, charted, recorded, finding, _say(finding, apart // timedelta(minutes=1)))


def compare(actor: Actor, number: str, text: str, day: date, zone: str) -> list[Compared]:
    """Each dose of the chart beside what is recorded, then what is recorded that day and not on the chart.

    Raises NotFound outside reach, InvalidInput for a text that is no chart.
    """
    participant = find_participant(actor, number)
    if not clock.site_moment(participant.sepsis_at, zone).date() <= day <= clock.site_moment(clock.now(), zone).date():
        raise InvalidInput(
            _("No dose was given on this day: it lies before sepsis was identified, or in the future."), field="day"
        )
    chart = read_chart(text, day, zone)
    doses = {(dose.route, dose.number): dose for dose in doses_of(actor, participant.number)}
    rows = [
        _compared(dose_name(entry.route, entry.number), doses.get((entry.route, entry.number)), entry.at)
        for entry in chart
    ]
    on_chart = {(entry.route, entry.number) for entry in chart}
    first, last = min(entry.at for entry in chart), max(entry.at for entry in chart)
    for key, dose in doses.items():
        recorded = _recorded(dose)
        if key not in on_chart and recorded is not None and first <= recorded <= last:
            rows.append(_compared(dose_name(*key), dose, None))
    return rows
