"""The pharmacy over the API."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import HttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from pharmacy.labels.media import Medium
from pharmacy.labels.sheet import ON_A_SHEET, Sheet
from pharmacy.preparation.labelling import print_labels
from pharmacy.preparation.nightsheet import night_sheet
from pharmacy.preparation.selectors import preparations_for, steps, unanswered, worklist
from pharmacy.preparation.services.call_duty import acknowledge
from pharmacy.preparation.services.finish import release, void
from pharmacy.preparation.services.prepare import prepare
from randomization.accounts.api import Endpoint
from randomization.shared.errors import InvalidInput

S = serializers


class WorklistOutput(S.Serializer[Any]):
    """One due dose: nothing is opened by looking."""

    dose_uid = S.UUIDField(source="dose.uid")
    kit_code = S.CharField(source="dose.course.kit_code")
    participant = S.CharField(source="dose.course.participant.number")
    route = S.CharField(source="dose.route")
    number = S.IntegerField(source="dose.number")
    planned_at = S.DateTimeField(source="dose.planned_at")
    is_overdue = S.BooleanField()
    is_changed = S.BooleanField()
    has_clearance = S.SerializerMethodField()
    clearance_is_old = S.BooleanField(source="clearance.old", default=False)
    preparation = S.UUIDField(source="preparation.uid", default=None)

    def get_has_clearance(self, row: Any) -> bool:
        """Without a value nothing is prepared."""
        return row.clearance is not None


class PreparationOutput(S.Serializer[Any]):
    """A preparation with its instruction."""

    uid = S.UUIDField()
    kit_code = S.CharField()
    route = S.CharField()
    number = S.IntegerField()
    pack_code = S.CharField()
    state = S.CharField()
    ready_at = S.DateTimeField()
    use_before = S.DateTimeField()
    steps = S.SerializerMethodField()

    def get_steps(self, made: Any) -> list[str]:
        """The instruction in steps."""
        return steps(made)


class PrepareInput(S.Serializer[Any]):
    """The dose to prepare."""

    dose_uid = S.UUIDField()


class ChangeInput(S.Serializer[Any]):
    """`barcode` releases, `void_reason` voids."""

    barcode = S.CharField(required=False)
    void_reason = S.CharField(required=False)

    def validate(self, given: dict[str, Any]) -> dict[str, Any]:
        """One of the two."""
        if len(given) != 1:
            raise S.ValidationError("Give barcode, or void_reason.")
        return given


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


class CallOutput(S.Serializer[Any]):
    """A new kit that nobody has acknowledged."""

    kit_code = S.CharField()
    site_code = S.CharField()
    calls = S.IntegerField()
    last_called = S.CharField()
    last_at = S.DateTimeField(allow_null=True)


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


class Preparations(Endpoint):
    """Preparations within reach; a new one opens one assignment."""

    @extend_schema(responses=PreparationOutput(many=True))
    def get(self, request: Request) -> Response:
        return Response(PreparationOutput(preparations_for(self.actor()), many=True).data)

    @extend_schema(request=PrepareInput, responses={201: PreparationOutput})
    def post(self, request: Request) -> Response:
        made = prepare(actor=self.actor(), dose_uid=self.parsed(PrepareInput)["dose_uid"])
        return Response(PreparationOutput(made).data, status=201)


class OnePreparation(Endpoint):
    """Release or void."""

    @extend_schema(request=ChangeInput, responses=PreparationOutput)
    def patch(self, request: Request, uid: UUID) -> Response:
        given = self.parsed(ChangeInput)
        if "barcode" in given:
            made = release(actor=self.actor(), uid=uid, barcode=given["barcode"])
        else:
            made = void(actor=self.actor(), uid=uid, reason=given["void_reason"])
        return Response(PreparationOutput(made).data)


class SheetInput(S.Serializer[Any]):
    """`sheet` prints one kind of label on A4, from the position `start` on; without it, a roll."""

    reason = S.CharField(required=False, default="")
    sheet = S.ChoiceField(required=False, choices=sorted(ON_A_SHEET))
    start = S.IntegerField(required=False, default=1)


class LabelsPdf(Endpoint):
    """The labels of one preparation; each print is recorded. A reprint takes `reason`."""

    @extend_schema(responses={(200, "application/pdf"): OpenApiTypes.BINARY}, request=None, parameters=[SheetInput])
    def post(self, request: Request, uid: UUID) -> HttpResponse:
        given = SheetInput(data=request.query_params)
        given.is_valid(raise_exception=True)
        asked = given.validated_data
        sheet = Sheet(asked["sheet"], asked["start"]) if "sheet" in asked else None
        medium = Medium.SHEET if sheet else Medium.ROLL
        content = print_labels(self.actor(), uid, reason=asked["reason"], medium=medium, sheet=sheet)
        return HttpResponse(content, content_type="application/pdf")


class LabelsZpl(Endpoint):
    """The labels of one preparation for a thermal printer; each print is recorded. A reprint takes `reason`."""

    @extend_schema(responses={(200, "application/zpl"): OpenApiTypes.BINARY}, request=None,
                   parameters=[OpenApiParameter("reason", str)])  # fmt: skip
    def post(self, request: Request, uid: UUID) -> HttpResponse:
        reason = request.query_params.get("reason", "")
        content = print_labels(self.actor(), uid, reason=reason, medium=Medium.THERMAL)
        return HttpResponse(content, content_type="application/zpl")
