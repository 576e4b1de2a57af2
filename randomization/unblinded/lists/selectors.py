"""Reads of lists, without opening anything."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from randomization.accounts.policies import check_can
from randomization.accounts.roles import Permission
from randomization.shared.actor import Actor
from randomization.unblinded.lists.models import PlanVersion, SealedList, SealedSlot, Stratum
from randomization.unblinded.lists.plan import Plan, plan_of


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
    found = Stratum.objects.filter(
        site_code=site_code, immune_class=immune_class, is_drill=False, is_fallback=False
    ).first()
    return found.uid if found and immune_class else None


def drill_kits(site_code: str) -> list[tuple[UUID, str]]:
    """Slot and kit code of the made-up patients of a site's drill list, in order."""
    drill = SealedList.objects.filter(stratum__site_code=site_code, stratum__is_drill=True).first()
    return [] if drill is None else list(drill.slots.order_by("position").values_list("uid", "kit_code"))


def plan_in_force() -> Plan | None:
    """The newest plan that lists were sealed under; None before the first list."""
    found = PlanVersion.objects.filter(sealedlist__isnull=False).order_by("-version").first()
    return plan_of(found.text) if found else None


def every_envelope(site_code: str) -> list[tuple[int, int, str]]:
    """Version of the fallback list, position and kit code of every envelope of a site, in order."""
    found = SealedSlot.objects.filter(list__stratum__site_code=site_code, list__stratum__is_fallback=True)
    return list(found.order_by("list__version", "position").values_list("list__version", "position", "kit_code"))


def envelopes(site_code: str) -> list[tuple[UUID, str, int]]:
    """Slot, kit code and position of the envelopes of a site's newest fallback list, in order."""
    newest = SealedList.objects.filter(stratum__site_code=site_code, stratum__is_fallback=True).order_by("-version")
    found = newest.first()
    return [] if found is None else list(found.slots.order_by("position").values_list("uid", "kit_code", "position"))
