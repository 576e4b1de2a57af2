"""Take in a sealed list from the hatch: positions and kit codes, open or in reserve."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from randomization.audit.record import record
from randomization.blinded.allocation.models import AllocationList, ListState, Slot
from randomization.blinded.sites.models import Site
from randomization.shared import clock
from randomization.shared.actor import Actor
from randomization.shared.errors import Refused
from randomization.shared.sentences import sentence as _
from randomization.shared.service import service


@service
def receive_slots(
    *,
    actor: Actor,
    list_uid: UUID,
    site_code: str,
    stratum_uid: UUID,
    version: int,
    root: str,
    slots: Sequence[tuple[UUID, str]],
    fallback: bool = False,
) -> None:
    """Keep the slots in their order; the root stands in the trail before any patient.

    The first list of a stratum opens at once, a later version waits in reserve; a fallback list never opens: its
    envelopes are entered after an outage. Raises Refused for an unknown site.
    """
    if not Site.objects.select_for_update().filter(code=site_code).exists():
        raise Refused(
            _("A list came for %(site_code)s, which is not registered here.", site_code=site_code), code="unknown_site"
        )
    has_open = AllocationList.objects.filter(stratum_uid=stratum_uid, state=ListState.OPEN).exists()
    state = ListState.FALLBACK if fallback else ListState.SEALED if has_open else ListState.OPEN
    sealed = AllocationList.objects.create(
        uid=list_uid,
        site_id=site_code,
        stratum_uid=stratum_uid,
        version=version,
        length=len(slots),
        state=state,
        root=root,
        sealed_at=clock.now(),
    )
    Slot.objects.bulk_create(
        [Slot(uid=uid, list=sealed, position=order, kit_code=kit) for order, (uid, kit) in enumerate(slots, 1)],
        batch_size=2000,
    )
    record(actor=actor, action="list.sealed", subject=str(list_uid), stream=site_code, data={"root": root})
