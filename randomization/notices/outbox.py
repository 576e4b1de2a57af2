"""`queue()`: write what must be told, inside the running service's transaction."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from randomization.notices.models import Channel, Entry
from randomization.shared import clock
from randomization.shared.entropy import new_uid
from randomization.shared.service import current_scope


def queue(
    *,
    channel: Channel,
    kind: str,
    payload: Mapping[str, Any],
    site_code: str = "",
    roles: Sequence[str] = (),
    deliver_at: datetime | None = None,
    about: str = "",
) -> UUID:
    """Queue one entry. `deliver_at`: not before this moment (UTC); None: at once after the commit, in order.

    Entries for the same later moment go in the order of `about`, a random UID, and of writing within it: the order of
    writing alone would tell who was quicker.
    """
    now = clock.now()
    entry = Entry.objects.using(current_scope().alias).create(
        uid=new_uid(),
        channel=channel,
        kind=kind,
        site_code=site_code,
        roles=",".join(roles),
        payload=json.dumps(payload, sort_keys=True),
        created_at=now,
        deliver_at=deliver_at or now,
        tie=about,
    )
    return entry.uid
