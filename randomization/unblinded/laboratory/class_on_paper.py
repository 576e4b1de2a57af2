"""By which class a syringe of an envelope was prepared, where the participant has no eligible verdict."""

from __future__ import annotations

from uuid import UUID

from randomization.shared import clock
from randomization.shared.actor import Actor
from randomization.shared.service import current_scope
from randomization.unblinded.laboratory.models import ClassOnPaper


def note_class_on_paper(
    actor: Actor, *, participant_uid: UUID, pack_code: str, route: str, number: int, immune_class: str
) -> None:
    """Inside the running service, which records it: once for each syringe."""
    current_scope()
    ClassOnPaper.objects.create(
        pack_code=pack_code,
        participant_uid=participant_uid,
        route=route,
        number=number,
        immune_class=immune_class,
        noted_by=actor.user_name,
        noted_at=clock.now(),
    )
