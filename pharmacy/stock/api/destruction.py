"""Orders of destruction over the API: order, carry out, cancel."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from pharmacy.stock.destroying import OrderDestruction, RecordDestruction, Target
from pharmacy.stock.destructions import (
    follows,
    lot_named,
    of_hold,
    of_lot,
    of_returned,
    order_to_do,
    orders_for,
    row_for,
)
from pharmacy.stock.services.destroy import destroy
from pharmacy.stock.services.order_destruction import cancel_order, order_destruction
from randomization.delivery.api import Endpoint, Moment, ReasonInput, SignatureInput, once, once_signed
from randomization.shared.actor import Actor
from randomization.shared.ids import parse_kit_code

S = serializers


class DestructionOutput(S.Serializer[Any]):
    """What was destroyed; `at` is the server's clock, `destroyed_at` what the site says."""

    units = S.IntegerField()
    method = S.CharField()
    witness = S.CharField()
    destroyed_at = Moment()
    at = Moment()
    by = S.CharField()


class OrderOutput(S.Serializer[Any]):
    """An order. `follows`: what it changes for what counts as there, while it waits."""

    id = S.IntegerField(source="order.pk")
    site_code = S.CharField(source="order.site_code")
    target = S.CharField(source="order.target")
    about = S.CharField(source="order.about")
    units = S.IntegerField(source="order.units")
    pack_codes = S.ListField(child=S.CharField())
    reason = S.CharField()
    ordered_at = Moment(source="order.ordered_at")
    ordered_by = S.CharField(source="order.ordered_by")
    state = S.CharField(source="order.state")
    follows = S.SerializerMethodField()
    destruction = DestructionOutput(allow_null=True)

    def get_follows(self, row: Any) -> list[str]:
        """Sentences, as on the page before it asks to confirm."""
        return follows(Target(row.order.target), row.order.lot) if row.is_open else []


class OrderInput(SignatureInput):
    """What is to be destroyed: `hold`, or `lot`, or `site_code`, `product` and `lot_number` where that is not known.

    `units`: at most. `whole_lot`: nothing of it stays there. `consignment`: the code on the shelf label, for a part.
    """

    hold = S.IntegerField(required=False, default=None, allow_null=True)
    lot = S.IntegerField(required=False, default=None, allow_null=True)
    site_code = S.CharField(required=False, default="", allow_blank=True)
    product = S.CharField(required=False, default="", allow_blank=True)
    lot_number = S.CharField(required=False, default="", allow_blank=True)
    consignment = S.CharField(required=False, default="", allow_blank=True)
    units = S.IntegerField()
    whole_lot = S.BooleanField(required=False, default=False)
    reason = S.CharField()


def _asked_for(actor: Actor, body: dict[str, Any]) -> OrderDestruction:
    if body["hold"] is not None:
        return of_hold(actor, body["hold"], units=body["units"], reason=body["reason"])
    lot_id = body["lot"]
    if lot_id is None:
        place = body["site_code"] or actor.site_code
        lot_id = lot_named(actor, place, body["product"], body["lot_number"]).pk
    names = ("units", "whole_lot", "consignment", "reason")
    return of_lot(actor, lot_id, **{name: body[name] for name in names})


class _Ordering(Endpoint):
    """Takes the signature under an order, then orders."""

    def ordered(self, command: OrderDestruction, body: dict[str, Any]) -> Response:
        """The answer to an order."""
        grant = self.signed(body, command)

        def act() -> Response:
            ordered = order_destruction(actor=self.actor(), command=command, grant=grant)
            return Response(OrderOutput(row_for(self.actor(), ordered.pk)).data, status=201)

        return self.once(act)


class Orders(_Ordering):
    """The orders that wait, and those that ended last; one more, which moves nothing yet."""

    @extend_schema(responses=OrderOutput(many=True))
    def get(self, request: Request) -> Response:
        return Response(OrderOutput(orders_for(self.actor()), many=True).data)

    @extend_schema(request=OrderInput, responses={201: OrderOutput})
    @once_signed
    def post(self, request: Request) -> Response:
        body = self.parsed(OrderInput)
        return self.ordered(_asked_for(self.actor(), body), body)


class ReturnedInput(SignatureInput):
    """Why the syringes that came back are destroyed; `site_code`: empty for one's own site."""

    site_code = S.CharField(required=False, default="", allow_blank=True)
    reason = S.CharField()


class ReturnedOrders(_Ordering):
    """Order the destruction of every syringe that came back and is not destroyed."""

    @extend_schema(request=ReturnedInput, responses={201: OrderOutput})
    @once_signed
    def post(self, request: Request) -> Response:
        body = self.parsed(ReturnedInput)
        place = body["site_code"] or self.actor().site_code
        return self.ordered(of_returned(self.actor(), place, reason=body["reason"]), body)


class DoneInput(SignatureInput):
    """What was destroyed: `units` of a lot, or `pack_codes` of syringes; how, who saw it, when."""

    units = S.IntegerField(required=False, default=0)
    pack_codes = S.ListField(child=S.CharField(), required=False, default=list)
    method = S.CharField()
    witness = S.CharField()
    destroyed_at = Moment()


class Execution(Endpoint):
    """Destroy what was ordered, as another pharmacist of the site: this alone moves stock."""

    @extend_schema(request=DoneInput, responses={201: OrderOutput})
    @once_signed
    def post(self, request: Request, order_id: int) -> Response:
        order_to_do(self.actor(), order_id)
        body = self.parsed(DoneInput)
        pack_codes = tuple(parse_kit_code(code) for code in body["pack_codes"])
        units = len(pack_codes) or body["units"]
        command = RecordDestruction(order_id, units, body["method"], body["witness"], body["destroyed_at"], pack_codes)
        grant = self.signed(body, command)

        def act() -> Response:
            destroy(actor=self.actor(), command=command, grant=grant)
            return Response(OrderOutput(row_for(self.actor(), order_id)).data, status=201)

        return self.once(act)


class Cancellation(Endpoint):
    """Cancel an order that was not carried out."""

    @extend_schema(request=ReasonInput, responses={201: OrderOutput})
    @once
    def post(self, request: Request, order_id: int) -> Response:
        cancel_order(actor=self.actor(), order_id=order_id, **self.parsed(ReasonInput))
        return Response(OrderOutput(row_for(self.actor(), order_id)).data, status=201)
