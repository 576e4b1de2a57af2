"""Consignments: what one receipt brought of a lot, under a code on its shelf label."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Exists, OuterRef, Q, QuerySet, Sum

from pharmacy.stock.asked_of_preparation import preparations
from pharmacy.stock.ledger import Kind, counted_by_receipt
from pharmacy.stock.models import Consignment, Hold, Lot, MatchedReceipt, Mixing, Movement, ProvisionalMixing
from pharmacy.stock.quarantines import barring
from randomization.shared.errors import InvalidInput
from randomization.shared.ids import new_kit_code, parse_kit_code
from randomization.shared.read_once import read_once
from randomization.shared.service import current_scope


@dataclass(frozen=True, slots=True)
class ScannedConsignment:
    """What the shelf label says: of which lot, and whether it may be used."""

    consignment: Consignment
    lot: Lot
    on_hold: bool

    @property
    def code(self) -> str:
        """The code on the label, without its dash."""
        return self.consignment.code

    @property
    def product(self) -> str:
        """Code of the product in the plan."""
        return self.lot.product

    @property
    def lot_number(self) -> str:
        """As printed on the pack."""
        return self.lot.number

    @property
    def by_note(self) -> bool:
        """Whether a delivery note brought it; else it was received provisionally, which one arm alone may ask for."""
        return bool(self.consignment.delivery_note)

    @property
    def expires_on(self) -> date:
        """The last day of use, as corrected since."""
        return self.lot.last_day


def consignment_by_code(site_code: str, code: str) -> ScannedConsignment | None:
    """The consignment at a site whose shelf label has this code, typed or scanned; None for any other text."""
    try:
        parsed = parse_kit_code(code)
    except InvalidInput:
        return None
    consignment = Consignment.objects.select_related("lot").filter(pk=parsed, lot__site_code=site_code).first()
    return ScannedConsignment(consignment, consignment.lot, is_on_hold(consignment)) if consignment else None


def is_held_itself(consignment: Consignment) -> bool:
    """Whether a consignment is on hold: itself, with its lot, or with the delivery note that it belongs to."""
    notes = MatchedReceipt.objects.filter(provisional=consignment.movement_id).values("receipt__brought")
    itself = Q(consignment=consignment) | Q(consignment__in=notes)
    return barring(Hold.objects.filter(itself | Q(consignment=None, lot=consignment.lot_id))).exists()


@read_once
def mixed_at(lot_id: int) -> datetime | None:
    """Since when units of a lot cannot be told apart (UTC), those received provisionally too; None: they can."""
    said = [
        moment
        for model in (Mixing, ProvisionalMixing)
        for moment in model.objects.filter(pk=lot_id).values_list("at", flat=True)
    ]
    return max(said, default=None)


def is_on_hold(consignment: Consignment) -> bool:
    """Whether nothing may be taken from a consignment: it is on hold, or one is that it was mixed with."""
    if is_held_itself(consignment):
        return True
    until = mixed_at(consignment.lot_id)
    if until is None or consignment.received_at > until:
        return False
    return _is_one_held(consignment.lot_id, until)


@read_once
def _is_one_held(lot_id: int, until: datetime) -> bool:
    return Hold.objects.filter(lot=lot_id, outcome="", consignment__received_at__lte=until).exists()


def may_be_held(lot: Lot, opened_at: datetime | None = None) -> bool:
    """Whether units of which nobody scanned the shelf label may be of a consignment on hold.

    opened_at: when the carton was opened that they come from (UTC).
    """
    held = Hold.objects.filter(lot=lot, outcome="", consignment__isnull=False)
    return (held if opened_at is None else held.filter(consignment__received_at__lt=opened_at)).exists()


def not_held(lot: Lot) -> QuerySet[Consignment]:
    """The consignments of a lot without a hold of their own, oldest first."""
    held = barring(Hold.objects.filter(consignment=OuterRef("pk")))
    return Consignment.objects.filter(~Exists(held), lot=lot).order_by("movement__sequence")


def new_consignment_code() -> str:
    """A code that no consignment, syringe or envelope has."""
    while True:
        code = new_kit_code()
        if not (Consignment.objects.filter(pk=code).exists() or preparations().is_pack_code(code)):
            return code


def bring(movement: Movement, units: int) -> Consignment:
    """Inside the running service: what a receipt brought, under a new code."""
    current_scope()
    return Consignment.objects.create(
        code=new_consignment_code(),
        lot=movement.lot,
        movement=movement,
        units=units,
        delivery_note=movement.reference if movement.kind == Kind.RECEIPT else "",
        received_at=movement.at,
    )


def left_of(consignment: Consignment) -> int:
    """Units of a consignment that may lie there, at most: what came, less what was taken with its shelf label scanned.

    Of one that was mixed with units received provisionally, all that came until then. For the pharmacy alone.
    """
    mixed = ProvisionalMixing.objects.filter(pk=consignment.lot_id, at__gte=consignment.received_at).first()
    if mixed is None:
        matched = MatchedReceipt.objects.filter(receipt=consignment.movement_id).aggregate(n=Sum("units"))["n"] or 0
        left = matched + _came_less_taken(Consignment.objects.filter(pk=consignment.pk))
    else:
        left = _left_of_mixed(consignment.lot_id, mixed.at)
    return max(0, min(left, _balance_of(consignment.lot_id)))


def _came_less_taken(consignments: QuerySet[Consignment]) -> int:
    came = Movement.objects.filter(brought__in=consignments).aggregate(n=Sum("quantity"))["n"] or 0
    return int(came + (Movement.objects.filter(consignment__in=consignments).aggregate(n=Sum("quantity"))["n"] or 0))


@read_once
def _left_of_mixed(lot_id: int, until: datetime) -> int:
    return _came_less_taken(Consignment.objects.filter(lot=lot_id, received_at__lte=until))


@read_once
def _balance_of(lot_id: int) -> int:
    newest = Movement.objects.filter(lot=lot_id).order_by("-sequence").values_list("balance", flat=True)
    return newest.first() or 0


def counted_of(consignment: Consignment) -> int:
    """What of a consignment counts as there: by delivery notes and openings alone, never by true use."""
    lot = consignment.lot
    last = (
        Movement.objects.filter(lot=lot).order_by("-sequence").values_list("arm_neutral_balance", flat=True).first()
        or 0
    )
    on_hold = Hold.objects.filter(lot=lot, outcome="").aggregate(n=Sum("arm_neutral_units"))["n"] or 0
    notes = list(not_held(lot).filter(movement__kind=Kind.RECEIPT).select_related("movement"))
    counted = counted_by_receipt(max(0, last - on_hold), [note.movement.arm_neutral for note in notes])
    return dict(zip([note.pk for note in notes], counted, strict=True)).get(consignment.pk, 0)


def lay_there(lot: Lot, until: datetime) -> list[Consignment]:
    """The consignments of a lot that came before a moment (UTC) and are not on hold."""
    return list(not_held(lot).filter(received_at__lt=until).select_related("movement", "lot"))


@dataclass(frozen=True, slots=True)
class ConsignmentRow:
    """A consignment for the page of its lot; `left` goes by what was scanned when units were taken."""

    consignment: Consignment
    left: int
    on_hold: bool


def consignments_of(lot: Lot) -> list[ConsignmentRow]:
    """What receipts brought of a lot, newest first."""
    consignments = Consignment.objects.filter(lot=lot).select_related("movement", "lot").order_by("-movement__sequence")
    return [
        ConsignmentRow(consignment, left_of(consignment), is_on_hold(consignment)) for consignment in consignments[:100]
    ]


@dataclass(frozen=True, slots=True)
class Brought:
    """What a receipt did, to be said afterwards: under which code it stands, and whether it is on hold."""

    movement: Movement
    consignment: Consignment
    on_hold: bool


def brought_by(movement: Movement) -> Brought:
    """What a receipt did."""
    consignment = Consignment.objects.select_related("lot").get(movement=movement)
    return Brought(movement, consignment, is_on_hold(consignment))
