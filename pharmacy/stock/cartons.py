"""Reads of the register of opened cartons."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.db.models import Exists, OuterRef, Q, Sum

from pharmacy.stock.ledger import Holding
from pharmacy.stock.models import Carton, Lot, Movement
from pharmacy.stock.quarantines import is_recalled_unheld
from pharmacy.stock.selectors import holdings, local_date
from randomization.accounts.policies import check_can
from randomization.accounts.roles import Permission
from randomization.audit.selectors import texts_by_value
from randomization.blinded.sites.for_unblinded import site
from randomization.shared import clock
from randomization.shared.actor import SYSTEM, Actor
from randomization.shared.errors import NotFound
from randomization.shared.sentences import sentence as _
from randomization.unblinded.formulary.contents import Source


@dataclass(frozen=True, slots=True)
class CartonRow:
    """An opened carton as it is: `left` units where they were counted; `against`: why nothing may be taken from it."""

    carton: Carton
    expires_on: date
    left: int | None
    against: str

    @property
    def pk(self) -> int:
        """Its number in the register."""
        return int(self.carton.pk)

    @property
    def product(self) -> str:
        """Code of the product in the plan."""
        return str(self.carton.lot.product)

    @property
    def lot_number(self) -> str:
        """As printed."""
        return str(self.carton.lot.number)


def left_in(carton: Carton) -> int | None:
    """Units left in a carton; None where they were not counted when it was opened."""
    if carton.units is None:
        return None
    used = carton.uses.aggregate(n=Sum("units"))["n"] or 0
    return max(0, carton.units - int(used))


def why_not_open(holding: Holding, today: date) -> str:
    """Why nothing may be taken from the cartons of a lot today; empty where it may."""
    if holding.expires_on < today:
        return _("expired on %(day)s", day=f"{holding.expires_on:%d %b %Y}")
    return holding.reason_against_taking(today)


def _rows(cartons: Sequence[Carton], today: date) -> list[CartonRow]:
    held = {holding.lot_id: holding for holding in holdings([carton.lot_id for carton in cartons])}
    return [
        CartonRow(carton, held[carton.lot_id].expires_on, left_in(carton), why_not_open(held[carton.lot_id], today))
        for carton in cartons
    ]


def row_of(carton: Carton) -> CartonRow:
    """One carton as it is."""
    return _rows([carton], local_date(clock.now(), site(SYSTEM, carton.lot.site_code).time_zone))[0]


def open_cartons(site_code: str, product: str = "") -> list[CartonRow]:
    """The cartons open at a site, of one product where it is given; the first opened first."""
    cartons = Carton.objects.select_related("lot").filter(lot__site_code=site_code, closed_at=None)
    if product:
        cartons = cartons.filter(lot__product=product)
    today = local_date(clock.now(), site(SYSTEM, site_code).time_zone)
    return _rows(list(cartons.order_by("opened_at", "id")), today)


def cartons_for(actor: Actor, site_code: str) -> list[CartonRow]:
    """As `open_cartons`, for a person of the site."""
    check_can(actor, Permission.PREPARATION_READ, site_code=site_code)
    return open_cartons(site_code)


@dataclass(frozen=True, slots=True)
class ClosedRow:
    """A carton that gives nothing any more; `reason`: what was wrong, where it was opened in error."""

    carton: Carton
    reason: str


def closed_cartons(actor: Actor, site_code: str) -> list[ClosedRow]:
    """The cartons that were closed last at a site, newest first."""
    check_can(actor, Permission.PREPARATION_READ, site_code=site_code)
    closed = Carton.objects.select_related("lot").filter(lot__site_code=site_code).exclude(closed_at=None)
    cartons = list(closed.order_by("-closed_at", "-id")[:50])
    in_error = [str(carton.pk) for carton in cartons if carton.in_error_at is not None]
    reasons = texts_by_value(actor, "stock.carton_in_error", "carton", in_error) if in_error else {}
    return [ClosedRow(carton, reasons.get(str(carton.pk), "")) for carton in cartons]


def cartons_with_uses(site_code: str) -> list[tuple[Carton, int]]:
    """Every carton of a site's register with the units taken from it, oldest first; one statement."""
    cartons = Carton.objects.select_related("lot").filter(lot__site_code=site_code)
    return [(carton, carton.taken or 0) for carton in cartons.annotate(taken=Sum("uses__units")).order_by("id")]


def hospital_lots_at(site_code: str, product: str) -> list[Holding]:
    """The lots of the hospital's own stock that were used here before and may be used today, the newest first.

    One that is known by a carton opened in error alone was read wrongly, and is not among them.
    """
    today = local_date(clock.now(), site(SYSTEM, site_code).time_zone)
    kept = Lot.objects.filter(site_code=site_code, product=product, source=Source.HOSPITAL)
    read_rightly = Exists(Carton.objects.filter(lot=OuterRef("pk"), in_error_at=None))
    used = Exists(Movement.objects.filter(lot=OuterRef("pk")))
    lots = list(kept.filter(Q(used) | Q(read_rightly)).order_by("-id")[:50])
    held = {holding.lot_id: holding for holding in holdings([lot.pk for lot in lots])}
    return [held[lot.pk] for lot in lots if not why_not_open(held[lot.pk], today) and not is_recalled_unheld(lot)]


def carton_for(actor: Actor, carton_id: int, permission: Permission = Permission.PREPARATION_READ) -> Carton:
    """One carton; raises NotFound at another site."""
    carton = Carton.objects.select_related("lot").filter(pk=carton_id).first()
    if carton is None:
        raise NotFound()
    check_can(actor, permission, site_code=carton.lot.site_code)
    return carton
