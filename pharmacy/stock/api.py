"""Stock over the API: lots, the ledger, quarantine, supply, and what to order."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from pharmacy.stock.holding import Outcome
from pharmacy.stock.ledger import WRITE_OFF, Kind
from pharmacy.stock.ordering import order_for
from pharmacy.stock.selectors import lot_for, movements_of, stock_of
from pharmacy.stock.services.move import count_stock, write_off
from pharmacy.stock.services.quarantine import decide, recall, report_excursion
from pharmacy.stock.services.receive import Delivered, confirm_receipt, receive, receive_provisionally
from pharmacy.stock.services.state_supply import state_supply
from randomization.accounts.api import Endpoint

S = serializers


class SupplyBody(S.Serializer[Any]):
    """Whether the pharmacy can work."""

    site_code = S.CharField()
    may_supply = S.BooleanField()


class Supply(Endpoint):
    """Say that the pharmacy cannot work for now, or can again."""

    @extend_schema(request=SupplyBody, responses={201: SupplyBody})
    def post(self, request: Request) -> Response:
        made = state_supply(actor=self.actor(), **self.parsed(SupplyBody))
        return Response(SupplyBody(made).data, status=201)


class LotOutput(S.Serializer[Any]):
    """One lot at the site; `hold` is the quarantine that a decision is asked for."""

    id = S.IntegerField(source="lot.pk")
    product = S.CharField(source="lot.product")
    number = S.CharField(source="lot.number")
    expires_on = S.DateField(source="lot.expires_on")
    taken_from = S.CharField(source="lot.source")
    balance = S.IntegerField(source="holding.balance")
    hold = S.IntegerField(source="hold.pk", default=None)
    warning = S.CharField()


class ReceiptInput(S.Serializer[Any]):
    """A line of a delivery; without `delivery_note` a provisional receipt, with its reason."""

    product = S.CharField()
    lot_number = S.CharField()
    expires_on = S.DateField()
    units = S.IntegerField()
    delivery_note = S.CharField(required=False, default="")
    temperature_c = S.DecimalField(max_digits=5, decimal_places=1, required=False, allow_null=True, default=None)
    reason = S.CharField(required=False, default="")


class MovementOutput(S.Serializer[Any]):
    """One line of the ledger."""

    id = S.IntegerField(source="pk")
    sequence = S.IntegerField()
    kind = S.CharField()
    quantity = S.IntegerField()
    balance = S.IntegerField()
    reference = S.CharField()
    at = S.DateTimeField()
    by = S.CharField()


class Stock(Endpoint):
    """The lots of the site, and what arrives."""

    @extend_schema(responses=LotOutput(many=True))
    def get(self, request: Request) -> Response:
        return Response(LotOutput(stock_of(self.actor(), self.actor().site_code), many=True).data)

    @extend_schema(request=ReceiptInput, responses={201: MovementOutput})
    def post(self, request: Request) -> Response:
        given, actor = self.parsed(ReceiptInput), self.actor()
        line = Delivered(given["product"], given["lot_number"], given["expires_on"], given["units"])
        if given["delivery_note"]:
            made = receive(
                actor=actor, site_code=actor.site_code, line=line, delivery_note=given["delivery_note"],
                temperature_c=given["temperature_c"],
            )  # fmt: skip
        else:
            made = receive_provisionally(actor=actor, site_code=actor.site_code, line=line, reason=given["reason"])
        return Response(MovementOutput(made).data, status=201)


class ConfirmationInput(S.Serializer[Any]):
    """The delivery note of a provisional receipt, and the worst temperature on the way."""

    delivery_note = S.CharField()
    temperature_c = S.DecimalField(max_digits=5, decimal_places=1, allow_null=True)


class Confirmation(Endpoint):
    """Book a provisional receipt in."""

    @extend_schema(request=ConfirmationInput, responses={201: None})
    def post(self, request: Request, movement_id: int) -> Response:
        confirm_receipt(actor=self.actor(), movement_id=movement_id, **self.parsed(ConfirmationInput))
        return Response(status=201)


class MovementInput(S.Serializer[Any]):
    """`units` of a write-off, or `counted` of a count; a reason."""

    kind = S.ChoiceField(choices=[*sorted(WRITE_OFF), Kind.COUNT])
    units = S.IntegerField(required=False, default=0)
    counted = S.IntegerField(required=False, default=-1)
    reason = S.CharField(required=False, default="", allow_blank=True)


class Movements(Endpoint):
    """The ledger of one lot."""

    @extend_schema(responses=MovementOutput(many=True))
    def get(self, request: Request, lot_id: int) -> Response:
        return Response(MovementOutput(movements_of(lot_for(self.actor(), lot_id)), many=True).data)

    @extend_schema(request=MovementInput, responses={201: MovementOutput})
    def post(self, request: Request, lot_id: int) -> Response:
        given, actor = self.parsed(MovementInput), self.actor()
        kind = Kind(given["kind"])
        if kind is Kind.COUNT:
            made = count_stock(actor=actor, lot_id=lot_id, counted=given["counted"], reason=given["reason"])
        else:
            made = write_off(actor=actor, lot_id=lot_id, kind=kind, units=given["units"], reason=given["reason"])
        return Response(MovementOutput(made).data, status=201)


class ExcursionInput(S.Serializer[Any]):
    """A period outside the limits; both readings null: no readings. Degrees Celsius."""

    storage = S.CharField()
    starts_at = S.DateTimeField()
    ends_at = S.DateTimeField()
    lowest_c = S.DecimalField(max_digits=5, decimal_places=1, allow_null=True)
    highest_c = S.DecimalField(max_digits=5, decimal_places=1, allow_null=True)
    reason = S.CharField()


class Excursions(Endpoint):
    """Report an excursion: every lot of the storage goes into quarantine."""

    @extend_schema(request=ExcursionInput, responses={201: None})
    def post(self, request: Request) -> Response:
        report_excursion(actor=self.actor(), site_code=self.actor().site_code, **self.parsed(ExcursionInput))
        return Response(status=201)


class DecisionInput(S.Serializer[Any]):
    """What becomes of a lot in quarantine, and on what the decision rests."""

    outcome = S.ChoiceField(choices=list(Outcome))
    reason = S.CharField()


class Decisions(Endpoint):
    """End a quarantine."""

    @extend_schema(request=DecisionInput, responses={201: None})
    def post(self, request: Request, hold_id: int) -> Response:
        given = self.parsed(DecisionInput)
        decide(actor=self.actor(), hold_id=hold_id, outcome=Outcome(given["outcome"]), reason=given["reason"])
        return Response(status=201)


class RecallInput(S.Serializer[Any]):
    """A lot, wherever it lies."""

    product = S.CharField()
    lot_number = S.CharField()
    reason = S.CharField()


class RecallOutput(S.Serializer[Any]):
    """The sites at which the lot is on hold now."""

    sites = S.ListField(child=S.CharField())


class Recalls(Endpoint):
    """Recall a lot at every site in one step."""

    @extend_schema(request=RecallInput, responses={201: RecallOutput})
    def post(self, request: Request) -> Response:
        held = recall(actor=self.actor(), **self.parsed(RecallInput))
        return Response(RecallOutput({"sites": sorted(hold.lot.site_code for hold in held)}).data, status=201)


class OrderOutput(S.Serializer[Any]):
    """What to order of one product, as if every open dose needed every product."""

    product = S.CharField()
    needed = S.IntegerField()
    held = S.IntegerField()
    order = S.IntegerField()


class Resupply(Endpoint):
    """What the site orders."""

    @extend_schema(responses=OrderOutput(many=True))
    def get(self, request: Request) -> Response:
        return Response(OrderOutput(order_for(self.actor(), self.actor().site_code), many=True).data)
