"""The bedside over the API."""

from __future__ import annotations

from dataclasses import replace
from typing import Any
from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from randomization.accounts.policies import check_can
from randomization.accounts.roles import Permission
from randomization.blinded.bedside.clearance import UNIT, ClearanceInput
from randomization.blinded.bedside.clearance_entry import clearance_to_sign, clearance_typed
from randomization.blinded.bedside.selectors import dose, doses_of
from randomization.blinded.bedside.services.administer import administer, miss_dose
from randomization.blinded.bedside.services.ask_pharmacy import ask_pharmacy
from randomization.blinded.bedside.services.record_clearance import record_clearance
from randomization.blinded.bedside.states import WardRequestKind
from randomization.blinded.screening.selectors import File, find_participant
from randomization.delivery.api import AcceptingInput, Endpoint, Exact, Moment, accepted_in
from randomization.shared import clock
from randomization.shared.errors import NotFound
from randomization.shared.ids import parse_barcode

S = serializers


class ClearanceBody(S.Serializer[Any]):
    """Creatinine clearance in mL/min, as a decimal string; null on renal replacement.

    Or creatinine with its unit and weight, from which it is computed; where the clearance is signed, the computed value
    comes along, so that nobody signs what was not shown. `confirmed`: the `confirm` of an answer `implausible`, where
    the value is right all the same.
    """

    value_ml_min = Exact(allow_null=True, required=False, default=None)
    method = S.ChoiceField(choices=["measured", "cockcroft_gault", "renal_replacement"])
    sampled_at = Moment()
    unit = S.CharField(required=False, default=UNIT)
    creatinine = Exact(required=False, allow_null=True, default=None)
    creatinine_unit = S.ChoiceField(choices=["mg/dL", "umol/L"], required=False, allow_blank=True, default="")
    weight_kg = Exact(required=False, allow_null=True, default=None)
    confirmed = S.ListField(child=S.CharField(), required=False, default=list)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """A creatinine has its unit: none is taken for granted."""
        if attrs["creatinine"] is not None and not attrs["creatinine_unit"]:
            raise S.ValidationError({"creatinine_unit": "Choose the unit of creatinine: mg/dL or umol/L."})
        return attrs


class ClearanceSent(ClearanceBody, AcceptingInput):
    """A further clearance; a change of the dose level voids what is ready."""


class DoseOutput(S.Serializer[Any]):
    """One dose as the ward sees it."""

    uid = S.UUIDField()
    route = S.CharField()
    number = S.IntegerField()
    planned_at = Moment()
    state = S.CharField()


class AdministrationInput(AcceptingInput):
    """Card, syringe, time, and mL where only a part was given; or `missed` with its reason.

    `given_by`: another person gave it, and you transcribe it from the chart.
    """

    participant_number = S.CharField(required=False)
    barcode = S.CharField(required=False)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """A dose that was given has card and syringe."""
        missing = [key for key in ("participant_number", "barcode") if key not in attrs and not attrs["missed"]]
        if missing:
            raise S.ValidationError(dict.fromkeys(missing, "This is needed here."))
        return attrs

    at = Moment(required=False, default=None)
    volume_ml = Exact(required=False, default=None)
    given_by = S.CharField(required=False, default="", allow_blank=True)
    reason = S.CharField(required=False, default="", allow_blank=True)
    missed = S.BooleanField(required=False, default=False)


def clearance_from(participant: File, body: dict[str, Any], *, signing: bool = False) -> ClearanceInput:
    """The value the services take; raises InvalidInput where it cannot be computed, or is signed and was not shown."""
    typed = {**body, "unit": body["creatinine_unit"]}
    read = clearance_to_sign if signing else clearance_typed
    return replace(read(participant, typed), unit=body["unit"])


class ClearanceOutput(S.Serializer[Any]):
    """Whether this value is the one in force, whether the reduced level holds now, and the packaging codes that became
    void by a change of level.
    """

    in_force = S.BooleanField()
    reduced = S.BooleanField()
    voided = S.ListField(child=S.CharField())


class Clearances(Endpoint):
    """Record a creatinine clearance."""

    @extend_schema(request=ClearanceSent, responses={201: ClearanceOutput})
    def post(self, request: Request, number: str) -> Response:
        body = self.parsed(ClearanceSent)
        accepted = accepted_in(body)
        clearance_input = clearance_from(find_participant(self.actor(), number), body)
        clearance_recorded = record_clearance(
            actor=self.actor(), number=number, clearance=clearance_input, accepted=accepted
        )
        return Response(ClearanceOutput(clearance_recorded).data, status=201)


class Doses(Endpoint):
    """The timetable of a participant."""

    @extend_schema(responses=DoseOutput(many=True))
    def get(self, request: Request, number: str) -> Response:
        check_can(self.actor(), Permission.DOSE_READ)
        find_participant(self.actor(), number)
        return Response(DoseOutput(doses_of(self.actor(), number), many=True).data)


class Administration(Endpoint):
    """Record one dose as given, or as missed."""

    @extend_schema(request=AdministrationInput, responses={201: None})
    def post(self, request: Request, uid: UUID) -> Response:
        body, due_dose = self.parsed(AdministrationInput), dose(self.actor(), uid)
        accepted = accepted_in(body)
        if body.pop("missed"):
            miss_dose(actor=self.actor(), dose_uid=uid, reason=body["reason"], accepted=accepted)
            return Response(status=201)
        label = parse_barcode(body["barcode"])
        if (due_dose.course.kit_code, due_dose.route, due_dose.number) != (label.kit_code, label.route, label.number):
            raise NotFound("The syringe scanned is not of this dose: do not give it.")
        administer(actor=self.actor(), **{**body, "at": body["at"] or clock.now()})
        return Response(status=201)


class RequestBody(S.Serializer[Any]):
    """One of the fixed things the ward may tell the pharmacy."""

    wish = S.ChoiceField(choices=list(WardRequestKind), source="kind")


class Requests(Endpoint):
    """Tell the pharmacy something about a dose."""

    @extend_schema(request=RequestBody, responses={201: RequestBody})
    def post(self, request: Request, uid: UUID) -> Response:
        ward_request = ask_pharmacy(
            actor=self.actor(), dose_uid=uid, kind=WardRequestKind(self.parsed(RequestBody)["kind"])
        )
        return Response(RequestBody(ward_request).data, status=201)
