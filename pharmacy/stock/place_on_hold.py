"""Put consignments and lots on hold, and strike what was prepared: inside the running service."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from pharmacy.stock.asked_of_preparation import StrikeFacts, preparations
from pharmacy.stock.consignments import counted_of, left_of
from pharmacy.stock.hold_causes import HoldCause
from pharmacy.stock.models import Consignment, Excursion, Hold, Lot, Strike
from randomization.accounts.roles import Role
from randomization.audit.record import record
from randomization.notices.models import Channel
from randomization.notices.outbox import queue
from randomization.shared.actor import Actor
from randomization.shared.foreseen import Accepted, check_accepted, in_the_pharmacy
from randomization.shared.service import current_scope


def hold_lot(actor: Actor, lot: Lot, cause: HoldCause, at: datetime, excursion: Excursion | None = None) -> Hold:
    """Put a whole lot on hold."""
    current_scope()
    return Hold.objects.create(lot=lot, cause=cause, excursion=excursion, placed_at=at, placed_by=actor.user_name)


def hold_consignment(
    actor: Actor, consignment: Consignment, cause: HoldCause, at: datetime, excursion: Excursion | None = None
) -> Hold:
    """Put one consignment on hold, with what of it lies there and what counts as there."""
    current_scope()
    return Hold.objects.create(
        lot=consignment.lot,
        consignment=consignment,
        units=left_of(consignment),
        arm_neutral_units=counted_of(consignment),
        cause=cause,
        excursion=excursion,
        placed_at=at,
        placed_by=actor.user_name,
    )


def widen(lot: Lot) -> None:
    """Let the holds on consignments of a lot hold all that they were mixed with; what counts as there stays fixed."""
    current_scope()
    for hold in Hold.objects.select_related("consignment").filter(lot=lot, outcome=""):
        if hold.consignment is not None:
            hold.units = left_of(hold.consignment)
            hold.save(update_fields=["units"])


def strike(
    actor: Actor,
    products: Iterable[str],
    cause: HoldCause,
    at: datetime,
    *,
    site_code: str = "",
    opened_from: datetime | None = None,
    accepted: Accepted | None,
) -> None:
    """Strike the syringes of every route that may need the products; an empty site means every site.

    Raises VoidsNotAccepted unless exactly those were accepted that become void by it; see `check_accepted`.
    """
    current_scope()
    struck = sorted(products)
    if accepted is not None:
        facts = [StrikeFacts(site_code, product, at, opened_from) for product in struck]
        check_accepted(preparations().struck_by(facts), accepted, in_the_pharmacy)
    for product in struck:
        Strike.objects.create(
            site_code=site_code, product=product, opened_from=opened_from, at=at, cause=cause, by=actor.user_name
        )


def report_uneven(actor: Actor, lot: Lot) -> None:
    """A hold strikes for units received provisionally, of which one arm alone may have any.

    The patient comes first; the unblinded monitor is told that the ward could notice.
    """
    record(
        actor=actor,
        action="blind.risk",
        subject=lot.number,
        stream=lot.site_code,
        data={"kind": "struck for units received provisionally"},
    )
    queue(
        channel=Channel.PEOPLE,
        kind="blind_risk",
        site_code=lot.site_code,
        roles=[Role.UNBLINDED_MONITOR],
        payload={"about": f"{lot.product} lot {lot.number}"},
    )
