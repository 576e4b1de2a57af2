"""That somebody read a trail that says what was in syringes: every pull is recorded (E6 3.15.2(d)(i))."""

from __future__ import annotations

from randomization.audit.record import record
from randomization.shared.actor import Actor
from randomization.shared.service import service


@service
def note_reading(*, actor: Actor, about: str) -> None:
    """Record that the trail was read or exported, and what was searched for."""
    record(actor=actor, action="trail.read", subject=actor.user_name, data={"about": about})
