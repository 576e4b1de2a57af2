"""Reads of destruction: what may be ordered, what is ordered, what was destroyed, and what it changes."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from django.db.models import QuerySet, Sum

from pharmacy.stock.consignments import consignment_by_code, left_of
from pharmacy.stock.destroying import OrderDestruction, OrderState, Target
from pharmacy.stock.hold_causes import HoldCause
from pharmacy.stock.ledger import usable
from pharmacy.stock.models import Destruction, DestructionOrder, Hold, Lot
from pharmacy.stock.returned import returned
from pharmacy.stock.selectors import (
    FIRST_DOSE_WITHIN,
    first_doses,
    holdings,
    local_date,
    lot_by_number,
    lot_for,
    lot_ids,
)
from randomization.accounts.policies import can, check_can
from randomization.accounts.roles import Permission
from randomization.audit.selectors import texts_by_value
from randomization.blinded.sites.for_unblinded import check_site_exists, site
from randomization.shared import clock
from randomization.shared.actor import SYSTEM, Actor
from randomization.shared.errors import InvalidInput, NotFound
from randomization.shared.ids import show_code
from randomization.shared.reach import within
from randomization.shared.read_once import read_once
from randomization.shared.sentences import sentence as _
from randomization.unblinded.lists.selectors import plans_in_use

SHOWN: Final = 100
"""Orders that were carried out or cancelled, on the page and over the API: the newest."""


def check_may_order(actor: Actor, site_code: str | None = None, *, recalled: bool = False) -> None:
    """Raise unless the actor may order a destruction at a site: its pharmacist, or the sponsor's safety officer.

    recalled: what a recall put on hold is the sponsor's alone. Raises NotFound out of reach, NotPermitted otherwise.
    """
    sponsor = can(actor, Permission.STOCK_RECALL)
    check_can(actor, Permission.STOCK_RECALL if sponsor else Permission.STOCK_MANAGE, site_code=site_code)
    if recalled:
        check_can(actor, Permission.STOCK_RECALL, site_code=site_code)


def lot_to_destroy(actor: Actor, lot_id: int) -> Lot:
    """The lot whose destruction the actor may order; raises as `check_may_order`."""
    check_may_order(actor)
    sponsor = can(actor, Permission.STOCK_RECALL)
    return lot_for(actor, lot_id, Permission.STOCK_RECALL if sponsor else Permission.STOCK_MANAGE)


def lot_named(actor: Actor, site_code: str, product: str, number: str) -> Lot:
    """A lot by what is printed on it, for somebody without a site; raises InvalidInput where the site has none."""
    check_may_order(actor, site_code)
    lot = lot_by_number(site_code, product, number)
    if lot is None:
        raise InvalidInput(_("The site has no such lot: read it again."), field="lot_number")
    return lot


def of_lot(
    actor: Actor, lot_id: int, *, units: int, whole_lot: bool, reason: str, consignment: str = ""
) -> OrderDestruction:
    """A part of a lot, or all of it, as somebody orders it.

    consignment: the code on the shelf label, where the part is of one consignment. Raises as `check_may_order`, and
    InvalidInput for another consignment's code.
    """
    lot = lot_to_destroy(actor, lot_id)
    scanned = consignment_by_code(lot.site_code, consignment) if consignment.strip() else None
    if consignment.strip() and (scanned is None or scanned.lot.pk != lot.pk):
        raise InvalidInput(
            _("This lot has no consignment with this code: scan the shelf label again."), field="consignment"
        )
    if scanned is not None and whole_lot:
        raise InvalidInput(
            _("A consignment is destroyed as a whole by putting it on hold first; leave one of the two empty."),
            field="consignment",
        )
    return OrderDestruction(
        site_code=lot.site_code,
        target=Target.LOT if whole_lot else Target.PART,
        about=_about(lot, scanned.code if scanned else ""),
        units=units,
        reason=reason,
        lot_id=lot.pk,
        consignment=scanned.code if scanned else "",
    )


def _about(lot: Lot, code: str) -> str:
    return f"{lot.product} {lot.number}" + (f", {show_code(code)}" if code else "")


def of_hold(actor: Actor, hold_id: int, *, units: int, reason: str) -> OrderDestruction:
    """What a hold is on, as somebody orders it; raises NotFound at another site, NotPermitted for a recall."""
    hold = hold_to_destroy(actor, hold_id)
    return OrderDestruction(
        site_code=hold.lot.site_code,
        target=Target.HOLD,
        about=_about(hold.lot, hold.consignment_id or ""),
        units=units,
        reason=reason,
        lot_id=hold.lot_id,
        hold_id=hold.pk,
        consignment=hold.consignment_id or "",
    )


@read_once
def hold_to_destroy(actor: Actor, hold_id: int) -> Hold:
    """The hold on what the actor may order destroyed; raises as `check_may_order`."""
    check_may_order(actor)
    hold = Hold.objects.select_related("lot", "consignment").filter(pk=hold_id).first()
    if hold is None:
        raise NotFound()
    check_may_order(actor, hold.lot.site_code, recalled=hold.cause == HoldCause.RECALL)
    return hold


def of_returned(actor: Actor, site_code: str, *, reason: str) -> OrderDestruction:
    """Every syringe that came back to a site, as somebody orders it."""
    pack_codes = waiting_at(actor, site_code)
    return OrderDestruction(
        site_code=site_code,
        target=Target.SYRINGES,
        about="returned syringes",
        units=len(pack_codes),
        reason=reason,
        pack_codes=tuple(pack_codes),
    )


def waiting_at(actor: Actor, site_code: str) -> list[str]:
    """Packaging codes of what came back to a site and is not destroyed."""
    check_may_order(actor)
    check_may_order(actor, site_code)
    check_site_exists(site_code)
    return returned().not_destroyed(site_code)


def left_for(lot: Lot, hold: Hold | None) -> int:
    """Units that may still be ordered: what lies there of the lot, or of the consignment that is on hold, less what
    other orders name.
    """
    ordered = open_orders().filter(lot=lot).aggregate(n=Sum("units"))["n"] or 0
    left = holdings([lot.pk])[0].balance - ordered
    if hold is not None and hold.consignment is not None:
        left = min(left, left_of(hold.consignment))
    return max(0, left)


def open_orders() -> QuerySet[DestructionOrder]:
    """The orders that are neither carried out nor cancelled."""
    return DestructionOrder.objects.filter(state=OrderState.ORDERED)


def is_ordered(hold: Hold) -> bool:
    """Whether the destruction of what a hold is on is ordered and not carried out yet."""
    return open_orders().filter(hold=hold).exists()


@dataclass(frozen=True, slots=True)
class OrderRow:
    """An order with its reason, the syringes it names, and what was destroyed; `may_do`: by the reader."""

    order: DestructionOrder
    reason: str
    pack_codes: tuple[str, ...]
    destruction: Destruction | None
    may_do: bool
    may_cancel: bool

    @property
    def is_open(self) -> bool:
        """Whether it waits."""
        return self.order.state == OrderState.ORDERED


def rows_of(actor: Actor, orders: Iterable[DestructionOrder]) -> list[OrderRow]:
    """Orders as somebody reads them."""
    listed = list(orders)
    keys = [str(order.pk) for order in listed]
    reasons = texts_by_value(actor, "stock.order_destruction", "order", keys) if listed else {}
    return [_row(actor, order, reasons.get(str(order.pk), "")) for order in listed]


def _row(actor: Actor, order: DestructionOrder, reason: str) -> OrderRow:
    waits = order.state == OrderState.ORDERED
    at_site = can(actor, Permission.STOCK_MANAGE) and actor.reaches(order.site_code)
    recalled = order.hold is not None and order.hold.cause == HoldCause.RECALL
    return OrderRow(
        order,
        reason,
        tuple(sorted(syringe.pack_code for syringe in order.syringes.all())),
        getattr(order, "destruction", None),
        may_do=waits and at_site and order.ordered_by != actor.user_name,
        may_cancel=waits and (can(actor, Permission.STOCK_RECALL) or (at_site and not recalled)),
    )


def _seen(actor: Actor) -> QuerySet[DestructionOrder]:
    if not can(actor, Permission.STOCK_RECALL):
        check_can(actor, Permission.PREPARATION_READ)
    orders = DestructionOrder.objects.select_related("lot", "hold", "destruction").prefetch_related("syringes")
    return orders if can(actor, Permission.STOCK_RECALL) else within(orders, actor, "site_code")


def orders_for(actor: Actor) -> list[OrderRow]:
    """The orders within reach: those that wait, oldest first, then the newest of the others."""
    waiting = _seen(actor).filter(state=OrderState.ORDERED).order_by("id")
    ended = _seen(actor).exclude(state=OrderState.ORDERED).order_by("-ended_at", "-id")
    return rows_of(actor, [*waiting, *ended[:SHOWN]])


def open_orders_at(actor: Actor, site_code: str) -> list[OrderRow]:
    """The orders that wait at a site within reach."""
    check_can(actor, Permission.PREPARATION_READ, site_code=site_code)
    waiting = open_orders().filter(site_code=site_code).select_related("lot", "hold", "destruction")
    return rows_of(actor, waiting.prefetch_related("syringes").order_by("id"))


@read_once
def order_for(actor: Actor, order_id: int) -> DestructionOrder:
    """One order, for a person who may order or carry out; raises NotFound at another site."""
    check_may_order(actor)
    order = DestructionOrder.objects.select_related("lot", "hold", "consignment").filter(pk=order_id).first()
    if order is None:
        raise NotFound()
    check_may_order(actor, order.site_code)
    return order


def order_to_do(actor: Actor, order_id: int) -> DestructionOrder:
    """One order, for the pharmacist of its site who carries it out."""
    check_can(actor, Permission.STOCK_MANAGE)
    order = order_for(actor, order_id)
    check_can(actor, Permission.STOCK_MANAGE, site_code=order.site_code)
    return order


@read_once
def row_for(actor: Actor, order_id: int) -> OrderRow:
    """One order as somebody reads it."""
    return rows_of(actor, [order_for(actor, order_id)])[0]


def follows(target: Target, lot: Lot | None) -> list[str]:
    """What the destruction of a whole lot changes for what counts as there, in sentences; none for a part.

    A part leaves what counts as there, consignments on hold do not count, and no prepared syringe becomes void.
    """
    if target is not Target.LOT or lot is None:
        return []
    sentences = [_("Nothing of lot %(number)s counts as there any more.", number=lot.number)]
    plan = plans_in_use(lot.site_code, for_new_patients=True)
    wanted = first_doses(plan).get(lot.product, 0)
    until = local_date(clock.now() + FIRST_DOSE_WITHIN, site(SYSTEM, lot.site_code).time_zone)
    held = holdings(lot_ids(lot.site_code, lot.product))
    before = usable(held, lot.product, until)
    afterwards = usable([item for item in held if item.lot_id != lot.pk], lot.product, until)
    if before >= wanted > afterwards:
        sentences.append(
            _(
                "Less %(product)s than one patient's first doses counts as there then: the site may not randomise.",
                product=lot.product,
            )
        )
    return sentences
