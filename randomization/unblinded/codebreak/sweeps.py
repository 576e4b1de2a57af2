"""What this room does by itself: it keeps a copy of what a code break needs from below."""

from __future__ import annotations

from randomization.shared.actor import SYSTEM
from randomization.unblinded.codebreak.patients import changed_below
from randomization.unblinded.codebreak.services.copy_patients import copy_patients


def sweep() -> None:
    """Reads alone where nothing is to do."""
    changed = changed_below()
    if changed:
        copy_patients(actor=SYSTEM, patients=changed)
