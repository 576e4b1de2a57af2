"""Lots, the ledger, and what to order, over the API."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import HttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from pharmacy.stock.consignments import brought_by, consignments_of
from pharmacy.stock.ledger import WRITE_OFF, Kind
from pharmacy.stock.ordering import order_for
from pharmacy.stock.read_pack import read_delivered
from pharmacy.stock.removing import CountLot, WriteOff
from pharmacy.stock.selectors import lot_for, movements_of, stock_of, unconfirmed
from pharmacy.stock.services.move import correct_expiry, count_stock, write_off
from pharmacy.stock.services.receive import Delivered, confirm_receipt, receive, receive_provisionally
from pharmacy.stock.shelf_label import shelf_label
from randomization.accounts.policies import check_can
from randomization.accounts.roles import Permission
from randomization.delivery.api import AcceptingInput, Endpoint, Exact, Moment, accepted_in, once, once_signed
from randomization.shared.actor import Actor

S = serializers


class HoldOutput(S.Serializer[Any]):
    """One quarantine."""

    id = S.IntegerField(source="pk")
    cause = S.CharField()
    placed_at = Moment()


class LotOutput(S.Serializer[Any]):
    """One lot at the site; `holds` are the quarantines that a decision is asked for.

    `to_confirm`: units left it by one person's word, and another has not confirmed it (`pharmacy/removals/`).
    """

    id = S.IntegerField(source="lot.pk")
    product = S.CharField(source="lot.product")
    number = S.CharField(source="lot.number")
    expires_on = S.DateField(source="holding.expires_on")
    taken_from = S.CharField(source="lot.source")
    balance = S.IntegerField(source="holding.balance")
    holds = HoldOutput(many=True)
    warning = S.CharField()
    to_confirm = S.BooleanField()


class ReceiptInput(AcceptingInput):
    """A line of a delivery; without `delivery_note` a provisional receipt, with its reason.

    `lot_number`: the pack's code as scanned, or the lot as printed; without `expires_on` where the code holds it.
    """

    product = S.CharField()
    lot_number = S.CharField()
    expires_on = S.DateField(required=False, allow_null=True, default=None)
    units = S.IntegerField()
    delivery_note = S.CharField(required=False, default="")
    temperature_c = Exact(required=False, allow_null=True, default=None)
    reason = S.CharField(required=False, default="")


class MovementOutput(S.Serializer[Any]):
    """One line of the ledger."""

    id = S.IntegerField(source="pk")
    sequence = S.IntegerField()
    kind = S.CharField()
    quantity = S.IntegerField()
    balance = S.IntegerField()
    reference = S.CharField()
    at = Moment()
    by = S.CharField()


class LedgerOutput(MovementOutput):
    """A line of the ledger; `removal`: where it is one, what another person is asked to confirm."""

    removal = S.IntegerField(source="removal.pk", default=None, allow_null=True)
    removal_state = S.CharField(source="removal.state", default="")


class BroughtOutput(MovementOutput):
    """What a receipt did: its line, the code on its shelf label, and whether that consignment is on hold."""

    id = S.IntegerField(source="movement.pk")
    sequence = S.IntegerField(source="movement.sequence")
    kind = S.CharField(source="movement.kind")
    quantity = S.IntegerField(source="movement.quantity")
    balance = S.IntegerField(source="movement.balance")
    reference = S.CharField(source="movement.reference")
    at = Moment(source="movement.at")
    by = S.CharField(source="movement.by")
    consignment = S.CharField(source="consignment.code")
    on_hold = S.BooleanField()


class ConsignmentOutput(S.Serializer[Any]):
    """One consignment of a lot; `left` goes by what was scanned."""

    code = S.CharField(source="consignment.code")
    units = S.IntegerField(source="consignment.units")
    delivery_note = S.CharField(source="consignment.delivery_note")
    received_at = Moment(source="consignment.received_at")
    left = S.IntegerField()
    on_hold = S.BooleanField()


class Consignments(Endpoint):
    """What receipts brought of a lot, newest first."""

    @extend_schema(responses=ConsignmentOutput(many=True))
    def get(self, request: Request, lot_id: int) -> Response:
        check_can(self.actor(), Permission.PREPARATION_READ)
        return Response(ConsignmentOutput(consignments_of(lot_for(self.actor(), lot_id)), many=True).data)


class ShelfLabel(Endpoint):
    """The shelf label of a consignment."""

    @extend_schema(responses={(200, "application/pdf"): OpenApiTypes.BINARY})
    def get(self, request: Request, code: str) -> HttpResponse:
        return HttpResponse(shelf_label(self.actor(), code), content_type="application/pdf")


class Stock(Endpoint):
    """The lots of the site, and what arrives."""

    @extend_schema(responses=LotOutput(many=True))
    def get(self, request: Request) -> Response:
        return Response(LotOutput(stock_of(self.actor(), self.actor().site_code), many=True).data)

    @extend_schema(request=ReceiptInput, responses={201: BroughtOutput})
    @once
    def post(self, request: Request) -> Response:
        body, actor = self.parsed(ReceiptInput), self.actor()
        number, day = read_delivered(actor.site_code, body["product"], body["lot_number"], body["expires_on"])
        line = Delivered(body["product"], number, day, body["units"])
        if body["delivery_note"]:
            movement = receive(
                actor=actor,
                site_code=actor.site_code,
                line=line,
                delivery_note=body["delivery_note"],
                temperature_c=body["temperature_c"],
                accepted=accepted_in(body),
            )
        else:
            movement = receive_provisionally(actor=actor, site_code=actor.site_code, line=line, reason=body["reason"])
        return Response(BroughtOutput(brought_by(movement)).data, status=201)


class ConfirmationInput(AcceptingInput):
    """The delivery note of a provisional receipt, and the worst temperature on the way.

    units: as on the note, which is booked in full; null: as many as still wait.
    """

    delivery_note = S.CharField()
    units = S.IntegerField(required=False, allow_null=True, default=None)
    temperature_c = Exact(allow_null=True)


class ReceiptOutput(S.Serializer[Any]):
    """A provisional receipt that waits for its delivery note."""

    id = S.IntegerField(source="pk")
    product = S.CharField(source="lot.product")
    lot_number = S.CharField(source="lot.number")
    units = S.IntegerField(source="quantity")
    at = Moment()
    by = S.CharField()


class Receipts(Endpoint):
    """Provisional receipts that no delivery note stands for yet."""

    @extend_schema(responses=ReceiptOutput(many=True))
    def get(self, request: Request) -> Response:
        check_can(self.actor(), Permission.PREPARATION_READ)
        return Response(ReceiptOutput(unconfirmed(self.actor().site_code), many=True).data)


class Confirmation(Endpoint):
    """Book a provisional receipt in."""

    @extend_schema(request=ConfirmationInput, responses={201: BroughtOutput})
    @once
    def post(self, request: Request, movement_id: int) -> Response:
        body = self.parsed(ConfirmationInput)
        movement = confirm_receipt(actor=self.actor(), movement_id=movement_id, accepted=accepted_in(body), **body)
        return Response(BroughtOutput(brought_by(movement)).data, status=201)


class ExpiryInput(S.Serializer[Any]):
    """The expiry as printed, and how the wrong one came about."""

    expires_on = S.DateField()
    reason = S.CharField()


class Expiry(Endpoint):
    """Correct the expiry of a lot."""

    @extend_schema(request=ExpiryInput, responses={204: None})
    @once
    def put(self, request: Request, lot_id: int) -> Response:
        correct_expiry(actor=self.actor(), lot_id=lot_id, **self.parsed(ExpiryInput))
        return Response(status=204)


class MovementInput(S.Serializer[Any]):
    """`units` of a write-off, or `counted` of a count; a reason. `whole_lot`: nothing of the lot stays here.

    `user_name` and `secret` sign it: needed where more leaves the lot than one preparation takes, or nothing is left.
    """

    kind = S.ChoiceField(choices=[*sorted(WRITE_OFF), Kind.COUNT])
    units = S.IntegerField(required=False, default=0)
    counted = S.IntegerField(required=False, default=-1)
    whole_lot = S.BooleanField(required=False, default=False)
    reason = S.CharField(required=False, default="", allow_blank=True)
    user_name = S.CharField(required=False, default="", allow_blank=True)
    secret = S.CharField(required=False, default="", allow_blank=True, trim_whitespace=False)


class Movements(Endpoint):
    """The ledger of one lot, newest first, 100 lines from below `before`."""

    @extend_schema(responses=LedgerOutput(many=True), parameters=[OpenApiParameter("before", int)])
    def get(self, request: Request, lot_id: int) -> Response:
        before, movements = request.query_params.get("before", ""), movements_of(lot_for(self.actor(), lot_id))
        if before.isdigit():
            movements = movements.filter(sequence__lt=int(before))
        return Response(LedgerOutput(movements[:100], many=True).data)

    @extend_schema(request=MovementInput, responses={201: LedgerOutput})
    @once_signed
    def post(self, request: Request, lot_id: int) -> Response:
        body = self.parsed(MovementInput)
        kind, reason = Kind(body["kind"]), body["reason"]
        command: CountLot | WriteOff
        if kind is Kind.COUNT:
            command = CountLot(lot_id, body["counted"], reason)
        else:
            command = WriteOff(lot_id, kind, body["units"], reason, body["whole_lot"])
        grant = self.signed(body, command) if body["secret"] else None

        def act() -> Response:
            return Response(LedgerOutput(_moved(self.actor(), command, grant)).data, status=201)

        return self.once(act)


def _moved(actor: Actor, command: CountLot | WriteOff, grant: UUID | None) -> Any:
    """The line of the ledger that a body asks for."""
    if isinstance(command, CountLot):
        return count_stock(actor=actor, command=command, grant=grant)
    return write_off(actor=actor, command=command, grant=grant)


class ResupplyOutput(S.Serializer[Any]):
    """What to order of one product, as if every open dose needed every product."""

    product = S.CharField()
    needed = S.IntegerField()
    held = S.IntegerField()
    order = S.IntegerField()


class Resupply(Endpoint):
    """What the site orders."""

    @extend_schema(responses=ResupplyOutput(many=True))
    def get(self, request: Request) -> Response:
        return Response(ResupplyOutput(order_for(self.actor(), self.actor().site_code), many=True).data)
