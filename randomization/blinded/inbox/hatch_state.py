"""What people see of the hatch: whether messages go on, and why not, in words that repeat nothing of a foreign row."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from randomization.blinded.inbox.receiving import unreleased
from randomization.hatch.rows import Stop
from randomization.hatch.verify import Fault
from randomization.notices.models import AlarmKind
from randomization.notices.selectors import alarms

STOPS: Final[dict[str, Promise]] = {
    Stop.FOREIGN: _("Something was put among the messages that the pharmacy's side did not send."),
    Stop.MISSING: _(
        "A message is missing. The pharmacy's side sends it again by itself; call its host if it does not."
    ),
    Stop.OLDER_COPY: _("This side is an older copy than what lies in the inbox: call who runs it."),
    Stop.UNREADABLE: _("A row among the messages cannot be read at all: call who runs this host."),
    Stop.NO_KEY: _("The key that messages are verified with cannot be read on this host: call who runs it."),
}
FAULTS: Final[dict[str, Promise]] = {
    Fault.NOT_SIGNED: _("not signed by the pharmacy's side"),
    Fault.OTHER_INSTALLATION: _("from another installation"),
    Fault.OTHER_EPOCH: _("from before or after a restored backup"),
    Fault.OUT_OF_PLACE: _("signed, but under a number that does not fit"),
    Fault.HALT: _("the pharmacy's side asks to stop: it is an older copy than what it sent"),
}


@dataclass(frozen=True, slots=True)
class Foreign:
    """One foreign row: why, and when (UTC) it was noted."""

    why: str
    words: Promise
    noted_at: datetime


@dataclass(frozen=True, slots=True)
class HatchState:
    """What stops the messages, in words, and the foreign rows that nobody looked at yet."""

    stops: tuple[tuple[str, Promise], ...]
    foreign: tuple[Foreign, ...]


def hatch_state() -> HatchState:
    """The hatch now."""
    stops = tuple((alarm.about, STOPS[alarm.about]) for alarm in alarms(AlarmKind.HATCH_STOPPED))
    return HatchState(stops, tuple(Foreign(row.why, FAULTS[row.why], row.noted_at) for row in unreleased()))
