"""Void what is ready for a participant: the same for every arm, since nothing here knows one."""

from __future__ import annotations

from uuid import UUID

from randomization.blinded.bedside.models import Dose, Packaging
from randomization.blinded.bedside.states import DoseState
from randomization.shared import clock


def void_ready(participant_uid: UUID) -> tuple[str, ...]:
    """Void every packaging that is ready and not yet given; returns their codes. The calling service records it."""
    ready = Dose.objects.select_for_update().filter(course__participant_id=participant_uid, state=DoseState.READY)
    uids = list(ready.order_by("planned_at", "route").values_list("uid", flat=True))
    packagings = Packaging.objects.filter(dose_id__in=uids, voided_at=None)
    codes = tuple(packagings.order_by("dose__planned_at", "dose__route").values_list("pack_code", flat=True))
    packagings.update(voided_at=clock.now())
    Dose.objects.filter(uid__in=uids).update(state=DoseState.PLANNED)
    return codes
