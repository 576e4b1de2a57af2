"""The laboratory over the API."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from randomization.delivery.api import AcceptingInput, Endpoint, Moment, SignatureInput, accepted_in
from randomization.shared.protocol import CLASSES
from randomization.unblinded.laboratory.selectors import case_for, cases_for, samples_for
from randomization.unblinded.laboratory.services.analyse import (
    close_sample,
    enter_result,
    receive_sample,
    withdraw_result,
)
from randomization.unblinded.laboratory.services.decide_class import (
    ConfirmClass,
    DecideClass,
    confirm_class,
    decide_class,
)

S = serializers


class SampleOutput(S.Serializer[Any]):
    """A sample for the laboratory."""

    uid = S.UUIDField(source="sample.uid")
    participant = S.CharField(source="sample.participant.number")
    drawn_at = Moment(source="sample.drawn_at")
    shipped_at = Moment(source="sample.shipped_at")
    covid19 = S.BooleanField(source="sample.covid19")
    received = S.SerializerMethodField()
    results = S.SerializerMethodField()
    waiting = S.SerializerMethodField()

    def get_received(self, row: Any) -> bool:
        """Whether the receipt is recorded."""
        return row.receipt is not None

    def get_results(self, row: Any) -> dict[str, str]:
        """The values entered, by analyte."""
        return {analyte: f"{item.qualifier}{item.value}" for analyte, item in row.results.items()}

    def get_waiting(self, row: Any) -> dict[str, str]:
        """Whose implausible values wait for a second person, by analyte; the second one reads the value from the
        report, not here.
        """
        return {analyte: item.entered_by for analyte, item in row.waiting.items()}


class ResultInput(S.Serializer[Any]):
    """One of four acts: `received_at` records the receipt, `analyte` with `value` a value, `analyte` with `withdraw`
    withdraws a value that waits, `close` closes; the last two with a reason.

    `unit`: as the report has it; needed from the second person who enters an implausible value. `ward_knows`: whether
    the ward learned which value is missing.
    """

    received_at = Moment(required=False)
    analyte = S.ChoiceField(choices=["ferritin", "hla_dr"], required=False)
    value = S.CharField(required=False)
    unit = S.CharField(required=False, default="", allow_blank=True)
    reason = S.CharField(required=False, default="", allow_blank=True)
    withdraw = S.BooleanField(required=False, default=False)
    close = S.BooleanField(required=False, default=False)
    ward_knows = S.BooleanField(required=False, default=False)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Exactly one of the four acts."""
        withdraws = attrs["withdraw"] and "analyte" in attrs
        acts = ["received_at" in attrs, "analyte" in attrs and "value" in attrs, withdraws, attrs["close"]]
        if sum(acts) != 1:
            raise S.ValidationError(
                "Give received_at; or analyte with value; or analyte with withdraw and reason; or close with reason."
            )
        return attrs


class EnteredOutput(S.Serializer[Any]):
    """Whether a value waits for a second person: then it counts nowhere, and no verdict goes down."""

    waits = S.BooleanField()


class Samples(Endpoint):
    """Samples of the country without a verdict, oldest first; with `all=1` those with one too, to correct a value."""

    @extend_schema(responses=SampleOutput(many=True), parameters=[OpenApiParameter("all", str)])
    def get(self, request: Request) -> Response:
        open_only = request.query_params.get("all") != "1"
        return Response(SampleOutput(samples_for(self.actor(), open_only=open_only), many=True).data)


class Results(Endpoint):
    """Receipt, values, close."""

    @extend_schema(request=ResultInput, responses={201: EnteredOutput})
    def post(self, request: Request, uid: UUID) -> Response:
        body, actor, waits = self.parsed(ResultInput), self.actor(), False
        reason = body["reason"]
        if "received_at" in body:
            receive_sample(actor=actor, sample_uid=uid, received_at=body["received_at"])
        elif body["close"]:
            close_sample(actor=actor, sample_uid=uid, reason=reason, ward_knows=body["ward_knows"])
        elif body["withdraw"]:
            withdraw_result(actor=actor, sample_uid=uid, analyte=body["analyte"], reason=reason)
        else:
            value = {key: body[key] for key in ("analyte", "value", "unit", "reason")}
            waits = enter_result(actor=actor, sample_uid=uid, **value).waits
        return Response(EnteredOutput({"waits": waits}).data, status=201)


class CaseOutput(S.Serializer[Any]):
    """A correction after allocation that reached another class."""

    uid = S.UUIDField(source="case.pk")
    participant = S.CharField(source="case.participant_number")
    frozen = S.CharField()
    corrected = S.CharField()
    in_force = S.SerializerMethodField()

    def get_in_force(self, row: Any) -> bool:
        """Whether both roles signed a decision."""
        return row.decision is not None and row.decision.confirmed_at is not None


class ClassDecisionInput(SignatureInput, AcceptingInput):
    """The decision with its first signature; without `immune_class`, the second signature.

    By the second one, what was prepared by another class becomes void.
    """

    immune_class = S.ChoiceField(choices=list(CLASSES), required=False)
    starts = S.DictField(child=S.IntegerField(min_value=1), required=False, default=dict)
    reason = S.CharField(required=False, default="")


class Cases(Endpoint):
    """The cases within reach, newest first."""

    @extend_schema(responses=CaseOutput(many=True))
    def get(self, request: Request) -> Response:
        return Response(CaseOutput(cases_for(self.actor()), many=True).data)


class Decisions(Endpoint):
    """Sign a decision, as first or second of pharmacist and safety officer."""

    @extend_schema(request=ClassDecisionInput, responses={201: None})
    def post(self, request: Request, uid: UUID) -> Response:
        body, row, actor = self.parsed(ClassDecisionInput), case_for(self.actor(), uid), self.actor()
        if "immune_class" in body:
            asked = {key: body[key] for key in ("immune_class", "starts", "reason")}
            command = DecideClass(row.case.participant_number, uid, **asked)
            decide_class(actor=actor, command=command, grant=self.signed(body, command))
        else:
            grant = self.signed(body, ConfirmClass(row.case, row.decision))
            confirm_class(actor=actor, case_uid=uid, grant=grant, accepted=accepted_in(body))
        return Response(status=201)
