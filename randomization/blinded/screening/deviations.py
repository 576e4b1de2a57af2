"""Departures from the protocol: noted by the services in which they arise, explained by a person."""

from __future__ import annotations

from randomization.audit.record import record
from randomization.blinded.screening.models import Deviation, DeviationKind, Participant
from randomization.shared import clock
from randomization.shared.actor import Actor


def note_deviation(actor: Actor, participant: Participant, kind: DeviationKind, about: str) -> None:
    """Inside the running service: note one deviation, once for each thing it is about (`IV 07`, a sample's UID).

    One that was lifted arises again.
    """
    _deviation, new = Deviation.objects.get_or_create(
        participant=participant, kind=kind, about=about, defaults={"arose_at": clock.now()}
    )
    again = Deviation.objects.filter(participant=participant, kind=kind, about=about).exclude(lifted_at=None)
    if new or again.update(lifted_at=None):
        record(
            actor=actor,
            action="deviation.arise",
            subject=participant.number,
            stream=participant.site_id,
            data={"kind": str(kind), "about": about},
        )


def lift_deviation(actor: Actor, participant: Participant, kind: DeviationKind, about: str) -> bool:
    """Inside the running service: what it rested on was corrected, and it was none. Returns whether it was noted."""
    deviations = Deviation.objects.filter(participant=participant, kind=kind, about=about, lifted_at=None)
    if not deviations.update(lifted_at=clock.now()):
        return False
    record(
        actor=actor,
        action="deviation.lift",
        subject=participant.number,
        stream=participant.site_id,
        data={"kind": str(kind), "about": about},
    )
    return True
