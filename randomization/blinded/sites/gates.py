"""What stands against randomising at a site, and against treating there after a transfer.

Pure: no Django.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from randomization.shared.obstacles import Obstacle
from randomization.shared.sentences import sentence as _


class SiteGate(StrEnum):
    """A gate of a site, by the code of its refusal, in the order in which they are named."""

    CLOSED = "site_closed"
    NO_DRILL = "drill_not_done"
    MESSAGES_STOPPED = "messages_stopped"
    NO_SUPPLY = "no_supply"


class TransferGate(StrEnum):
    """A gate of a transfer that the site alone does not have."""

    OTHER_PROTOCOL = "protocol"


@dataclass(frozen=True, slots=True)
class SiteFacts:
    """What decides at a site. protocol: the version in force there, by the hash of its text."""

    code: str
    is_open: bool
    drill_is_done: bool
    messages_are_stopped: bool
    may_supply: bool
    protocol: str | None


_TO_RANDOMISE: Final[Mapping[SiteGate, str]] = {
    SiteGate.CLOSED: _("%(code)s is closed for randomisation."),
    SiteGate.NO_DRILL: _("%(code)s has not rehearsed the code break yet: the investigator does the drill first."),
    SiteGate.MESSAGES_STOPPED: _(
        "Messages from the pharmacy's side are stopped, so nobody is randomised: call the trial manager."
    ),
    SiteGate.NO_SUPPLY: _("The pharmacy of this site cannot supply now: call the pharmacist on duty."),
}
_TO_TREAT: Final[Mapping[SiteGate, str]] = {
    SiteGate.NO_DRILL: _("%(code)s has not rehearsed the code break yet: it cannot treat."),
    SiteGate.NO_SUPPLY: _("The pharmacy of %(code)s cannot supply now: call there first."),
}
"""A closed site treats: it screens and randomises nobody. Treatment goes on while messages are stopped."""


def closed_gates(site: SiteFacts) -> Iterator[SiteGate]:
    """Every closed gate of a site; the first one is what people are told first."""
    if not site.is_open:
        yield SiteGate.CLOSED
    if not site.drill_is_done:
        yield SiteGate.NO_DRILL
    if site.messages_are_stopped:
        yield SiteGate.MESSAGES_STOPPED
    if not site.may_supply:
        yield SiteGate.NO_SUPPLY


def against_randomising(site: SiteFacts) -> tuple[Obstacle, ...]:
    """Every closed gate of a site at which somebody shall be randomised."""
    return tuple(Obstacle(gate, _(_TO_RANDOMISE[gate], code=site.code)) for gate in closed_gates(site))


def against_transfer(to: SiteFacts, *, protocol: str | None) -> tuple[Obstacle, ...]:
    """Every closed gate of a site that shall treat somebody who was treated by this version of the protocol."""
    other = Obstacle(
        TransferGate.OTHER_PROTOCOL,
        _("%(code)s works by another version of the protocol: call the trial manager.", code=to.code),
    )
    of_site = (Obstacle(gate, _(_TO_TREAT[gate], code=to.code)) for gate in closed_gates(to) if gate in _TO_TREAT)
    return (*([other] if to.protocol != protocol else []), *of_site)
