"""Record consent, or correct what was recorded."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from randomization.accounts.roles import Permission
from randomization.blinded.screening.file_changes import need_reason, open_for_change, record_change
from randomization.blinded.screening.models import Consent
from randomization.blinded.screening.selectors import protocol_for
from randomization.shared import clock
from randomization.shared.actor import Actor
from randomization.shared.errors import InvalidInput
from randomization.shared.plausible import check_not_before
from randomization.shared.sentences import sentence as _
from randomization.shared.service import service

GIVERS = ("patient", "next_of_kin")


def _as_data(consent: Consent) -> dict[str, Any]:
    return {
        "given_by": consent.given_by,
        "relation": consent.relation,
        "form_version": consent.form_version,
        "given_at": clock.stamp(consent.given_at),
    }


@service
def record_consent(
    *,
    actor: Actor,
    number: str,
    given_by: str,
    form_version: str,
    given_at: datetime,
    relation: str = "",
    reason: str = "",
) -> Consent:
    """Record who consented (`patient` or `next_of_kin` with the relation, no name), by which form, when.

    Raises InvalidInput for a future time, an unknown form, or a correction without a reason.
    """
    participant = open_for_change(actor, number, Permission.CONSENT_RECORD)
    before = participant.consent
    need_reason(before is not None, reason)
    if given_by not in GIVERS or (given_by == "next_of_kin") != bool(relation.strip()):
        raise InvalidInput(_("Consent is given by the patient, or by next of kin with the relation."), field="given_by")
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
    now = clock.now()
    if given_at > now:
        raise InvalidInput(_("The time of consent lies in the future: check day and hour."), field="given_at")
    check_not_before(
        given_at,
        participant.sepsis_at - protocol_for(participant).moments.before_sepsis,
        field="given_at",
        sentence=_("The time of consent lies long before sepsis was identified: check day, month and year."),
    )
    consent = Consent.objects.create(
        participant=participant,
        given_by=given_by,
        relation=relation.strip(),
        form_version=form_version,
        given_at=given_at,
        taken_by=actor.user_name,
        recorded_at=now,
    )
    participant.consent = consent
    old = _as_data(before) if before else None
    record_change(actor, participant, "consent.record", old=old, new=_as_data(consent), reason=reason)
    return consent
