"""Open a carton: its code is read once and kept in the register for the units in it; close it when it is empty.

One that was opened in error stays in the register and gives nothing.
"""

from __future__ import annotations

from django.db import IntegrityError

from pharmacy.stock.asked_of_preparation import preparations
from pharmacy.stock.cartons import carton_for, left_in, why_not_open
from pharmacy.stock.models import Carton
from pharmacy.stock.read_pack import Pack, Typed, product_in_plan, read_pack
from pharmacy.stock.selectors import holdings, local_date
from randomization.accounts.policies import check_can
from randomization.accounts.roles import Permission
from randomization.audit.record import record
from randomization.blinded.sites.for_unblinded import site
from randomization.shared import clock
from randomization.shared.actor import Actor
from randomization.shared.errors import InvalidInput, Refused
from randomization.shared.sentences import sentence as _
from randomization.shared.service import savepoint, service

MOST_UNITS = 1000


def _check_usable(pack: Pack, zone: str) -> None:
    against = why_not_open(holdings([pack.lot.pk])[0], local_date(clock.now(), zone))
    if against:
        raise Refused(
            _("Lot %(number)s %(against)s: do not open it.", number=pack.lot.number, against=against),
            code="lot_not_usable",
        )


def _opened_already() -> Refused:
    return Refused(_("This carton is in the register already: take its units from there."), code="opened_already")


@service
def open_carton(*, actor: Actor, site_code: str, product: str, typed: Typed, units: int | None = None) -> Carton:
    """Write a carton into the register as it is opened, by scanning it, or typed with a reason.

    units: how many are in it, where that was counted. Raises as `read_pack`, and Refused for a lot on hold or expired
    (`lot_not_usable`) or the same carton twice (`opened_already`).
    """
    check_can(actor, Permission.PREPARATION_MAKE, site_code=site_code)
    product_in_plan(product)
    if units is not None and not 1 <= units <= MOST_UNITS:
        raise InvalidInput(
            _("Write how many units are in it, from 1 to %(most)s, or leave it empty.", most=MOST_UNITS), field="units"
        )
    pack = read_pack(site_code, product, typed)
    _check_usable(pack, site(actor, site_code).time_zone)
    try:
        with savepoint():
            opened = Carton.objects.create(
                lot=pack.lot,
                gtin=pack.gtin,
                serial=pack.serial,
                read=pack.read,
                expires_on=pack.expires_on,
                units=units,
                consignment=pack.consignment,
                opened_at=clock.now(),
                opened_by=actor.user_name,
            )
    except IntegrityError as error:
        raise _opened_already() from error
    record(
        actor=actor,
        action="stock.open_carton",
        subject=pack.lot.number,
        stream=site_code,
        data={
            "carton": opened.pk,
            "product": product,
            "expires_on": pack.expires_on.isoformat(),
            "read": str(pack.read),
            "gtin": pack.gtin,
            "serial": pack.serial,
            "units": units,
        },
        texts={"reason": typed.reason},
    )
    return opened


@service
def close_carton(*, actor: Actor, carton_id: int) -> Carton:
    """Say that a carton is empty or put away: nothing more is taken from it. Raises NotFound at another site."""
    carton_for(actor, carton_id, Permission.PREPARATION_MAKE)
    carton = Carton.objects.select_for_update(of=("self",)).select_related("lot").get(pk=carton_id)
    if carton.closed_at is not None:
        raise Refused(_("This carton is closed already."), code="closed")
    carton.closed_at, carton.closed_by = clock.now(), actor.user_name
    carton.save(update_fields=["closed_at", "closed_by"])
    record(
        actor=actor,
        action="stock.close_carton",
        subject=carton.lot.number,
        stream=carton.lot.site_code,
        data={"carton": carton.pk, "product": carton.lot.product, "left": left_in(carton)},
    )
    return carton


@service
def record_opened_in_error(*, actor: Actor, carton_id: int, reason: str) -> Carton:
    """Say that a carton was written into the register in error, open or closed: it stays there and gives nothing.

    Raises NotFound at another site, InvalidInput without a reason, Refused where a syringe that is not void holds units
    of it (`units_taken`), and for one that is on record as opened in error (`in_error`).
    """
    carton_for(actor, carton_id, Permission.STOCK_MANAGE)
    if not reason.strip():
        raise InvalidInput(_("Say what was wrong."), field="reason", code="reason_missing")
    carton = Carton.objects.select_for_update(of=("self",)).select_related("lot").get(pk=carton_id)
    if carton.in_error_at is not None:
        raise Refused(_("This carton is on record as opened in error already."), code="in_error")
    syringes = preparations().not_void(list(carton.uses.values_list("preparation_uid", flat=True)))
    if syringes:
        raise Refused(
            _(
                "Units of carton %(number)s are on record in %(syringes)s. Void each syringe that was not given and "
                "say it again; or close the carton, then nothing more is taken from it.",
                number=carton.pk,
                syringes=", ".join(syringes),
            ),
            code="units_taken",
        )
    carton.in_error_at, carton.in_error_by = clock.now(), actor.user_name
    if carton.closed_at is None:
        carton.closed_at, carton.closed_by = carton.in_error_at, carton.in_error_by
    carton.save(update_fields=["in_error_at", "in_error_by", "closed_at", "closed_by"])
    record(
        actor=actor,
        action="stock.carton_in_error",
        subject=carton.lot.number,
        stream=carton.lot.site_code,
        data={"carton": str(carton.pk), "product": carton.lot.product, "opened_by": carton.opened_by},
        texts={"reason": reason},
    )
    return carton
