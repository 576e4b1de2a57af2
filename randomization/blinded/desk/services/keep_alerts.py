"""Raise an alert for what needs somebody, tell those whom it concerns, and end it when its cause is gone."""

from __future__ import annotations

from collections.abc import Sequence

from randomization.accounts.policies import check_can
from randomization.accounts.roles import Permission
from randomization.audit.record import record
from randomization.blinded.desk.alert_conditions import TOLD, Concern
from randomization.blinded.desk.models import Alert
from randomization.notices.models import Channel
from randomization.notices.outbox import queue
from randomization.shared import clock
from randomization.shared.actor import Actor
from randomization.shared.errors import NotFound
from randomization.shared.service import service


@service
def watch_over(*, actor: Actor, concerns: Sequence[Concern]) -> int:
    """Bring the alerts in line with what holds now; returns how many are new. Part of the sweep."""
    now = clock.now()
    standing = {
        (item.kind, item.site_code, item.subject, item.about): item
        for item in Alert.objects.select_for_update().filter(over_at=None)
    }
    holds = {concern.key for concern in concerns}
    over = [item for key, item in standing.items() if key not in holds]
    Alert.objects.filter(pk__in=[item.pk for item in over]).update(over_at=now)
    new = [concern for concern in concerns if concern.key not in standing]
    for concern in new:
        Alert.objects.create(
            kind=concern.kind, site_code=concern.site_code, subject=concern.subject, about=concern.about, raised_at=now
        )
        if concern.kind in TOLD:
            queue(
                channel=Channel.PEOPLE,
                kind=concern.kind,
                site_code=concern.site_code,
                roles=TOLD[concern.kind],
                payload={"participant": concern.subject},
            )
    if new or over:
        record(
            actor=actor,
            action="alert.watch",
            subject="alerts",
            data={
                "raised": [" ".join(filter(None, concern.key)) for concern in new],
                "over": [str(item) for item in over],
            },
        )
    return len(new)


@service
def acknowledge_alert(*, actor: Actor, alert_id: int, note: str) -> None:
    """Say that somebody deals with it. Acknowledged again, the first stands. Raises NotFound outside reach."""
    check_can(actor, Permission.ALERT_ACKNOWLEDGE)
    alert = Alert.objects.select_for_update().filter(pk=alert_id).first()
    if alert is None or not actor.reaches(alert.site_code):
        raise NotFound()
    if alert.acknowledged_at is not None:
        return
    alert.acknowledged_at, alert.acknowledged_by = clock.now(), actor.user_name
    alert.save(update_fields=["acknowledged_at", "acknowledged_by"])
    record(
        actor=actor,
        action="alert.acknowledge",
        subject=alert.subject or alert.site_code or "alerts",
        data={"kind": alert.kind, "about": alert.about},
        texts={"note": note},
    )
