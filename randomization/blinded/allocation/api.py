"""Randomise over the API."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from randomization.accounts.policies import check_can
from randomization.accounts.roles import Permission
from randomization.blinded.allocation.card import print_card
from randomization.blinded.allocation.selectors import allocation_of, ask_reason, misallocations_of
from randomization.blinded.allocation.services.allocate import Allocate, allocate
from randomization.blinded.allocation.services.enter_envelope import EnterEnvelope, enter_envelope
from randomization.blinded.allocation.services.note_misallocation import NoteMisallocation, note_misallocation
from randomization.blinded.bedside.api.doses import ClearanceBody, clearance_from
from randomization.blinded.screening.selectors import find_participant
from randomization.delivery.api import Endpoint, Moment, SignatureInput
from randomization.shared.errors import NotFound
from randomization.shared.ids import parse_kit_code


class AllocationInput(serializers.Serializer[Any]):
    """First clearance, planned first dose, signature; not looked at where the participant is randomised already."""

    clearance = ClearanceBody(required=False)
    first_dose_at = Moment(required=False, default=None)
    caution_reason = serializers.CharField(required=False, default="", allow_blank=True)
    signature = SignatureInput(required=False)


class AllocationOutput(serializers.Serializer[Any]):
    """The kit code: nothing else is known here."""

    participant = serializers.CharField()
    kit_code = serializers.CharField()
    allocated_at = Moment()


class Allocation(Endpoint):
    """201 the first time, 200 with the same answer ever after."""

    @extend_schema(responses=AllocationOutput)
    def get(self, request: Request, number: str) -> Response:
        check_can(self.actor(), Permission.PARTICIPANT_READ)
        allocated = allocation_of(find_participant(self.actor(), number))
        if allocated is None:
            raise NotFound("This participant is not randomised.")
        answer = {"participant": number, "kit_code": allocated.kit_code, "allocated_at": allocated.allocated_at}
        return Response(AllocationOutput(answer).data)

    @extend_schema(request=AllocationInput, responses={201: AllocationOutput, 200: AllocationOutput})
    def post(self, request: Request, number: str) -> Response:
        actor, body, grant = self.actor(), self.parsed(AllocationInput), None
        check_can(actor, Permission.ALLOCATION_CREATE)
        participant, typed = find_participant(actor, number), body.get("clearance")
        clearance = clearance_from(participant, typed, signing=True) if typed else None
        warned = ask_reason(participant, body["caution_reason"])
        command = Allocate(number, clearance, body["first_dose_at"])
        if "signature" in body and clearance is not None:
            grant = self.signed(body["signature"], command)
        result = allocate(
            actor=actor, command=command, grant=grant, warned=warned, caution_reason=body["caution_reason"]
        )
        return Response(AllocationOutput(result).data, status=201 if result.created else 200)


class MisallocationInput(serializers.Serializer[Any]):
    """What was wrong, the truth, the signature."""

    kind = serializers.ChoiceField(choices=["in_error", "wrong_stratum", "wrong_site"])
    truth = serializers.CharField()
    signature = SignatureInput()


class MisallocationOutput(serializers.Serializer[Any]):
    """A randomisation that was wrong."""

    kind = serializers.CharField()
    truth = serializers.CharField()
    recorded_by = serializers.CharField()
    recorded_at = Moment()


class Misallocations(Endpoint):
    """The truth beside a randomisation that was wrong."""

    @extend_schema(responses=MisallocationOutput(many=True))
    def get(self, request: Request, number: str) -> Response:
        check_can(self.actor(), Permission.PARTICIPANT_READ)
        misallocations = misallocations_of(find_participant(self.actor(), number))
        return Response(MisallocationOutput(misallocations, many=True).data)

    @extend_schema(request=MisallocationInput, responses={201: MisallocationOutput})
    def post(self, request: Request, number: str) -> Response:
        body, actor = self.parsed(MisallocationInput), self.actor()
        command = NoteMisallocation(number, body["kind"], body["truth"])
        grant = self.signed(body["signature"], command)
        misallocation = note_misallocation(actor=actor, command=command, grant=grant)
        return Response(MisallocationOutput(misallocation).data, status=201)


class Card(Endpoint):
    """Card and wristband of a randomised participant; each print is recorded."""

    @extend_schema(responses={(200, "application/pdf"): OpenApiTypes.BINARY}, request=None)
    def post(self, request: Request, number: str) -> HttpResponse:
        return HttpResponse(print_card(self.actor(), number), content_type="application/pdf")


class EnvelopeInput(serializers.Serializer[Any]):
    """Which envelope was opened in an outage, when, and what was known then."""

    kit_code = serializers.CharField()
    opened_at = Moment()
    first_dose_at = Moment()
    clearance = ClearanceBody()
    out_of_order_reason = serializers.CharField(required=False, default="", allow_blank=True)
    departure_reason = serializers.CharField(required=False, default="", allow_blank=True)
    without_verdict = serializers.BooleanField(required=False, default=False)
    signature = SignatureInput()


class Envelope(Endpoint):
    """Enter an envelope after an outage."""

    @extend_schema(request=EnvelopeInput, responses={201: AllocationOutput, 200: AllocationOutput})
    def post(self, request: Request, number: str) -> Response:
        body, participant = self.parsed(EnvelopeInput), find_participant(self.actor(), number)
        clearance = clearance_from(participant, body["clearance"], signing=True)
        kit_code = parse_kit_code(body["kit_code"])
        command = EnterEnvelope(
            number, kit_code, body["opened_at"], body["first_dose_at"], clearance, body["without_verdict"]
        )
        result = enter_envelope(
            actor=self.actor(),
            command=command,
            grant=self.signed(body["signature"], command),
            out_of_order_reason=body["out_of_order_reason"],
            departure_reason=body["departure_reason"],
        )
        return Response(AllocationOutput(result).data, status=201 if result.created else 200)
