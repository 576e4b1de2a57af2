"""Excursions, recalls, how a quarantine ends, and whether the pharmacy can work, over the API."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from pharmacy.stock.hold_causes import Outcome
from pharmacy.stock.quarantines import excursions_of, open_recalls
from pharmacy.stock.selectors import supply_of
from pharmacy.stock.services.hold import note_mixing, put_on_hold
from pharmacy.stock.services.quarantine import decide, recall, report_excursion
from pharmacy.stock.services.state_supply import state_supply
from randomization.delivery.api import AcceptingInput, Endpoint, Moment, accepted_in, once

S = serializers


class SupplyBody(S.Serializer[Any]):
    """Whether the pharmacy can work."""

    site_code = S.CharField()
    may_supply = S.BooleanField()


class SupplyOutput(S.Serializer[Any]):
    """Whether the pharmacy can work, and whether the site may allocate."""

    may_work = S.BooleanField()
    may_allocate = S.BooleanField()


class Supply(Endpoint):
    """What the pharmacy said last, and what the ward was told; say that it cannot work for now, or can again.

    No prepared syringe becomes void by it.
    """

    @extend_schema(responses=SupplyOutput)
    def get(self, request: Request) -> Response:
        said, may_allocate = supply_of(self.actor(), self.actor().site_code)
        return Response(SupplyOutput({"may_work": said is None or said.may_supply, "may_allocate": may_allocate}).data)

    @extend_schema(request=SupplyBody, responses={201: SupplyBody})
    @once
    def post(self, request: Request) -> Response:
        supply_statement = state_supply(actor=self.actor(), **self.parsed(SupplyBody))
        return Response(SupplyBody(supply_statement).data, status=201)


class ExcursionInput(AcceptingInput):
    """A period outside the limits; both readings null: no readings. Degrees Celsius."""

    storage = S.CharField()
    starts_at = Moment()
    ends_at = Moment()
    lowest_c = S.DecimalField(max_digits=5, decimal_places=1, allow_null=True)
    highest_c = S.DecimalField(max_digits=5, decimal_places=1, allow_null=True)
    reason = S.CharField()


class ExcursionOutput(S.Serializer[Any]):
    """An excursion on record."""

    storage = S.CharField(source="excursion.storage")
    starts_at = Moment(source="excursion.starts_at")
    ends_at = Moment(source="excursion.ends_at")
    readings = S.CharField()
    reason = S.CharField()


class Excursions(Endpoint):
    """Report an excursion: every lot of the storage goes into quarantine."""

    @extend_schema(responses=ExcursionOutput(many=True))
    def get(self, request: Request) -> Response:
        return Response(ExcursionOutput(excursions_of(self.actor(), self.actor().site_code), many=True).data)

    @extend_schema(request=ExcursionInput, responses={201: None})
    @once
    def post(self, request: Request) -> Response:
        body, actor = self.parsed(ExcursionInput), self.actor()
        report_excursion(actor=actor, site_code=actor.site_code, accepted=accepted_in(body), **body)
        return Response(status=201)


class HoldInput(AcceptingInput):
    """A consignment by the code on its shelf label, or a lot as printed; `elsewhere`: it is not booked in here."""

    consignment = S.CharField(required=False, default="", allow_blank=True)
    product = S.CharField(required=False, default="", allow_blank=True)
    lot_number = S.CharField(required=False, default="", allow_blank=True)
    elsewhere = S.BooleanField(required=False, default=False)
    reason = S.CharField()


class PlacedOutput(S.Serializer[Any]):
    """The hold; null for a lot that is not booked in here."""

    hold = S.IntegerField(allow_null=True)


class Holds(Endpoint):
    """Put stock on hold after it came; every prepared syringe of its routes at the site becomes void."""

    @extend_schema(request=HoldInput, responses={201: PlacedOutput})
    @once
    def post(self, request: Request) -> Response:
        body, actor = self.parsed(HoldInput), self.actor()
        placed = put_on_hold(actor=actor, site_code=actor.site_code, accepted=accepted_in(body), **body)
        return Response(PlacedOutput({"hold": placed.pk if placed else None}).data, status=201)


class MixingInput(AcceptingInput):
    """How the units were mixed.

    of_notes: those of at least two delivery notes; false: of one, with units received provisionally. Null or left out:
    only where it cannot be the one or the other.
    """

    reason = S.CharField()
    of_notes = S.BooleanField(required=False, allow_null=True, default=None)


class Mixings(Endpoint):
    """Say that consignments of a lot cannot be told apart: from now on a hold falls on all of it."""

    @extend_schema(request=MixingInput, responses={201: None})
    @once
    def post(self, request: Request, lot_id: int) -> Response:
        body = self.parsed(MixingInput)
        note_mixing(actor=self.actor(), lot_id=lot_id, accepted=accepted_in(body), **body)
        return Response(status=201)


class DecisionInput(S.Serializer[Any]):
    """What becomes of a lot in quarantine, and on what the decision rests."""

    outcome = S.ChoiceField(choices=list(Outcome))
    reason = S.CharField()


class Decisions(Endpoint):
    """End a quarantine. No prepared syringe becomes void by it: what the hold struck is void already."""

    @extend_schema(request=DecisionInput, responses={201: None})
    @once
    def post(self, request: Request, hold_id: int) -> Response:
        body = self.parsed(DecisionInput)
        decide(actor=self.actor(), hold_id=hold_id, outcome=Outcome(body["outcome"]), reason=body["reason"])
        return Response(status=201)


class RecallInput(AcceptingInput):
    """A lot, wherever it lies."""

    product = S.CharField()
    lot_number = S.CharField()
    reason = S.CharField()
    ahead = S.BooleanField(required=False, default=False)


class RecallOutput(S.Serializer[Any]):
    """The sites at which the lot is on hold now."""

    sites = S.ListField(child=S.CharField())


class RecalledOutput(S.Serializer[Any]):
    """A lot on hold by a recall; `hold` is what a decision is asked for."""

    hold = S.IntegerField(source="pk")
    site_code = S.CharField(source="lot.site_code")
    product = S.CharField(source="lot.product")
    lot_number = S.CharField(source="lot.number")


class Recalls(Endpoint):
    """Recall a lot at every site in one step; what is recalled and not decided."""

    @extend_schema(responses=RecalledOutput(many=True))
    def get(self, request: Request) -> Response:
        return Response(RecalledOutput(open_recalls(self.actor()), many=True).data)

    @extend_schema(request=RecallInput, responses={201: RecallOutput})
    @once
    def post(self, request: Request) -> Response:
        body = self.parsed(RecallInput)
        held = recall(actor=self.actor(), accepted=accepted_in(body), **body)
        return Response(RecallOutput({"sites": sorted(hold.lot.site_code for hold in held)}).data, status=201)
