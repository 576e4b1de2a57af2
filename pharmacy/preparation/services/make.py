"""The syringe is made: which lots went into it, signed by who made it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final
from uuid import UUID

from pharmacy.preparation.checking import covering_sites
from pharmacy.preparation.instruction import Taken, in_words, last_day, needs_of
from pharmacy.preparation.models import Preparation
from pharmacy.preparation.selectors import preparation_for
from pharmacy.preparation.states import PreparationState, check_transition
from pharmacy.stock.booking import book, hospital_lot, lock_lots, use_of_hospital
from pharmacy.stock.ledger import Holding, Kind, NotEnough, first_expiring
from pharmacy.stock.models import Lot
from pharmacy.stock.selectors import elsewhere, holdings
from randomization.accounts.policies import check_can
from randomization.accounts.roles import Permission, Role
from randomization.accounts.services.sign import use_signature
from randomization.audit.record import record
from randomization.notices.models import Channel
from randomization.notices.outbox import queue
from randomization.shared import clock
from randomization.shared.actor import Actor
from randomization.shared.errors import InvalidInput, Refused
from randomization.shared.identifiers import same
from randomization.shared.sentences import sentence as _
from randomization.shared.service import service
from randomization.unblinded.lists.plan import Source
from randomization.unblinded.lists.selectors import plan_in_force

MEANING: Final = "prepared as instructed"


@dataclass(frozen=True, slots=True)
class TypedLot:
    """A lot as scanned or typed; the expiry is asked for the hospital's own stock alone."""

    number: str
    expires_on: date | None = None


def signed_content(
    uids: Sequence[UUID], lots: Mapping[str, TypedLot], expected: Mapping[str, str] | None = None
) -> dict[str, Any]:
    """What the preparer signs: which preparations, the lots that were typed, and those that the page said to take."""
    return {
        "expected": dict(sorted((expected or {}).items())),
        "preparations": sorted(str(uid) for uid in uids),
        "lots": {code: [lot.number, str(lot.expires_on or "")] for code, lot in sorted(lots.items())},
    }


def locked(actor: Actor, uids: Sequence[UUID], new: PreparationState) -> list[Preparation]:
    """The preparations of one kit that may go on to `new`, locked in order. Raises NotFound at another site."""
    if not uids:
        raise InvalidInput(_("Choose what to go on with."), field="preparations")
    for uid in uids:
        preparation_for(actor, uid)
    found = list(Preparation.objects.select_for_update().filter(uid__in=uids).order_by("planned_at", "route"))
    if len({one.kit_code for one in found}) != 1:
        raise InvalidInput(_("One patient at a time."), field="preparations")
    for one in found:
        check_transition(PreparationState(one.state), new)
    return found


def _scanned(held: Sequence[Holding], site_code: str, product: str, number: str) -> Holding:
    """The one lot that was scanned; Refused where it is not here."""
    for lot in held:
        if same(lot.number, number):
            return lot
    if elsewhere(site_code, product, number):
        raise Refused(
            _(
                "Lot %(number)s of %(product)s is booked in at another site: do not use it.",
                number=number,
                product=product,
            ),
            code="other_site",
        )
    raise Refused(
        _(
            "Lot %(number)s of %(product)s is not booked in here: scan again, or book it in provisionally.",
            number=number,
            product=product,
        ),
        code="unknown_lot",
    )


def _take(actor: Actor, made: Preparation, product: str, units: int, typed: TypedLot | None) -> Taken:
    """Book what one syringe takes of one counted product; returns the lots."""
    held, until = lock_lots(made.site_code, [product]), last_day(made)
    if typed and typed.number.strip():
        held = [_scanned(held, made.site_code, product, typed.number)]
        against = held[0].reason_against_taking(until)
        if against:
            raise Refused(
                _("Lot %(number)s %(against)s: do not use it.", number=held[0].number, against=against),
                code="lot_not_usable",
            )
    try:
        chosen = first_expiring(held, units, until)
    except NotEnough as error:
        is_typed = typed is not None and typed.number.strip()
        where = (
            _("Lot %(number)s", number=held[0].number)
            if is_typed
            else _("The usable stock of %(product)s here", product=product)
        )
        raise Refused(
            _("%(where)s holds fewer than the %(units)s units of this syringe.", where=where, units=units),
            code="not_enough",
        ) from error
    for lot_id, taken in chosen:
        book(actor, Lot.objects.get(pk=lot_id), Kind.USE, taken, reference=str(made.uid))
    numbers = {lot.lot_id: lot.number for lot in held}
    return [(numbers[lot_id], taken) for lot_id, taken in chosen]


def _take_from_hospital(actor: Actor, made: Preparation, product: str, units: int, typed: TypedLot | None) -> Taken:
    """Record the lot of the hospital's own stock that was typed, and its use."""
    if typed is None or not typed.number.strip() or typed.expires_on is None:
        raise InvalidInput(
            _("Type lot and expiry of the hospital's %(product)s.", product=product), field="lots", code="lot_missing"
        )
    lot = hospital_lot(made.site_code, product, typed.number.strip(), typed.expires_on)
    lock_lots(made.site_code, [product])
    held = holdings([lot.pk])[0]
    against = held.reason_against(last_day(made))
    if against:
        raise Refused(
            _("Lot %(number)s %(against)s: do not use it.", number=lot.number, against=against), code="lot_not_usable"
        )
    use_of_hospital(actor, lot, units, reference=str(made.uid))
    return [(lot.number, units)]


def take_lots(actor: Actor, made: Preparation, lots: Mapping[str, TypedLot]) -> dict[str, Taken]:
    """Inside the running service: book what one syringe takes; returns the lots by product. Raises as `make`."""
    plan, taken = plan_in_force(), dict[str, Taken]()
    for product, units in needs_of(made).items():
        counted = plan is not None and plan.products[product].source is Source.SPONSOR
        take = _take if counted else _take_from_hospital
        taken[product] = take(actor, made, product, units, lots.get(product))
    return taken


def lots_in_words(taken: Mapping[str, Taken]) -> list[str]:
    """For the trail: `PRODUCT lot`, each."""
    return [f"{product} {number}" for product, lots in taken.items() for number, _ in lots]


def _check_expected(
    took: Sequence[Mapping[str, Taken]], lots: Mapping[str, TypedLot], expected: Mapping[str, str]
) -> None:
    """Raise Refused where other lots would be booked than the page told the person to take."""
    for product, words in expected.items():
        typed = lots.get(product)
        if typed is not None and typed.number.strip():
            continue
        if in_words(one for taken in took for one in taken.get(product, ())) != words:
            raise Refused(
                _(
                    "The stock of %(product)s changed, or other syringes were shown: look at the lots again "
                    "and take those.",
                    product=product,
                ),
                code="stock_changed",
            )


@service
def make(
    *, actor: Actor, uids: Sequence[UUID], lots: Mapping[str, TypedLot], grant: UUID,
    expected: Mapping[str, str] | None = None,
) -> list[Preparation]:  # fmt: skip
    """Sign that one syringe, or a patient's day, was made as instructed; what it took leaves the stock.

    lots: by product, as scanned; a counted product without one is taken first expiring first. expected: by product,
    the lots that the person was told to take; where others would be booked, nothing is. Raises Refused (with
    the reason, and nothing booked) for a lot that is expired, on hold, not here or not enough, InvalidInput for
    hospital stock without lot and expiry.
    """
    found = locked(actor, uids, PreparationState.MADE)
    check_can(actor, Permission.PREPARATION_MAKE, site_code=found[0].site_code)
    use_signature(
        actor=actor,
        grant=grant,
        meaning=MEANING,
        subject=found[0].kit_code,
        content=signed_content(uids, lots, expected),
    )
    took = []
    for made in found:
        taken = take_lots(actor, made, lots)
        took.append(taken)
        made.state, made.made_at, made.made_by = PreparationState.MADE, clock.now(), actor.user_name
        made.save(update_fields=["state", "made_at", "made_by"])
        record(
            actor=actor, action="preparation.make", subject=str(made.uid), stream=made.site_code,
            data={"lots": lots_in_words(taken), "signature": str(grant)},
        )  # fmt: skip
    _check_expected(took, lots, expected or {})
    _ask_covers(found)
    return found


def _ask_covers(made: Sequence[Preparation]) -> None:
    """Tell the sites that check here that something waits for them; the kit alone is named."""
    for site_code in covering_sites(made[0].site_code):
        queue(
            channel=Channel.PEOPLE, kind="check_wanted", site_code=site_code, roles=[Role.PHARMACIST, Role.PREPARER],
            payload={"kit_code": made[0].kit_code},
        )  # fmt: skip
