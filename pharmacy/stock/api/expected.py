"""What an act of the stock would void, over the API: asked before it is done."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from pharmacy.stock.expected_voids import by_excursion, by_hold, by_recall, by_warm_receipt
from randomization.delivery.api import Endpoint, Moment
from randomization.shared import clock
from randomization.shared.actor import Actor
from randomization.shared.foreseen import ExpectedVoid, in_the_pharmacy

S = serializers
ACTS = ("hold", "recall", "excursion", "receipt")


class ActInput(S.Serializer[Any]):
    """The act, with what decides what it voids.

    hold: `product`, or `consignment`; recall: `product`; excursion: `storage`, `starts_at`; receipt (outside its limits
    or without a reading): `product`, `lot_number`.
    """

    act = S.ChoiceField(choices=ACTS)
    product = S.CharField(required=False, default="", allow_blank=True)
    lot_number = S.CharField(required=False, default="", allow_blank=True)
    consignment = S.CharField(required=False, default="", allow_blank=True)
    storage = S.CharField(required=False, default="", allow_blank=True)
    starts_at = Moment(required=False, default=None)


class ExpectedVoidOutput(S.Serializer[Any]):
    """One live syringe: where, which dose, when planned; never what it holds."""

    site_code = S.CharField()
    route = S.CharField()
    number = S.IntegerField()
    planned_at = Moment()


class ExpectedOutput(S.Serializer[Any]):
    """The syringes, and the sentences that a page shows."""

    sentences = S.ListField(child=S.CharField())
    voids = ExpectedVoidOutput(many=True)


def _expected(actor: Actor, typed: dict[str, Any]) -> list[ExpectedVoid]:
    match typed["act"]:
        case "recall":
            return by_recall(actor, typed["product"])
        case "excursion":
            return by_excursion(actor, actor.site_code, typed["storage"], typed["starts_at"] or clock.now())
        case "hold":
            return by_hold(actor, actor.site_code, typed["product"], typed["consignment"])
        case _:
            return by_warm_receipt(actor, actor.site_code, typed["product"], typed["lot_number"])


class ExpectedVoids(Endpoint):
    """What an act would void now; nothing is done. The act itself asks for `accept_voids`, with the number of these."""

    @extend_schema(request=ActInput, responses=ExpectedOutput)
    def post(self, request: Request) -> Response:
        voids = _expected(self.actor(), self.parsed(ActInput))
        return Response(ExpectedOutput({"sentences": in_the_pharmacy(voids), "voids": voids}).data)
