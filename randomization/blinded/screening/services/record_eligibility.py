"""Record the answers of the eligibility form, or correct them."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from randomization.accounts.roles import Permission
from randomization.blinded.screening.file_changes import need_reason, open_for_change, record_change
from randomization.blinded.screening.models import Assessment, Draft
from randomization.blinded.screening.selectors import protocol_for
from randomization.shared import clock
from randomization.shared.actor import Actor
from randomization.shared.errors import InvalidInput, Refused
from randomization.shared.plausible import ask
from randomization.shared.sentences import sentence as _
from randomization.shared.service import service

SEXES = ("female", "male")


def _as_data(assessment: Assessment) -> dict[str, Any]:
    return {
        "answers": json.loads(assessment.answers),
        "sex": assessment.sex,
        "year_of_birth": assessment.year_of_birth,
        "neutrophils_per_mm3": assessment.neutrophils_per_mm3,
    }


@service
def record_eligibility(
    *,
    actor: Actor,
    number: str,
    answers: Mapping[str, bool],
    sex: str,
    year_of_birth: int,
    neutrophils_per_mm3: int,
    reason: str = "",
    confirmed: Sequence[str] = (),
) -> Assessment:
    """Record the answers; they may be incomplete, and the form says what is missing.

    confirmed: what was implausible and is meant all the same. Raises Refused before consent, InvalidInput for an
    unknown question, a wrong year or count, or a correction without a reason, Implausible for an odd count of
    neutrophils.
    """
    participant = open_for_change(actor, number, Permission.ELIGIBILITY_RECORD)
    before = participant.assessment
    need_reason(before is not None, reason)
    if participant.consent is None:
        raise Refused(_("Record consent first: nothing more is kept before it."), code="no_consent")
    protocol = protocol_for(participant)
    known = {criterion.key for criterion in protocol.eligibility.criteria}
    unknown = sorted(set(answers) - known)
    if unknown:
        raise InvalidInput(_("The protocol has no question %(unknown)s.", unknown=", ".join(unknown)), field="answers")
    now = clock.now()
    if sex not in SEXES:
        raise InvalidInput(_("Sex is female or male, as recorded at birth."), field="sex")
    if not now.year - protocol.moments.oldest_years <= year_of_birth <= now.year:
        raise InvalidInput(_("The year of birth cannot be right: write four digits."), field="year_of_birth")
    if not 0 <= neutrophils_per_mm3 <= 200_000:
        raise InvalidInput(_("Neutrophils per mm3 lie between 0 and 200000."), field="neutrophils_per_mm3")
    if not protocol.analytes["neutrophils"].is_plausible(Decimal(neutrophils_per_mm3)):
        ask(
            confirmed,
            "neutrophils_per_mm3",
            neutrophils_per_mm3,
            _(
                "%(count)s neutrophils per mm3 are implausible: 4.5 x 10^9/L is 4500. Confirm it if it is right.",
                count=neutrophils_per_mm3,
            ),
        )
    assessment = Assessment.objects.create(
        participant=participant,
        answers=json.dumps(dict(answers), sort_keys=True),
        sex=sex,
        year_of_birth=year_of_birth,
        neutrophils_per_mm3=neutrophils_per_mm3,
        recorded_by=actor.user_name,
        recorded_at=now,
    )
    participant.assessment = assessment
    Draft.objects.filter(participant=participant).delete()
    old = _as_data(before) if before else None
    new = {**_as_data(assessment), **({"confirmed": sorted(confirmed)} if confirmed else {})}
    record_change(actor, participant, "eligibility.record", old=old, new=new, reason=reason)
    return assessment
