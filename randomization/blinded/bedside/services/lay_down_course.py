"""Lay down the treatment of a newly allocated participant: course, doses, first clearance."""

from __future__ import annotations

from datetime import datetime

from randomization.blinded.bedside.insert_doses import insert_doses
from randomization.blinded.bedside.models import Clearance, Course
from randomization.blinded.bedside.schedule import planned_doses
from randomization.blinded.bedside.services.record_clearance import ClearanceInput, make_clearance
from randomization.blinded.screening.models import Participant
from randomization.shared.actor import Actor
from randomization.shared.entropy import new_uid
from randomization.shared.protocol import Regimen
from randomization.shared.service import service


@service
def lay_down_course(
    *,
    actor: Actor,
    participant: Participant,
    kit_code: str,
    first_dose_at: datetime,
    regimen: Regimen,
    clearance: ClearanceInput,
    clearance_used_at: datetime | None = None,
) -> tuple[Course, Clearance]:
    """Three statements; called by `allocate` inside its transaction, which records it."""
    course = Course.objects.create(
        uid=new_uid(), participant=participant, kit_code=kit_code, first_dose_at=first_dose_at
    )
    insert_doses(course.uid, planned_doses(first_dose_at=first_dose_at, regimen=regimen))
    return course, make_clearance(actor, participant, clearance, used_at=clearance_used_at)
