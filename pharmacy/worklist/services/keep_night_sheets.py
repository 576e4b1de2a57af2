"""At 16:00, local time, keep the night sheet of every site where somebody is on treatment."""

from __future__ import annotations

import structlog

from pharmacy.worklist.models import NightSheet
from pharmacy.worklist.night_sheet import HOURS, due_now, sheet_of
from pharmacy.worklist.selectors import worklist
from randomization.accounts.roles import Role
from randomization.audit.record import record
from randomization.notices.models import Channel
from randomization.notices.outbox import queue
from randomization.shared import clock
from randomization.shared.actor import SYSTEM, Actor
from randomization.shared.errors import TrialError
from randomization.shared.service import service

log = structlog.get_logger(__name__)


@service
def keep_night_sheets(*, actor: Actor) -> int:
    """Make and keep what is due, and tell the site's pharmacy; returns how many. Once a day and site.

    A sheet that cannot be made, for a text that does not fit, keeps no other site from its own.
    """
    places, sheet_count = due_now(), 0
    rows = worklist(SYSTEM, hours=HOURS) if places else []
    for place in places:
        here = [row for row in rows if row.dose.course.participant.site_id == place.code]
        day = clock.site_moment(clock.now(), place.time_zone).date()
        try:
            content = sheet_of(place, here)
        except TrialError as error:
            log.warning("night_sheet.failed", site=place.code, error=error.code)
            continue
        NightSheet.objects.create(site_code=place.code, day=day, content=content, made_at=clock.now())
        record(
            actor=actor,
            action="night_sheet.keep",
            subject=place.code,
            stream=place.code,
            data={"day": day.isoformat(), "doses": len(here)},
        )
        queue(
            channel=Channel.PEOPLE,
            kind="night_sheet",
            site_code=place.code,
            roles=[Role.PHARMACIST, Role.PREPARER],
            payload={"day": day.isoformat()},
        )
        sheet_count += 1
    return sheet_count
