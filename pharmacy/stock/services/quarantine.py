"""Excursions, recalls, and how a quarantine ends. What was prepared is voided by the pharmacy's sweep."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

from django.db.models import Exists, OuterRef

from pharmacy.stock.arrival_temperature import MOST_DEGREES
from pharmacy.stock.asked_of_preparation import preparations
from pharmacy.stock.booking import lot_number_typed
from pharmacy.stock.consignments import lay_there, left_of
from pharmacy.stock.destroying import order_needed
from pharmacy.stock.destructions import is_ordered
from pharmacy.stock.expected_voids import stored_in
from pharmacy.stock.hold_causes import HoldCause, Outcome
from pharmacy.stock.models import Excursion, Hold, Lot, Recall
from pharmacy.stock.place_on_hold import hold_consignment, hold_lot, strike
from pharmacy.stock.quarantines import hold_for, is_recalled
from pharmacy.stock.scanned_lot import read_lot
from pharmacy.stock.selectors import holdings, is_mixed
from randomization.accounts.policies import check_can
from randomization.accounts.roles import Permission, Role
from randomization.audit.record import record
from randomization.blinded.sites.for_unblinded import protocol_in_force
from randomization.notices.models import Channel
from randomization.notices.outbox import queue
from randomization.shared import clock
from randomization.shared.actor import Actor
from randomization.shared.errors import InvalidInput, Refused
from randomization.shared.exact import check_fits
from randomization.shared.foreseen import Accepted
from randomization.shared.identifiers import canonical
from randomization.shared.plausible import check_recent
from randomization.shared.sentences import sentence as _
from randomization.shared.sentences import word
from randomization.shared.service import service
from randomization.unblinded.formulary.contents import Source
from randomization.unblinded.lists.selectors import plans_in_use


def _check_readings(lowest_c: Decimal | None, highest_c: Decimal | None) -> None:
    if (lowest_c is None) != (highest_c is None):
        raise InvalidInput(_("Give both readings, or none of them."), field="highest_c")
    if (
        lowest_c is not None
        and highest_c is not None
        and not (
            lowest_c.is_finite() and highest_c.is_finite() and -MOST_DEGREES <= lowest_c <= highest_c <= MOST_DEGREES
        )
    ):
        raise InvalidInput(_("The lowest reading lies above the highest, or cannot be: check both."), field="lowest_c")
    for field, reading in (("lowest_c", lowest_c), ("highest_c", highest_c)):
        if reading is not None:
            check_fits(reading, field=field, digits=5, places=1)


@service
def report_excursion(
    *,
    actor: Actor,
    site_code: str,
    storage: str,
    starts_at: datetime,
    ends_at: datetime,
    lowest_c: Decimal | None,
    highest_c: Decimal | None,
    reason: str,
    accepted: Accepted | None = None,
) -> Excursion:
    """Put on hold what lay in a storage before the excursion ended, whatever product it is; strike the routes.

    Struck is what was opened since the working session that reached the excursion (docs/decisions/0038).

    lowest_c, highest_c: degrees Celsius; both None: no readings. accepted: what may become void; None: nobody is asked.
    Raises InvalidInput naming the field, VoidsNotAccepted.
    """
    check_can(actor, Permission.STOCK_MANAGE, site_code=site_code)
    stored = stored_in(storage)
    if not stored:
        raise InvalidInput(_("No product of the plan is kept in this storage."), field="storage")
    if not starts_at < ends_at <= clock.now():
        raise InvalidInput(_("The excursion ends after it starts, and not in the future."), field="ends_at")
    check_recent(starts_at, protocol_in_force(site_code).moments.stored, field="starts_at")
    _check_readings(lowest_c, highest_c)
    if not reason.strip():
        raise InvalidInput(_("Say what happened."), field="reason", code="reason_missing")
    excursion = Excursion.objects.create(
        site_code=site_code,
        storage=storage,
        starts_at=starts_at,
        ends_at=ends_at,
        lowest_c=lowest_c,
        highest_c=highest_c,
        at=clock.now(),
        by=actor.user_name,
    )
    since = preparations().opened_from(site_code, starts_at)
    strike(actor, stored, HoldCause.EXCURSION, excursion.at, site_code=site_code, opened_from=since, accepted=accepted)
    lots = Lot.objects.select_for_update().filter(site_code=site_code, product__in=stored, first_at__lt=ends_at)
    held = [hold for lot in lots.order_by("id") for hold in _hold_what_lay_there(actor, lot, excursion)]
    record(
        actor=actor,
        action="stock.excursion",
        subject=str(excursion.pk),
        stream=site_code,
        data={
            "storage": storage,
            "starts_at": clock.stamp(starts_at),
            "ends_at": clock.stamp(ends_at),
            "lowest_c": None if lowest_c is None else str(lowest_c),
            "highest_c": None if highest_c is None else str(highest_c),
            "lots": [f"{hold.lot.product} {hold.lot.number}" for hold in held],
        },
        texts={"reason": reason},
    )
    _tell(site_code, "excursion", storage)
    return excursion


def _hold_what_lay_there(actor: Actor, lot: Lot, excursion: Excursion) -> list[Hold]:
    """The consignments of a lot that came before the end; all of a mixed lot, or one of the hospital's own stock."""
    there = lay_there(lot, excursion.ends_at)
    by_note = any(consignment.delivery_note for consignment in there)
    if lot.source == Source.HOSPITAL or (by_note and is_mixed(lot)):
        return [hold_lot(actor, lot, HoldCause.EXCURSION, excursion.at, excursion)]
    return [hold_consignment(actor, consignment, HoldCause.EXCURSION, excursion.at, excursion) for consignment in there]


@service
def recall(
    *,
    actor: Actor,
    product: str,
    lot_number: str,
    reason: str,
    ahead: bool = False,
    accepted: Accepted | None = None,
) -> list[Hold]:
    """Quarantine a lot wherever it lies, in one step; booked in later, it is on hold.

    It strikes the routes that may need the product at every site: where units were received provisionally, which a
    syringe with drug in it alone may have asked for, cannot be told from where none were.
    ahead: no site needs to have it yet. accepted: what may become void; None: nobody is asked. Raises InvalidInput for
    another product, a lot that nobody has, or one that is recalled already; VoidsNotAccepted.
    """
    check_can(actor, Permission.STOCK_RECALL)
    if not reason.strip():
        raise InvalidInput(_("Say why the lot is recalled."), field="reason", code="reason_missing")
    now = clock.now()
    plan = plans_in_use()
    if product not in plan.products:
        raise InvalidInput(_("The plan has no such product."), field="product")
    number = lot_number_typed(read_lot(lot_number).number, field="lot_number")
    recalled = Hold.objects.filter(lot=OuterRef("pk"), cause=HoldCause.RECALL, outcome="")
    lots = Lot.objects.select_for_update().filter(product=product, canonical_number=canonical(number)).order_by("id")
    held = [hold_lot(actor, lot, HoldCause.RECALL, now) for lot in lots.exclude(Exists(recalled))]
    if not held and is_recalled(product, number):
        raise InvalidInput(_("This lot is recalled already, at every site that has it."), field="lot_number")
    if not held and not ahead:
        raise InvalidInput(
            _("No site holds this lot: read it again, or say that it is still to come."), field="lot_number"
        )
    Recall.objects.create(product=product, number=number, at=now, by=actor.user_name)
    strike(actor, [product], HoldCause.RECALL, now, accepted=accepted)
    record(
        actor=actor,
        action="stock.recall",
        subject=number,
        data={"product": product, "sites": [hold.lot.site_code for hold in held]},
        texts={"reason": reason},
    )
    for hold in held:
        record(
            actor=actor,
            action="stock.recall",
            subject=hold.lot.number,
            stream=hold.lot.site_code,
            data={"product": product},
            texts={"reason": reason},
        )
        _tell(hold.lot.site_code, "recall", f"{product} lot {hold.lot.number}")
    return held


def _tell(site_code: str, kind: str, about: str) -> None:
    """The site's pharmacy and its unblinded monitor learn that something is on hold."""
    queue(
        channel=Channel.PEOPLE,
        kind=kind,
        site_code=site_code,
        payload={"about": about},
        roles=[Role.PHARMACIST, Role.PREPARER, Role.UNBLINDED_MONITOR],
    )


@service
def decide(*, actor: Actor, hold_id: int, outcome: Outcome, reason: str) -> Hold:
    """End a hold: what it is on may be used again. Its destruction is ordered instead (`order_destruction`).

    No prepared syringe becomes void by it. A recall is decided by people who may recall.
    Raises NotFound at another site; Refused where it was decided (`decided`), for a destruction (`order_needed`), and
    while one is ordered (`ordered_already`).
    """
    unlocked = hold_for(actor, hold_id)
    if not reason.strip():
        raise InvalidInput(_("Say on what the decision rests."), field="reason", code="reason_missing")
    Lot.objects.select_for_update().get(pk=unlocked.lot_id)
    hold = Hold.objects.select_for_update(of=("self",)).select_related("lot", "consignment").get(pk=hold_id)
    if hold.outcome:
        raise Refused(
            _("This quarantine was decided already: %(outcome)s.", outcome=word(hold.outcome)), code="decided"
        )
    if outcome is Outcome.DESTROYED:
        raise order_needed()
    if is_ordered(hold):
        raise Refused(
            _("Its destruction is ordered: cancel that order first, or carry it out."), code="ordered_already"
        )
    hold.outcome, hold.decided_at, hold.decided_by = outcome, clock.now(), actor.user_name
    hold.save(update_fields=["outcome", "decided_at", "decided_by"])
    left = holdings([hold.lot_id])[0].balance if hold.consignment is None else left_of(hold.consignment)
    record(
        actor=actor,
        action="stock.decide",
        subject=hold.lot.number,
        stream=hold.lot.site_code,
        data={"product": hold.lot.product, "cause": hold.cause, "outcome": str(outcome), "units": left},
        texts={"reason": reason},
    )
    return hold
