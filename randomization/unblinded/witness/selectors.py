"""Where the two sides do not agree."""

from __future__ import annotations

from uuid import UUID

from django.db.models import Q

from randomization.notices.models import AlarmKind
from randomization.notices.selectors import alarms
from randomization.shared.errors import Refused
from randomization.shared.sentences import sentence as _
from randomization.unblinded.witness.models import SeenKit


def site_differs(site_code: str, concerned: frozenset[str]) -> bool:
    """Whether a site may not be supplied until the two sides agree; a difference of the trial concerns every site."""
    return "" in concerned or site_code in concerned


def sites_that_differ() -> frozenset[str]:
    """The codes of sites at which the two sides do not agree; empty text for the whole trial."""
    return frozenset(alarm.site_code for alarm in alarms(AlarmKind.SIDES_DIFFER))


def check_kit(*, kit_code: str, participant_uid: UUID) -> bool:
    """Whether this kit was seen bound to this participant; raises Refused where either was seen bound otherwise."""
    seen = list(SeenKit.objects.filter(Q(kit_code=kit_code) | Q(participant_uid=participant_uid)))
    if any(kit.kit_code != kit_code or kit.participant_uid != participant_uid for kit in seen):
        raise Refused(
            _(
                "Kit %(kit_code)s is recorded here for another participant: prepare nothing, and call the trial "
                "manager. The blinded side may be an older copy.",
                kit_code=kit_code,
            ),
            code="kit_of_another",
        )
    return bool(seen)
