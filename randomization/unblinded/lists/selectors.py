"""Reads of lists, without opening anything."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from randomization.accounts.policies import check_can
from randomization.accounts.roles import Permission
from randomization.blinded.allocation.for_unblinded import closed_lists, lists_by_treating_site
from randomization.shared.actor import Actor
from randomization.shared.read_once import read_once
from randomization.unblinded.lists.models import PlanVersion, SealedList, SealedSlot, Stratum
from randomization.unblinded.lists.plan import Plan, plan_of
from randomization.unblinded.lists.plans import Plans, PlansBySite


@dataclass(frozen=True, slots=True)
class ListRow:
    """One sealed list, for the statistician: the length and version are shown to nobody else."""

    uid: UUID
    context: str
    length: int
    root: str
    sealed_at: datetime


def lists_for(actor: Actor) -> list[ListRow]:
    """All sealed lists. Raises NotPermitted for any other role."""
    check_can(actor, Permission.LIST_READ)
    return [
        ListRow(entry.uid, entry.context, entry.length, entry.root, entry.sealed_at)
        for entry in SealedList.objects.order_by("context")
    ]


def stratum_for(site_code: str, immune_class: str) -> UUID | None:
    """The stratum a verdict of this class points to; None unless the plan stratifies by class."""
    stratum = Stratum.objects.filter(
        site_code=site_code, immune_class=immune_class, is_drill=False, is_fallback=False
    ).first()
    return stratum.uid if stratum and immune_class else None


def drill_kits(site_code: str) -> list[tuple[UUID, str]]:
    """Slot and kit code of the made-up patients of a site's drill list, in order."""
    drill = SealedList.objects.filter(stratum__site_code=site_code, stratum__is_drill=True).first()
    return [] if drill is None else list(drill.slots.order_by("position").values_list("uid", "kit_code"))


def plans_in_use(site_code: str = "", *, for_new_patients: bool = False) -> Plans:
    """The plans of the lists in use at a site, or anywhere: see `plans_by_site`."""
    kept = _sealed_under()
    if len(kept) <= 1:
        return Plans(kept)
    return plans_by_site(for_new_patients=for_new_patients).at(site_code) if site_code else Plans(kept)


def plans_by_site(*, for_new_patients: bool = False) -> PlansBySite:
    """The plans of the lists in use at each site; four statements, one while there is one plan.

    A list is in use at its site until it is used up or replaced, and wherever somebody who got a kit of it is
    treated. for_new_patients: the former alone. A site without a list uses no plan, once there are several; while there
    is one, it is everybody's.
    """
    kept = _sealed_under()
    if len(kept) <= 1:
        return PlansBySite(Plans(kept), {})
    lists = dict[UUID, tuple[str, int]]()
    sealed = SealedList.objects.filter(stratum__is_drill=False)
    for uid, site_code, version in sealed.values_list("uid", "stratum__site_code", "plan__version"):
        lists[uid] = site_code, version
    closed = closed_lists()
    used = {at for uid, at in lists.items() if uid not in closed}
    if not for_new_patients:
        used |= {(site_code, lists[uid][1]) for site_code, uid in lists_by_treating_site() if uid in lists}
    sites = {site_code for site_code, _version in used}
    of_site = {code: Plans(tuple(plan for plan in kept if (code, plan.version) in used)) for code in sites}
    return PlansBySite(Plans(), of_site)


@read_once
def plan_of_kit(kit_code: str) -> Plan | None:
    """The plan that the list of a kit was sealed under; None for a kit that is not here."""
    text = SealedSlot.objects.filter(kit_code=kit_code).values_list("list__plan__text", flat=True).first()
    return plan_of(text) if text else None


def plans_of_kits(kit_codes: Iterable[str]) -> dict[str, Plan]:
    """As `plan_of_kit`, of many; one statement."""
    kits_and_plans = SealedSlot.objects.filter(kit_code__in=set(kit_codes)).values_list("kit_code", "list__plan__text")
    return {kit_code: plan_of(text) for kit_code, text in kits_and_plans}


@read_once
def _sealed_under() -> tuple[Plan, ...]:
    """Every plan that lists were sealed under, but for drills, newest version first."""
    kept = PlanVersion.objects.filter(sealedlist__stratum__is_drill=False).distinct().order_by("-version")
    return tuple(plan_of(version.text) for version in kept)


def every_envelope(site_code: str) -> list[tuple[int, int, str]]:
    """Version of the fallback list, position and kit code of every envelope of a site, in order."""
    sealed_slots = SealedSlot.objects.filter(list__stratum__site_code=site_code, list__stratum__is_fallback=True)
    return list(sealed_slots.order_by("list__version", "position").values_list("list__version", "position", "kit_code"))


def envelopes(site_code: str) -> list[tuple[UUID, str, int]]:
    """Slot, kit code and position of the envelopes of a site's newest fallback list, in order."""
    newest = SealedList.objects.filter(stratum__site_code=site_code, stratum__is_fallback=True).order_by("-version")
    latest = newest.first()
    return [] if latest is None else list(latest.slots.order_by("position").values_list("uid", "kit_code", "position"))
