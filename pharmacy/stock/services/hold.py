"""Put stock on hold after it came, and say that units of a lot were mixed."""

from __future__ import annotations

from pharmacy.stock.booking import lot_number_typed
from pharmacy.stock.consignments import ScannedConsignment, consignment_by_code, is_held_itself
from pharmacy.stock.hold_causes import HoldCause
from pharmacy.stock.models import Hold, Lot, Mixing, NamedHold, ProvisionalMixing
from pharmacy.stock.place_on_hold import hold_consignment, hold_lot, report_uneven, strike, widen
from pharmacy.stock.selectors import is_mixed, is_mixed_with_found, lot_by_number, lot_for, receipts_of
from randomization.accounts.policies import check_can
from randomization.accounts.roles import Permission, Role
from randomization.audit.record import record
from randomization.notices.models import Channel
from randomization.notices.outbox import queue
from randomization.shared import clock
from randomization.shared.actor import Actor
from randomization.shared.errors import InvalidInput, Refused
from randomization.shared.foreseen import Accepted
from randomization.shared.sentences import sentence as _
from randomization.shared.service import service
from randomization.unblinded.formulary.contents import Source
from randomization.unblinded.lists.selectors import plans_in_use


def _scanned(site_code: str, code: str) -> ScannedConsignment | None:
    if not code.strip():
        return None
    scanned = consignment_by_code(site_code, code)
    if scanned is None:
        raise InvalidInput(
            _("No consignment of this site has this code: scan the shelf label again."), field="consignment"
        )
    return scanned


def _check_plan(product: str) -> None:
    plan = plans_in_use()
    if product not in plan.products:
        raise InvalidInput(_("The plan has no such product."), field="product")


@service
def put_on_hold(
    *,
    actor: Actor,
    site_code: str,
    reason: str,
    product: str = "",
    lot_number: str = "",
    consignment: str = "",
    elsewhere: bool = False,
    accepted: Accepted | None = None,
) -> Hold | None:
    """Put one consignment on hold, or a whole lot, and strike every prepared syringe of its routes at the site.

    consignment: the code on the shelf label; else product and lot number as printed, which the first delivery note of
    the lot finds on hold, too. A lot of which delivery notes were mixed is put on hold as a whole. elsewhere: the lot
    is not booked in here, and what was prepared is struck all the same; then None is returned. accepted: what may
    become void; None: nobody is asked. Raises InvalidInput naming the field, Refused for what is on hold already,
    VoidsNotAccepted.
    """
    check_can(actor, Permission.STOCK_MANAGE, site_code=site_code)
    if not reason.strip():
        raise InvalidInput(_("Say why it is put on hold."), field="reason", code="reason_missing")
    scanned, now = _scanned(site_code, consignment), clock.now()
    if scanned is None:
        _check_plan(product)
        lot = lot_by_number(site_code, product, lot_number_typed(lot_number, field="lot_number"))
        if lot is None and not elsewhere:
            raise InvalidInput(
                _("This lot is not booked in here: read it again, or say that it is not booked in."),
                field="lot_number",
            )
    else:
        lot = scanned.lot
    if scanned is not None and is_held_itself(scanned.consignment):
        raise Refused(_("This consignment is on hold already."), code="on_hold")
    hold = None
    if lot is not None:
        Lot.objects.select_for_update().get(pk=lot.pk)
        hold = (
            hold_consignment(actor, scanned.consignment, HoldCause.PHARMACY, now)
            if scanned is not None and not (is_mixed(lot) and scanned.by_note)
            else hold_lot(actor, lot, HoldCause.PHARMACY, now)
        )
    of, number = (lot.product, lot.number) if lot is not None else (product, lot_number.strip())
    if scanned is None and plans_in_use().products[product].source is Source.SPONSOR:
        NamedHold.objects.create(site_code=site_code, product=product, number=number, at=now, by=actor.user_name)
    strike(actor, [of], HoldCause.PHARMACY, now, site_code=site_code, accepted=accepted)
    if scanned is not None and not scanned.by_note:
        report_uneven(actor, scanned.lot)
    record(
        actor=actor,
        action="stock.hold",
        subject=number,
        stream=site_code,
        data={"product": of, "consignment": scanned.code if scanned else "", "booked_in": lot is not None},
        texts={"reason": reason},
    )
    _tell(site_code, f"{of} lot {number}")
    return hold


def _tell(site_code: str, about: str) -> None:
    queue(
        channel=Channel.PEOPLE,
        kind="excursion",
        site_code=site_code,
        payload={"about": about},
        roles=[Role.PHARMACIST, Role.PREPARER, Role.UNBLINDED_MONITOR],
    )


def _are_of_notes(lot: Lot, of_notes: bool | None) -> bool:
    """Whether units of several delivery notes were mixed; asked only where it could be otherwise."""
    notes, provisional = receipts_of(lot)
    if notes + provisional < 2:
        raise Refused(_("One receipt alone brought this lot: nothing of it can be mixed."), code="one_receipt")
    if notes < 2:
        return False
    if not provisional:
        return True
    if of_notes is None:
        raise InvalidInput(_("Say what was mixed."), field="of_notes", code="of_notes_missing")
    return of_notes


@service
def note_mixing(
    *, actor: Actor, lot_id: int, reason: str, of_notes: bool | None = None, accepted: Accepted | None = None
) -> None:
    """Say that units of several receipts of a lot cannot be told apart any more: holds fall on all of it.

    of_notes: units of at least two delivery notes were mixed; False: of one, with units received provisionally, which
    changes nothing of what counts as there. None: only where it cannot be the one or the other.
    Where one of them is on hold now, the whole lot is from here on, and the routes are struck. accepted: as for
    `put_on_hold`. Raises NotFound at another site, InvalidInput without a reason or `of_notes`, Refused where it was
    said before or one receipt brought all, VoidsNotAccepted.
    """
    lot = lot_for(actor, lot_id, Permission.STOCK_MANAGE)
    if not reason.strip():
        raise InvalidInput(_("Say how the units were mixed."), field="reason", code="reason_missing")
    Lot.objects.select_for_update().get(pk=lot.pk)
    if is_mixed(lot):
        raise Refused(_("This lot is on record as mixed."), code="mixed")
    notes = _are_of_notes(lot, of_notes)
    if not notes and is_mixed_with_found(lot):
        raise Refused(_("This lot is on record as mixed."), code="mixed")
    now = clock.now()
    (Mixing if notes else ProvisionalMixing).objects.create(lot=lot, at=now, by=actor.user_name)
    held = Hold.objects.filter(lot=lot, outcome="").exclude(consignment=None).order_by("id").first()
    if held is not None and notes:
        hold_lot(actor, lot, HoldCause(held.cause), now, held.excursion)
    if held is not None and not notes:
        widen(lot)
        report_uneven(actor, lot)
    if held is not None:
        strike(actor, [lot.product], HoldCause(held.cause), now, site_code=lot.site_code, accepted=accepted)
    record(
        actor=actor,
        action="stock.mixed",
        subject=lot.number,
        stream=lot.site_code,
        data={"product": lot.product, "held": held is not None, "of_notes": notes},
        texts={"reason": reason},
    )
