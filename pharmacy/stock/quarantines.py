"""Reads of quarantine: holds, recalls, excursions."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Exists, OuterRef, Q, QuerySet

from pharmacy.stock.asked_of_preparation import StrikeFacts
from pharmacy.stock.hold_causes import HoldCause, Outcome
from pharmacy.stock.models import Excursion, Hold, Lot, NamedHold, Recall, Strike
from randomization.accounts.policies import can, check_can
from randomization.accounts.roles import Permission
from randomization.audit.selectors import texts_by_subject
from randomization.shared.actor import Actor
from randomization.shared.errors import NotFound
from randomization.shared.identifiers import canonical
from randomization.shared.read_once import read_once
from randomization.shared.sentences import sentence as _


@read_once
def hold_for(actor: Actor, hold_id: int) -> Hold:
    """One quarantine, for the person who decides it: a recall by who may recall. Raises NotFound at another site."""
    if not can(actor, Permission.STOCK_RECALL):
        check_can(actor, Permission.STOCK_MANAGE)
    hold = Hold.objects.select_related("lot", "excursion").filter(pk=hold_id).first()
    if hold is None:
        raise NotFound()
    needed = Permission.STOCK_RECALL if hold.cause == HoldCause.RECALL else Permission.STOCK_MANAGE
    check_can(actor, needed, site_code=hold.lot.site_code)
    return hold


def open_recalls(actor: Actor) -> list[Hold]:
    """Lots on hold by a recall, at every site, by lot."""
    check_can(actor, Permission.STOCK_RECALL)
    holds = Hold.objects.select_related("lot").filter(cause=HoldCause.RECALL, outcome="")
    return list(holds.order_by("lot__product", "lot__number", "lot__site_code"))


def excursion_of(actor: Actor, hold: Hold) -> ExcursionRow | None:
    """The excursion behind a hold, for the person who decides on it; None for another cause."""
    if hold.excursion is None:
        return None
    reasons = texts_by_subject(actor, "stock.excursion", [str(hold.excursion.pk)])
    return ExcursionRow(hold.excursion, reasons.get(str(hold.excursion.pk), ""))


def is_recalled(product: str, number: str) -> bool:
    """Whether a lot was recalled, wherever it lies."""
    return Recall.objects.filter(product=product, canonical_number=canonical(number)).exists()


def is_named(lot: Lot) -> bool:
    """Whether the number of a lot was put on hold at its site, booked in or not."""
    named = NamedHold.objects.filter(site_code=lot.site_code, product=lot.product)
    return named.filter(canonical_number=canonical(lot.number)).exists()


def causes_by_number(lot: Lot) -> list[HoldCause]:
    """Why a lot is on hold from its first delivery note on: its number was recalled, or put on hold at its site."""
    recalled, named = is_recalled(lot.product, lot.number), is_named(lot)
    return [HoldCause.RECALL] * recalled + [HoldCause.PHARMACY] * named


def barring(holds: QuerySet[Hold]) -> QuerySet[Hold]:
    """Of these, what keeps people from taking units: open, or ended by destruction.

    A whole lot that was destroyed, put on hold again when its first delivery note came, and released then, may be used.
    """
    again = Hold.objects.filter(
        lot=OuterRef("lot"), consignment=None, outcome=Outcome.RELEASED, placed_at__gte=OuterRef("decided_at")
    )
    destroyed = Q(outcome=Outcome.DESTROYED)
    return holds.filter(Q(outcome="") | destroyed & Q(consignment__isnull=False) | destroyed & ~Exists(again))


def is_recalled_unheld(lot: Lot) -> bool:
    """Whether a lot was recalled before its first line was written here, from a paper: no hold says so."""
    return is_recalled(lot.product, lot.number) and not lot.holds.filter(cause=HoldCause.RECALL).exists()


def is_named_unheld(lot: Lot) -> bool:
    """The same of a lot that was put on hold by its number."""
    return is_named(lot) and not lot.holds.filter(cause=HoldCause.PHARMACY).exists()


@dataclass(frozen=True, slots=True)
class ExcursionRow:
    """An excursion with what happened, and its readings in words."""

    excursion: Excursion
    reason: str

    @property
    def readings(self) -> str:
        """Degrees Celsius, or that there were none."""
        excursion = self.excursion
        if excursion.lowest_c is None:
            return _("no readings")
        return _("%(lowest)s to %(highest)s °C", lowest=excursion.lowest_c, highest=excursion.highest_c)


def excursions_of(actor: Actor, site_code: str) -> list[ExcursionRow]:
    """The excursions reported at a site, newest first."""
    check_can(actor, Permission.PREPARATION_READ, site_code=site_code)
    excursions = list(Excursion.objects.filter(site_code=site_code).order_by("-id")[:200])
    reasons = texts_by_subject(actor, "stock.excursion", [str(item.pk) for item in excursions])
    return [ExcursionRow(item, reasons.get(str(item.pk), "")) for item in excursions]


def strikes_since(moment: datetime) -> list[StrikeFacts]:
    """What struck prepared syringes after `moment` (UTC), at any site; one statement."""
    return [
        StrikeFacts(strike.site_code, strike.product, strike.at, strike.opened_from)
        for strike in Strike.objects.filter(at__gt=moment).order_by("id")
    ]
