"""Risks to the blind: what was done on purpose that could tell the ward, and why."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Count

from pharmacy.preparation.models import RiskToBlind
from randomization.accounts.policies import check_can
from randomization.accounts.roles import Permission
from randomization.audit.selectors import texts_by_subject
from randomization.blinded.sites.for_unblinded import sites_for
from randomization.shared.actor import Actor
from randomization.shared.reach import within

MOST = 200


@dataclass(frozen=True, slots=True)
class RiskRow:
    """One risk with its reason and the zone of its site."""

    risk: RiskToBlind
    reason: str
    zone: str


@dataclass(frozen=True, slots=True)
class RiskCount:
    """How often one kind of risk was recorded at a site."""

    site_code: str
    kind: str
    count: int


def risks_by_site(actor: Actor) -> list[RiskCount]:
    """All risks within reach, counted by site and kind; one statement."""
    check_can(actor, Permission.ACCOUNTABILITY_READ)
    risks = within(RiskToBlind.objects.all(), actor, "site_code").values_list("site_code", "kind")
    return [RiskCount(*row) for row in risks.annotate(count=Count("id")).order_by("site_code", "kind")]


def risks_for(actor: Actor) -> list[RiskRow]:
    """The newest risks within reach, unseen ones first; four statements."""
    check_can(actor, Permission.ACCOUNTABILITY_READ)
    risks = within(RiskToBlind.objects.select_related("preparation"), actor, "site_code")
    rows = sorted(risks.order_by("-id")[:MOST], key=lambda risk: risk.seen_at is not None)
    subjects = [str(risk.preparation_id) for risk in rows]
    reasons = texts_by_subject(actor, "blind.risk", subjects)
    zones = {place.code: place.time_zone for place in sites_for(actor)}
    return [RiskRow(risk, reasons.get(str(risk.preparation_id), ""), zones[risk.site_code]) for risk in rows]
