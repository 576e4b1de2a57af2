"""What another version of the protocol asks of the syringes on the ward, some floors above: answered by the room that
registers.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, TypeAlias

from randomization.blinded.sites.models import Site
from randomization.shared.foreseen import ExpectedVoid
from randomization.shared.protocol import Protocol

VoidedByVersion: TypeAlias = Callable[[Site, Protocol, Protocol], list[ExpectedVoid]]
"""At a site, from the version in force to another one: the syringes that are ready on the ward and become void."""

_rooms: Final[list[VoidedByVersion]] = []


def register(room: VoidedByVersion) -> None:
    """Say at start-up who answers."""
    _rooms[:] = [room]


def voided_by_version(site: Site, old: Protocol, new: Protocol) -> list[ExpectedVoid]:
    """The answer of the room above; none where nobody treats."""
    return [void for room in _rooms for void in room(site, old, new)]
