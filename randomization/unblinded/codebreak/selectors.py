"""Reads for the code break: whom a person may unblind, and who was."""

from __future__ import annotations

from typing import Final

from randomization.accounts.policies import check_can
from randomization.accounts.roles import Permission
from randomization.blinded.allocation.models import Allocation
from randomization.blinded.sites.models import Site
from randomization.shared.actor import EVERYWHERE, Actor
from randomization.shared.errors import NotFound
from randomization.unblinded.codebreak.models import CodeBreak

NOBODY: Final = "No randomised participant of your site has this number or kit code."


def allocation_for_break(actor: Actor, number: str) -> Allocation:
    """The allocation of one participant (by number or kit code), or NotFound outside reach.

    Whoever may break codes may at any hour: state of site, course or consent is no gate (E6 3.15.2(d)).
    """
    text = number.strip().upper()
    found = Allocation.objects.select_related("participant__site")
    allocation = found.filter(participant__number=text).first() or found.filter(kit_code=text.replace("-", "")).first()
    if allocation is None or not actor.reaches(allocation.participant.site_id):
        raise NotFound(NOBODY)
    check_can(actor, Permission.CODE_BREAK)
    return allocation


def code_breaks_for(actor: Actor) -> list[CodeBreak]:
    """Code breaks within reach, newest first: who, when and why (E6 3.16.1(g)), not what was seen."""
    check_can(actor, Permission.CODE_BREAK)
    found = CodeBreak.objects.order_by("-broken_at")
    if actor.site_code != EVERYWHERE:
        found = found.filter(site_code=actor.site_code)
    return list(found[:200])


def needs_drill(site_code: str) -> bool:
    """Whether the site has not rehearsed yet, as the blinded side knows it."""
    return Site.objects.filter(code=site_code, drill_done_at=None).exists()
