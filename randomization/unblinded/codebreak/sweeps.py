"""What this room does by itself: a copy of what a code break needs from below, and gates of sites that rehearsed."""

from __future__ import annotations

import structlog

from randomization.shared import clock
from randomization.shared.actor import SYSTEM
from randomization.unblinded.codebreak.patients import changed_below, is_check_old
from randomization.unblinded.codebreak.selectors import gates_to_open
from randomization.unblinded.codebreak.services.break_code import open_gates
from randomization.unblinded.codebreak.services.copy_patients import copy_patients

log = structlog.get_logger(__name__)


def sweep() -> None:
    """Reads alone where nothing is to do. A failure never stops the carrying: the next sweep tries again."""
    try:
        compared_at = clock.now()
        changed = changed_below()
        if changed or is_check_old():
            copy_patients(actor=SYSTEM, patients=changed, compared_at=compared_at)
        sites = gates_to_open()
        if sites:
            open_gates(actor=SYSTEM, site_codes=sites)
    except Exception as error:  # noqa: BLE001 (see above)
        log.warning("code_break.copy_failed", error=type(error).__name__)
