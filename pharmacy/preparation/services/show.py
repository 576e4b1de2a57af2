"""Tell the ward of what is released, at the moment that was fixed by rule."""

from __future__ import annotations

from pharmacy.preparation.models import Preparation
from pharmacy.preparation.shown_to_ward import to_show
from pharmacy.preparation.tell_ward import tell_the_ward
from randomization.shared.actor import Actor
from randomization.shared.service import service


@service
def show_due(*, actor: Actor) -> int:
    """Tell the ward of everything that is due; returns how many. What became void before is never told of."""
    due = to_show()
    for showing in due:
        preparation = Preparation.objects.select_for_update().get(uid=showing.preparation.uid)
        tell_the_ward(actor, preparation, showing.at)
    return len(due)
