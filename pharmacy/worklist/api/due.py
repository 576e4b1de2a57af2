"""The worklist, the night sheet and the calls over the API."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.http import HttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from pharmacy.worklist.night_sheet import kept_sheet, night_sheet
from pharmacy.worklist.selectors import worklist
from pharmacy.worklist.services.call_duty import acknowledge
from pharmacy.worklist.unanswered_kits import unanswered
from randomization.delivery.api import Endpoint, Moment
from randomization.shared.errors import InvalidInput

S = serializers


class WorklistOutput(S.Serializer[Any]):
    """One due dose: nothing is opened by looking."""

    dose_uid = S.UUIDField(source="dose.uid")
    kit_code = S.CharField(source="dose.course.kit_code")
    participant = S.CharField(source="dose.course.participant.number")
    route = S.CharField(source="dose.route")
    number = S.IntegerField(source="dose.number")
    planned_at = Moment(source="dose.planned_at")
    is_overdue = S.BooleanField()
    is_over = S.BooleanField()
    is_changed = S.BooleanField()
    wishes = S.ListField(child=S.CharField(), source="requests")
    has_clearance = S.SerializerMethodField()
    clearance_is_old = S.BooleanField(source="clearance.old", default=False)
    preparation = S.UUIDField(source="preparation.uid", default=None)

    def get_has_clearance(self, row: Any) -> bool:
        """Without a value nothing is prepared."""
        return row.clearance is not None


class Worklist(Endpoint):
    """Doses due at this site."""

    @extend_schema(responses=WorklistOutput(many=True), parameters=[OpenApiParameter("hours", int)])
    def get(self, request: Request) -> Response:
        hours = request.query_params.get("hours", "24")
        if not hours.isdigit():
            raise InvalidInput("Choose 8, 24 or 48 hours.", field="hours")
        return Response(WorklistOutput(worklist(self.actor(), hours=int(hours)), many=True).data)


class NightSheet(Endpoint):
    """The coming day on paper, without contents."""

    @extend_schema(responses={(200, "application/pdf"): OpenApiTypes.BINARY})
    def get(self, request: Request) -> HttpResponse:
        return HttpResponse(night_sheet(self.actor()), content_type="application/pdf")


class KeptNightSheet(Endpoint):
    """The sheet of a day as it was made at 16:00."""

    @extend_schema(responses={(200, "application/pdf"): OpenApiTypes.BINARY})
    def get(self, request: Request, day: date) -> HttpResponse:
        return HttpResponse(kept_sheet(self.actor(), day), content_type="application/pdf")


class CallOutput(S.Serializer[Any]):
    """A new kit that nobody has acknowledged."""

    kit_code = S.CharField()
    site_code = S.CharField()
    calls = S.IntegerField()
    last_called = S.CharField()
    last_at = Moment(allow_null=True)


class Calls(Endpoint):
    """New kits at this site that nobody has acknowledged."""

    @extend_schema(responses=CallOutput(many=True))
    def get(self, request: Request) -> Response:
        return Response(CallOutput(unanswered(self.actor()), many=True).data)


class AcknowledgementOutput(S.Serializer[Any]):
    """Who took the kit over."""

    kit_code = S.CharField()
    user_name = S.CharField()


class Acknowledge(Endpoint):
    """Take over a new kit; the first answer stands."""

    @extend_schema(request=None, responses=AcknowledgementOutput)
    def post(self, request: Request, kit_code: str) -> Response:
        return Response(AcknowledgementOutput(acknowledge(actor=self.actor(), kit_code=kit_code)).data)
