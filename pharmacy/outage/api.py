"""After an outage, over the API: what was prepared from an envelope, and what became of every envelope."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from pharmacy.outage.envelopes import envelopes_of
from pharmacy.outage.services.enter_envelope import EnterPreparation, enter_preparation
from pharmacy.preparation.api.bench import LotInput, PreparationOutput, typed_lots
from randomization.accounts.policies import check_can
from randomization.accounts.roles import Permission
from randomization.delivery.api import Endpoint, Moment, SignatureInput, once_signed
from randomization.shared.ids import parse_barcode
from randomization.shared.protocol import CLASSES

S = serializers


class EnvelopeOutput(S.Serializer[Any]):
    """One envelope and what became of it."""

    list_version = S.IntegerField()
    position = S.IntegerField()
    kit_code = S.CharField()
    state = S.CharField()
    participant = S.CharField()
    syringes = S.IntegerField()


class EnvelopeInput(SignatureInput):
    """One syringe that was prepared from an envelope, as the paper says."""

    barcode = S.CharField()
    prepared_at = Moment()
    made_by = S.CharField()
    checked_by = S.CharField(required=False, default="", allow_blank=True)
    prepared_as = S.ChoiceField(choices=list(CLASSES), required=False, default="", allow_blank=True)
    lots = S.DictField(child=LotInput(), required=False, default=dict)


class FromEnvelope(Endpoint):
    """What became of every envelope here; enter one syringe that was prepared from an envelope."""

    @extend_schema(responses=EnvelopeOutput(many=True))
    def get(self, request: Request) -> Response:
        check_can(self.actor(), Permission.ACCOUNTABILITY_READ)
        return Response(EnvelopeOutput(envelopes_of(self.actor(), self.actor().site_code), many=True).data)

    @extend_schema(request=EnvelopeInput, responses={201: PreparationOutput})
    @once_signed
    def post(self, request: Request) -> Response:
        body = self.parsed(EnvelopeInput)
        label = parse_barcode(body["barcode"])
        asked = [body[key] for key in ("prepared_at", "made_by", "checked_by", "prepared_as")]
        command = EnterPreparation(label, *asked)
        grant = self.signed(body, command)

        def act() -> Response:
            entered = enter_preparation(actor=self.actor(), command=command, lots=typed_lots(body), grant=grant)
            return Response(PreparationOutput(entered).data, status=201)

        return self.once(act)
