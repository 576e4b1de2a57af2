"""`record()`: one event at the end of a chain, inside the running service's transaction."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from randomization.audit.chain import GENESIS, link, normal, text_hash
from randomization.audit.models import Event, FreeText, Stream
from randomization.shared import clock
from randomization.shared.actor import Actor
from randomization.shared.entropy import random_bytes
from randomization.shared.ids import TRIAL_STREAM
from randomization.shared.service import current_scope


def _locked_head(name: str, alias: str) -> Stream:
    head = next(iter(Stream.objects.using(alias).select_for_update().filter(name=name)), None)
    if head is None:
        Stream.objects.using(alias).get_or_create(name=name, defaults={"head": GENESIS})
        return _locked_head(name, alias)
    return head


def changes(before: Mapping[str, Any], after: Mapping[str, Any]) -> dict[str, Any]:
    """Old and new value of what changed (EMA computerised systems 6.2.1)."""
    keys = [key for key in after if before.get(key) != after[key]]
    return {"old": {key: before.get(key) for key in keys}, "new": {key: after[key] for key in keys}}


def record(
    *,
    actor: Actor,
    action: str,
    subject: str,
    stream: str = TRIAL_STREAM,
    data: Mapping[str, Any] | None = None,
    texts: Mapping[str, str] | None = None,
) -> None:
    """Append one event: who, in which role, when (server's clock), what, on what, and why.

    data: JSON without floats. texts: free text by key, kept apart and redactable; empty ones are left out.
    Three statements, four with texts. Raises ProgrammingError outside a service.
    """
    scope = current_scope()
    body: dict[str, Any] = dict(normal(data or {}))
    kept = []
    for key, text in (texts or {}).items():
        if text:
            salt = random_bytes(32).hex()
            kept.append((key, salt, normal(text)))
            body[key] = {"text_sha256": text_hash(salt, text)}
    head = _locked_head(stream, scope.alias)
    event = {
        "v": 1,
        "stream": stream,
        "seq": head.seq + 1,
        "at": clock.stamp(clock.now()),
        "actor": actor.user_name,
        "role": actor.role,
        "action": action,
        "subject": subject,
        "data": body,
    }
    digest = link(head.head, event)
    columns = {key: value for key, value in event.items() if key not in {"v", "data"}}
    text_form = json.dumps(body, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    Event.objects.using(scope.alias).create(**columns, data=text_form, previous=head.head, hash=digest)
    Stream.objects.using(scope.alias).filter(name=stream).update(seq=head.seq + 1, head=digest)
    FreeText.objects.using(scope.alias).bulk_create(
        [FreeText(stream=stream, seq=head.seq + 1, key=key, salt=salt, text=text) for key, salt, text in kept]
    )
    scope.recorded += 1
