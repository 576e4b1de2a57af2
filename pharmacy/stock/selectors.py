"""Reads of stock: what lies where, what is on hold, what the blinded side may be told, what to order."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

from django.db.models import Exists, F, OuterRef, Prefetch, QuerySet, Subquery, Sum
from django.db.models.functions import Coalesce

from pharmacy.stock.asked_of_preparation import preparations
from pharmacy.stock.ledger import Holding, Kind, usable
from pharmacy.stock.models import (
    ExpiryCorrection,
    Hold,
    Lot,
    MatchedReceipt,
    Mixing,
    Movement,
    ProvisionalMixing,
    Removal,
    SupplyFlag,
    SupplyStatement,
)
from pharmacy.stock.quarantines import barring
from pharmacy.stock.removing import OPEN
from randomization.accounts.policies import check_can
from randomization.accounts.roles import Permission
from randomization.audit.selectors import events_for, texts_of
from randomization.blinded.sites.for_unblinded import site, sites_for
from randomization.shared import clock
from randomization.shared.actor import SYSTEM, Actor
from randomization.shared.errors import NotFound
from randomization.shared.identifiers import canonical
from randomization.shared.read_once import read_once
from randomization.shared.sentences import sentence as _
from randomization.unblinded.formulary.contents import Level, Source
from randomization.unblinded.lists.plans import Plans
from randomization.unblinded.lists.selectors import plans_by_site, plans_in_use
from randomization.unblinded.witness.selectors import site_differs, sites_that_differ

FIRST_DOSE_WITHIN: Final = timedelta(days=1)
"""How long a lot must last to count for the first doses of a new patient [choice]."""
EXPIRES_SOON: Final = timedelta(days=30)
"""When the pharmacy is warned of an expiry [choice]."""


def local_date(moment: datetime, zone: str) -> date:
    """The day of a moment at a site: a lot may be used until the end of its expiry day there."""
    return clock.site_moment(moment, zone).date()


def _with_balances(lots: QuerySet[Lot]) -> QuerySet[Lot]:
    """Each lot with the balances of its newest movement: one look at an index a lot, however long the ledger.

    A lot that was destroyed by decision stays on hold: what is booked in again under its number is not used, but where
    it is decided anew (`barring`).
    """
    newest = Movement.objects.filter(lot=OuterRef("pk")).order_by("-sequence")
    corrections = ExpiryCorrection.objects.filter(lot=OuterRef("pk")).order_by("-id")
    whole = Hold.objects.filter(lot=OuterRef("pk"), consignment=None)
    parts = Hold.objects.filter(lot=OuterRef("pk"), outcome="").exclude(consignment=None).order_by().values("lot")
    parts = parts.annotate(n=Sum("units"), n_arm_neutral=Sum("arm_neutral_units"))
    return lots.annotate(
        balance=Subquery(newest.values("balance")[:1]),
        arm_neutral=Subquery(newest.values("arm_neutral_balance")[:1]),
        on_hold=Exists(barring(whole)),
        held=Subquery(parts.values("n")[:1]),
        held_arm_neutral=Subquery(parts.values("n_arm_neutral")[:1]),
        corrected=Subquery(corrections.values("expires_on")[:1]),
    )


def _holding(lot: Lot) -> Holding:
    names = ("balance", "arm_neutral", "held", "held_arm_neutral")
    balance, arm_neutral, held, held_arm_neutral = (getattr(lot, name) or 0 for name in names)
    on_hold, corrected = (getattr(lot, name) for name in ("on_hold", "corrected"))
    return Holding(
        lot.pk,
        lot.product,
        lot.number,
        corrected or lot.expires_on,
        on_hold,
        balance,
        arm_neutral,
        held,
        held_arm_neutral,
    )


@read_once
def holdings(lot_ids: Sequence[int]) -> list[Holding]:
    """Some lots as they stand; one statement."""
    return [_holding(lot) for lot in _with_balances(Lot.objects.filter(pk__in=lot_ids)).order_by("expires_on", "id")]


def _by_site() -> dict[str, list[Holding]]:
    holdings_by_site: dict[str, list[Holding]] = {}
    for lot in _with_balances(Lot.objects.filter(source=Source.SPONSOR)).order_by("id"):
        holdings_by_site.setdefault(lot.site_code, []).append(_holding(lot))
    return holdings_by_site


def first_doses(plan: Plans) -> dict[str, int]:
    """Units of every product counted here that the first doses of one new patient may need."""
    wanted: dict[str, int] = {}
    for route in plan.routes:
        for product, units in plan.may_need(route, Level.FULL).items():
            if plan.products[product].source is Source.SPONSOR:
                wanted[product] = wanted.get(product, 0) + units
    return wanted


def supply_changes() -> list[tuple[str, bool]]:
    """Sites of which the blinded side was told something else than what holds now; fourteen statements.

    A site may allocate while it holds, as if every dose that may be opened had taken everything, the first doses of
    every product, its pharmacy has not said that it cannot work, and the two sides agree about it.
    """
    plans, held, now = plans_by_site(for_new_patients=True), _by_site(), clock.now()
    concerned, spoken = sites_that_differ(), preparations().not_opened()
    said = {item.site_code: item.may_supply for item in SupplyStatement.objects.order_by("id")}
    flags = {item.site_code: item.may_supply for item in SupplyFlag.objects.order_by("id")}
    changed = []
    for place in sites_for(SYSTEM):
        until = local_date(now + FIRST_DOSE_WITHIN, place.time_zone)
        lots = held.get(place.code, [])
        taken, wanted = spoken.get(place.code, {}), first_doses(plans.at(place.code))
        left = (usable(lots, product, until) - taken.get(product, 0) >= units for product, units in wanted.items())
        holds = bool(wanted) and all(left)
        may = holds and said.get(place.code, True) and not site_differs(place.code, concerned)
        if may != flags.get(place.code, False):
            changed.append((place.code, may))
    return changed


def supply_of(actor: Actor, site_code: str) -> tuple[SupplyStatement | None, bool]:
    """The last statement of a site within reach, and whether the blinded side was told that it may allocate."""
    check_can(actor, Permission.PREPARATION_READ, site_code=site_code)
    said = SupplyStatement.objects.filter(site_code=site_code).order_by("-id").first()
    supply_flag = SupplyFlag.objects.filter(site_code=site_code).order_by("-id").first()
    return said, supply_flag is not None and supply_flag.may_supply


@dataclass(frozen=True, slots=True)
class LotRow:
    """One lot for the pharmacy's page; `warning` is for the pharmacy alone, `to_confirm`: a removal is open."""

    lot: Lot
    product_name: str
    holding: Holding
    holds: tuple[Hold, ...]
    warning: str
    to_confirm: bool


def _warning(held: Holding, holds: Sequence[Hold], today: date) -> str:
    if holds:
        return _("quarantine")
    if held.on_hold and held.balance:
        return _("destroyed by decision: do not use it")
    if held.balance and held.expires_on < today:
        return _("expired: destroy or return it")
    if held.balance and held.expires_on < today + EXPIRES_SOON:
        return _("expires soon")
    return ""


def stock_of(actor: Actor, site_code: str) -> list[LotRow]:
    """The lots of a site within reach, by product and expiry; three statements."""
    check_can(actor, Permission.PREPARATION_READ, site_code=site_code)
    plan = plans_in_use()
    lots = _with_balances(Lot.objects.filter(site_code=site_code)).order_by("product", "expires_on", "id")
    lots = lots.annotate(to_confirm=Exists(Removal.objects.filter(movement__lot=OuterRef("pk"), state__in=OPEN)))
    lots = lots.prefetch_related(
        Prefetch("holds", Hold.objects.filter(outcome="").order_by("id"), to_attr="open_holds")
    )
    today, rows = local_date(clock.now(), site(SYSTEM, site_code).time_zone), []
    for lot in lots:
        held, holds = _holding(lot), tuple(getattr(lot, "open_holds", ()))
        name = plan.products[lot.product].name if plan and lot.product in plan.products else lot.product
        rows.append(LotRow(lot, name, held, holds, _warning(held, holds, today), getattr(lot, "to_confirm", False)))
    return rows


def lacking(rows: Sequence[LotRow], site_code: str) -> list[str]:
    """Products of which less lies here, usable, than the first doses of one patient may take: order them at once.

    By what really lies there, for the pharmacy alone.
    """
    plan, today = plans_in_use(site_code, for_new_patients=True), clock.now().date()
    usable_now: dict[str, int] = {}
    for row in rows:
        if not row.holding.reason_against(today):
            usable_now[row.lot.product] = usable_now.get(row.lot.product, 0) + row.holding.free(arm_neutral=False)
    return [product for product, units in first_doses(plan).items() if usable_now.get(product, 0) < units]


def lot_for(actor: Actor, lot_id: int, permission: Permission = Permission.PREPARATION_READ) -> Lot:
    """One lot; raises NotFound at another site."""
    lot = Lot.objects.filter(pk=lot_id).first()
    if lot is None:
        raise NotFound()
    check_can(actor, permission, site_code=lot.site_code)
    return lot


def lot_by_number(site_code: str, product: str, number: str) -> Lot | None:
    """The lot of a product with this number at a site."""
    return Lot.objects.filter(site_code=site_code, product=product, canonical_number=canonical(number)).first()


def is_mixed(lot: Lot) -> bool:
    """Whether units of several delivery notes of a lot cannot be told apart any more."""
    return Mixing.objects.filter(pk=lot.pk).exists()


def is_mixed_with_found(lot: Lot) -> bool:
    """Whether units that were received provisionally cannot be told apart from the others of a lot."""
    return ProvisionalMixing.objects.filter(pk=lot.pk).exists()


def receipts_of(lot: Lot) -> tuple[int, int]:
    """How many delivery notes brought a lot, and how many receipts were provisional."""
    kinds = list(Movement.objects.filter(lot=lot, brought__isnull=False).values_list("kind", flat=True))
    return kinds.count(Kind.RECEIPT), kinds.count(Kind.PROVISIONAL)


def elsewhere(site_code: str, product: str, number: str) -> bool:
    """Whether a lot of this number is booked in at another site alone."""
    return Lot.objects.filter(product=product, canonical_number=canonical(number)).exclude(site_code=site_code).exists()


def movements_of(lot: Lot) -> QuerySet[Movement]:
    """The movements of a lot with what another person is asked to confirm, newest first."""
    return Movement.objects.select_related("removal").filter(lot=lot).order_by("-sequence")


def reasons_of(actor: Actor, lot: Lot) -> list[str]:
    """Why people wrote off, counted, corrected or decided on a lot, newest first."""
    events = [
        event
        for event in events_for(actor, subject=lot.number, stream=lot.site_code)[:200]
        if event.action.startswith("stock.")
    ]
    texts = texts_of(events)
    reasons = [(event, texts.get((event.stream, event.seq), {}).get("reason", "")) for event in events]
    return [
        f"{event.at[:16]}Z {event.action.removeprefix('stock.')}, {event.actor}: {text}"
        for event, text in reasons
        if text
    ]


def unconfirmed(site_code: str) -> list[Movement]:
    """Provisional receipts that no delivery note holds in full yet."""
    movements = Movement.objects.filter(lot__site_code=site_code, kind=Kind.PROVISIONAL)
    movements = movements.annotate(matched_units=Coalesce(Sum("matches__units"), 0)).filter(
        quantity__gt=F("matched_units")
    )
    return list(movements.select_related("lot").order_by("id"))


def receipt_for(actor: Actor, movement_id: int) -> Movement:
    """One provisional receipt, for the person who books it in; raises NotFound at another site."""
    movement = Movement.objects.select_related("lot").filter(pk=movement_id, kind=Kind.PROVISIONAL).first()
    if movement is None:
        raise NotFound()
    check_can(actor, Permission.STOCK_MANAGE, site_code=movement.lot.site_code)
    return movement


def unmatched_of(movement: Movement) -> int:
    """Units of a provisional receipt that no delivery note holds yet."""
    matched = MatchedReceipt.objects.filter(provisional=movement).aggregate(n=Sum("units"))["n"] or 0
    return movement.quantity - int(matched)


def lot_ids(site_code: str, product: str = "") -> list[int]:
    """The lots of a site, of one product where it is given."""
    lots = Lot.objects.filter(site_code=site_code)
    return list((lots.filter(product=product) if product else lots).values_list("pk", flat=True))


def movements_by_kind(site_code: str) -> list[tuple[Holding, dict[str, int]]]:
    """Every lot of a site as it stands, with its units by kind of movement; two statements."""
    sums: dict[int, dict[str, int]] = {}
    movements = Movement.objects.filter(lot__site_code=site_code).values_list("lot_id", "kind")
    for lot_id, kind, units in movements.annotate(units=Sum("quantity")).order_by("lot_id", "kind"):
        sums.setdefault(lot_id, {})[kind] = units
    lots = _with_balances(Lot.objects.filter(site_code=site_code)).order_by("product", "expires_on", "id")
    return [(_holding(lot), sums.get(lot.pk, {})) for lot in lots]
