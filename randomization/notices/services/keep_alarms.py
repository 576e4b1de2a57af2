"""Bring the alarms of one kind in line with what is wrong now, and tell those whom it concerns once."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from randomization.audit.record import record
from randomization.notices.models import Alarm, Channel
from randomization.notices.outbox import queue
from randomization.shared import clock
from randomization.shared.actor import Actor
from randomization.shared.service import current_scope, service


@service
def keep_alarms(*, actor: Actor, kind: str, wrong: Collection[tuple[str, str]], roles: Sequence[str] = ()) -> None:
    """Raise what is new, end what is over; the rest stays as it is.

    wrong: (site code or empty, about) of each thing that is wrong now. roles: who gets a notice of a new one.
    """
    alias, now = current_scope().alias, clock.now()
    present = {
        (alarm.site_code, alarm.about): alarm
        for alarm in Alarm.objects.using(alias).select_for_update().filter(kind=kind, over_at=None)
    }
    over = [alarm for key, alarm in present.items() if key not in set(wrong)]
    Alarm.objects.using(alias).filter(pk__in=[alarm.pk for alarm in over]).update(over_at=now)
    new = sorted(set(wrong) - set(present))
    for site_code, about in new:
        Alarm.objects.using(alias).create(kind=kind, site_code=site_code, about=about, raised_at=now)
    for site_code in sorted({site_code for site_code, _about in new}) if roles else ():
        queue(channel=Channel.PEOPLE, kind=kind, site_code=site_code, roles=roles, payload={})
    if new or over:
        record(
            actor=actor,
            action="alarm.keep",
            subject=kind,
            data={"raised": [list(key) for key in new], "over": [[alarm.site_code, alarm.about] for alarm in over]},
        )
