"""Excursions, recalls, and how a quarantine ends. What was prepared is voided by the pharmacy's sweep."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal

from pharmacy.stock.booking import book
from pharmacy.stock.holding import HoldCause, Outcome
from pharmacy.stock.ledger import Kind
from pharmacy.stock.models import Excursion, Hold, Lot
from pharmacy.stock.selectors import holdings
from randomization.accounts.policies import check_can
from randomization.accounts.roles import Permission
from randomization.audit.record import record
from randomization.shared import clock
from randomization.shared.actor import Actor
from randomization.shared.errors import InvalidInput, NotFound, Refused
from randomization.shared.service import service
from randomization.unblinded.lists.selectors import plan_in_force


def _place(actor: Actor, lots: Iterable[Lot], cause: HoldCause, excursion: Excursion | None = None) -> list[Hold]:
    """A hold on each lot that has none of the same origin yet."""
    return [
        Hold.objects.create(lot=lot, cause=cause, excursion=excursion, placed_at=clock.now(), placed_by=actor.user_name)
        for lot in lots
    ]


def _check_readings(lowest_c: Decimal | None, highest_c: Decimal | None) -> None:
    if (lowest_c is None) != (highest_c is None):
        raise InvalidInput("Give both readings, or none of them.", field="highest_c")
    if lowest_c is not None and highest_c is not None and not (
        lowest_c.is_finite() and highest_c.is_finite() and lowest_c <= highest_c
    ):  # fmt: skip
        raise InvalidInput("The lowest reading lies above the highest: check both.", field="lowest_c")


@service
def report_excursion(
    *, actor: Actor, site_code: str, storage: str, starts_at: datetime, ends_at: datetime, lowest_c: Decimal | None,
    highest_c: Decimal | None, reason: str,
) -> Excursion:  # fmt: skip
    """Quarantine every lot of a storage that was there before the excursion ended, whatever product it is.

    lowest_c, highest_c: degrees Celsius; both None: no readings. Raises InvalidInput naming the field.
    """
    check_can(actor, Permission.STOCK_MANAGE, site_code=site_code)
    plan = plan_in_force()
    stored = [code for code, product in plan.products.items() if product.storage == storage] if plan else []
    if not stored:
        raise InvalidInput("No product of the plan is kept in this storage.", field="storage")
    if not starts_at < ends_at <= clock.now():
        raise InvalidInput("The excursion ends after it starts, and not in the future.", field="ends_at")
    _check_readings(lowest_c, highest_c)
    if not reason.strip():
        raise InvalidInput("Say what happened.", field="reason", code="reason_missing")
    made = Excursion.objects.create(
        site_code=site_code, storage=storage, starts_at=starts_at, ends_at=ends_at, lowest_c=lowest_c,
        highest_c=highest_c, at=clock.now(), by=actor.user_name,
    )  # fmt: skip
    lots = Lot.objects.select_for_update().filter(site_code=site_code, product__in=stored, first_at__lt=ends_at)
    held = _place(actor, lots.order_by("id"), HoldCause.EXCURSION, made)
    record(
        actor=actor, action="stock.excursion", subject=str(made.pk), stream=site_code,
        data={"storage": storage, "starts_at": clock.stamp(starts_at), "ends_at": clock.stamp(ends_at),
              "lowest_c": None if lowest_c is None else str(lowest_c),
              "highest_c": None if highest_c is None else str(highest_c),
              "lots": [f"{hold.lot.product} {hold.lot.number}" for hold in held]},
        texts={"reason": reason},
    )  # fmt: skip
    return made


@service
def recall(*, actor: Actor, product: str, lot_number: str, reason: str) -> list[Hold]:
    """Quarantine a lot wherever it lies, in one step. Raises InvalidInput where no site has it."""
    check_can(actor, Permission.STOCK_RECALL)
    if not reason.strip():
        raise InvalidInput("Say why the lot is recalled.", field="reason", code="reason_missing")
    lots = Lot.objects.select_for_update().filter(product=product, number__iexact=lot_number.strip()).order_by("id")
    held = _place(actor, lots.exclude(holds__cause=HoldCause.RECALL, holds__outcome=""), HoldCause.RECALL)
    if not held:
        raise InvalidInput("No site holds this lot, or it is recalled already.", field="lot_number")
    for hold in held:
        record(
            actor=actor, action="stock.recall", subject=hold.lot.number, stream=hold.lot.site_code,
            data={"product": product}, texts={"reason": reason},
        )  # fmt: skip
    return held


@service
def decide(*, actor: Actor, hold_id: int, outcome: Outcome, reason: str) -> Hold:
    """End a hold: the lot may be used again, or what is left of it is destroyed.

    A recall is decided by whoever may recall. Raises NotFound at another site, Refused where it was decided.
    """
    found = Hold.objects.select_related("lot").filter(pk=hold_id).first()
    if found is None:
        raise NotFound()
    needed = Permission.STOCK_RECALL if found.cause == HoldCause.RECALL else Permission.STOCK_MANAGE
    check_can(actor, needed, site_code=found.lot.site_code)
    if not reason.strip():
        raise InvalidInput("Say on what the decision rests.", field="reason", code="reason_missing")
    Lot.objects.select_for_update().get(pk=found.lot_id)
    hold = Hold.objects.select_for_update(of=("self",)).select_related("lot").get(pk=hold_id)
    if hold.outcome:
        raise Refused(f"This quarantine was decided already: {hold.outcome}.", code="decided")
    hold.outcome, hold.decided_at, hold.decided_by = outcome, clock.now(), actor.user_name
    hold.save(update_fields=["outcome", "decided_at", "decided_by"])
    left = holdings([hold.lot_id])[0].balance
    if outcome is Outcome.DESTROYED:
        book(actor, hold.lot, Kind.DESTRUCTION, left, reference=f"hold {hold.pk}")
    record(
        actor=actor, action="stock.decide", subject=hold.lot.number, stream=hold.lot.site_code,
        data={"product": hold.lot.product, "cause": hold.cause, "outcome": str(outcome), "units": left},
        texts={"reason": reason},
    )  # fmt: skip
    return hold
