"""What the stock asks about returned syringes: its answers are here, a floor above."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from pharmacy.accountability.models import SyringeDestruction
from pharmacy.accountability.selectors import not_destroyed
from randomization.audit.record import record
from randomization.shared.actor import Actor
from randomization.shared.errors import Refused
from randomization.shared.sentences import sentence as _
from randomization.shared.service import current_scope


class Answers:
    """The answers that `pharmacy.stock.returned` asks for."""

    def not_destroyed(self, site_code: str) -> list[str]:
        """Packaging codes of the syringes that came back to a site and are not destroyed, oldest first."""
        return [item.preparation.pack_code for item in not_destroyed(site_code)]

    def note_destroyed(self, actor: Actor, site_code: str, pack_codes: Sequence[str], at: datetime) -> None:
        """Inside the running service: these syringes were destroyed at a moment (UTC). Raises Refused for others."""
        current_scope()
        waiting = {item.preparation.pack_code: item for item in not_destroyed(site_code)}
        if not set(pack_codes) <= set(waiting):
            raise Refused(_("Not all of these syringes wait for their destruction."), code="not_returned")
        SyringeDestruction.objects.bulk_create(
            [SyringeDestruction(returned=waiting[code], at=at, by=actor.user_name) for code in sorted(pack_codes)]
        )
        record(
            actor=actor,
            action="syringe.destroy",
            subject=site_code,
            stream=site_code,
            data={"preparations": [str(waiting[code].preparation_id) for code in sorted(pack_codes)]},
        )
