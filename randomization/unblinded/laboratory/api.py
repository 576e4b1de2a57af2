"""The laboratory over the API."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from randomization.accounts.api import Endpoint
from randomization.unblinded.laboratory.selectors import samples_for
from randomization.unblinded.laboratory.services.analyse import close_sample, enter_result, receive_sample

S = serializers


class SampleOutput(S.Serializer[Any]):
    """A sample for the laboratory."""

    uid = S.UUIDField(source="sample.uid")
    participant = S.CharField(source="sample.participant.number")
    drawn_at = S.DateTimeField(source="sample.drawn_at")
    shipped_at = S.DateTimeField(source="sample.shipped_at")
    covid19 = S.BooleanField(source="sample.covid19")
    received = S.SerializerMethodField()
    results = S.SerializerMethodField()

    def get_received(self, row: Any) -> bool:
        """Whether the receipt is recorded."""
        return row.receipt is not None

    def get_results(self, row: Any) -> dict[str, str]:
        """The values entered, by analyte."""
        return {analyte: f"{item.qualifier}{item.value}" for analyte, item in row.results.items()}


class ResultInput(S.Serializer[Any]):
    """`received_at` records the receipt, `analyte` with `value` a value, `close` closes with a reason."""

    received_at = S.DateTimeField(required=False)
    analyte = S.ChoiceField(choices=["ferritin", "hla_dr"], required=False)
    value = S.CharField(required=False)
    reason = S.CharField(required=False, default="", allow_blank=True)
    close = S.BooleanField(required=False, default=False)

    def validate(self, given: dict[str, Any]) -> dict[str, Any]:
        """Exactly one of the three acts."""
        acts = ["received_at" in given, "analyte" in given and "value" in given, given["close"]]
        if sum(acts) != 1:
            raise S.ValidationError("Give received_at, or analyte with value, or close with a reason.")
        return given


class Samples(Endpoint):
    """Samples of the country without a verdict, oldest first."""

    @extend_schema(responses=SampleOutput(many=True))
    def get(self, request: Request) -> Response:
        return Response(SampleOutput(samples_for(self.actor()), many=True).data)


class Results(Endpoint):
    """Receipt, values, close."""

    @extend_schema(request=ResultInput, responses={201: None})
    def post(self, request: Request, uid: UUID) -> Response:
        given, actor = self.parsed(ResultInput), self.actor()
        if "received_at" in given:
            receive_sample(actor=actor, sample_uid=uid, received_at=given["received_at"])
        elif given["close"]:
            close_sample(actor=actor, sample_uid=uid, reason=given["reason"])
        else:
            enter_result(
                actor=actor, sample_uid=uid, analyte=given["analyte"], value=given["value"], reason=given["reason"]
            )
        return Response(status=201)
