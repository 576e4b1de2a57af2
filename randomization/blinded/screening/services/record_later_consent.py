"""The patient's own answer, after next of kin consented."""

from __future__ import annotations

from datetime import datetime

from randomization.accounts.roles import Permission
from randomization.audit.record import record
from randomization.blinded.screening.file_changes import locked
from randomization.blinded.screening.models import Answer, LaterConsent
from randomization.blinded.screening.selectors import protocol_for
from randomization.shared import clock
from randomization.shared.actor import Actor
from randomization.shared.errors import InvalidInput, Refused
from randomization.shared.sentences import sentence as _
from randomization.shared.service import service


@service
def record_later_consent(
    *, actor: Actor, number: str, answer: Answer, form_version: str, answered_at: datetime, note: str = ""
) -> LaterConsent:
    """Given, refused, or not possible (the note says why). A refusal is followed by a withdrawal, recorded apart.

    Raises Refused where the patient consented at the start, InvalidInput for a time before that consent or in the
    future, an unknown form, or `not possible` without a note.
    """
    participant = locked(actor, number, Permission.CONSENT_RECORD)
    consent = participant.consent
    if consent is None or consent.given_by != "next_of_kin":
        raise Refused(
            _("Next of kin did not consent for this patient: there is nothing to ask again."), code="no_proxy"
        )
    if not consent.given_at <= answered_at <= clock.now():
        raise InvalidInput(
            _("The answer came after the first consent and before now: check the time."), field="answered_at"
        )
    versions = protocol_for(participant).consent_versions
    if form_version not in versions:
        raise InvalidInput(
            _(
                "Form %(form_version)s is not in force: use %(versions)s.",
                form_version=form_version,
                versions=", ".join(versions),
            ),
            field="form_version",
        )
    if answer == Answer.NOT_POSSIBLE and not note.strip():
        raise InvalidInput(_("Say why the patient could not be asked."), field="note")
    later_consent = LaterConsent.objects.create(
        participant=participant,
        answer=answer,
        form_version=form_version,
        answered_at=answered_at,
        taken_by=actor.user_name,
        recorded_at=clock.now(),
    )
    record(
        actor=actor,
        action="consent.later",
        subject=participant.number,
        stream=participant.site_id,
        data={"answer": str(answer), "form_version": form_version, "answered_at": clock.stamp(answered_at)},
        texts={"note": note},
    )
    return later_consent
