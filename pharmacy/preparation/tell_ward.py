"""What ward and pharmacy are told of a syringe, inside the service that runs; the one place that makes `DoseReady`."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from pharmacy.preparation.models import Preparation
from randomization.accounts.roles import Role
from randomization.audit.record import record
from randomization.hatch.messages import DoseReady
from randomization.hatch.send import send
from randomization.notices.models import Channel
from randomization.notices.outbox import queue
from randomization.shared import clock
from randomization.shared.actor import Actor


def tell_the_ward(actor: Actor, preparation: Preparation, at: datetime) -> None:
    """Inside the running service, of a locked preparation: the ward sees it from `at` (UTC) on; sent and recorded."""
    preparation.shown_at = at
    preparation.save(update_fields=["shown_at"])
    record(
        actor=actor,
        action="preparation.show",
        subject=str(preparation.uid),
        stream=preparation.site_code,
        data={"pack_code": preparation.pack_code, "shown_at": clock.stamp(at)},
    )
    send(ready_message(preparation, at), deliver_at=at)


def ready_message(preparation: Preparation, ready_at: datetime) -> DoseReady:
    """All that the ward may know of a syringe."""
    return DoseReady(
        dose_uid=preparation.dose_uid,
        site_code=preparation.site_code,
        pack_code=preparation.pack_code,
        ready_at=ready_at,
        use_before=preparation.use_before,
    )


def tell_the_pharmacy(site_code: str, voided: Sequence[Preparation]) -> None:
    """The site's pharmacy learns which syringes became void; the ward is told below, by packaging."""
    queue(
        channel=Channel.PEOPLE,
        kind="voided",
        site_code=site_code,
        roles=[Role.PHARMACIST, Role.PREPARER],
        payload={"about": ", ".join(str(preparation) for preparation in voided)},
    )
