"""Keep what is typed into the eligibility form, as it is typed."""

from __future__ import annotations

import json
from collections.abc import Mapping

from randomization.accounts.roles import Permission
from randomization.audit.record import record
from randomization.blinded.screening.file_changes import open_for_change
from randomization.blinded.screening.models import Draft
from randomization.blinded.screening.selectors import drafted_answers
from randomization.shared import clock
from randomization.shared.actor import Actor
from randomization.shared.errors import Refused
from randomization.shared.sentences import sentence as _
from randomization.shared.service import service

LONGEST = 200


@service
def save_draft(*, actor: Actor, number: str, typed: Mapping[str, str], based_on: str) -> None:
    """Keep the fields as typed; it decides nothing, voids no signature, and ends when the answers are recorded.

    based_on: the recorded answers that the form was opened with, by their id; empty: none. Nothing is written where
    nothing changed. Raises Refused before consent, where the file is closed, and where answers were recorded since.
    """
    participant = open_for_change(actor, number, Permission.ELIGIBILITY_RECORD)
    if participant.consent is None:
        raise Refused(_("Record consent first: nothing more is kept before it."), code="no_consent")
    if str(participant.assessment_id or "") != based_on:
        raise Refused(_("The answers were recorded meanwhile: open the form anew."), code="recorded_since")
    kept, before = {key: value[:LONGEST] for key, value in typed.items() if value}, drafted_answers(participant)
    if kept == before:
        return
    Draft.objects.update_or_create(
        participant=participant,
        defaults={
            "answers": json.dumps(kept, sort_keys=True),
            "saved_by": actor.user_name,
            "saved_at": clock.now(),
        },
    )
    changed = sorted(key for key in {*kept, *before} if kept.get(key) != before.get(key))
    record(
        actor=actor, action="eligibility.draft", subject=number, stream=participant.site_id, data={"changed": changed}
    )
