"""Labels over the API: each print is recorded."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import HttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request

from pharmacy.labels.media import LabelKind, Medium
from pharmacy.labels.sheet import ON_A_SHEET, Sheet
from pharmacy.preparation.labelling import preview, print_labels, print_unprinted
from randomization.delivery.api import Endpoint

S = serializers


class SheetInput(S.Serializer[Any]):
    """`sheet` prints one kind of label on A4, from the position `start` on; without it, a roll."""

    reason = S.CharField(required=False, default="")
    sheet = S.ChoiceField(required=False, choices=sorted(ON_A_SHEET))
    start = S.IntegerField(required=False, default=1)


def _asked(request: Request) -> tuple[str, Sheet | None]:
    """Reason and sheet, as the address says."""
    sheet_input = SheetInput(data=request.query_params)
    sheet_input.is_valid(raise_exception=True)
    asked = sheet_input.validated_data
    return asked["reason"], Sheet(asked["sheet"], asked["start"]) if "sheet" in asked else None


class LabelsPdf(Endpoint):
    """The labels of one preparation; each print is recorded. A reprint takes `reason`."""

    @extend_schema(responses={(200, "application/pdf"): OpenApiTypes.BINARY}, request=None, parameters=[SheetInput])
    def post(self, request: Request, uid: UUID) -> HttpResponse:
        reason, sheet = _asked(request)
        medium = Medium.SHEET if sheet else Medium.ROLL
        content = print_labels(self.actor(), uid, reason=reason, medium=medium, sheet=sheet)
        return HttpResponse(content, content_type="application/pdf")


class LabelsZpl(Endpoint):
    """The labels of one preparation for a thermal printer; each print is recorded. A reprint takes `reason`."""

    @extend_schema(
        responses={(200, "application/zpl"): OpenApiTypes.BINARY},
        request=None,
        parameters=[OpenApiParameter("reason", str)],
    )
    def post(self, request: Request, uid: UUID) -> HttpResponse:
        reason = request.query_params.get("reason", "")
        content = print_labels(self.actor(), uid, reason=reason, medium=Medium.THERMAL)
        return HttpResponse(content, content_type="application/zpl")


class LabelsOfKit(Endpoint):
    """The labels of everything of one kit that was never printed, in one go: PDF, or with `thermal=1` ZPL."""

    @extend_schema(
        responses={(200, "application/pdf"): OpenApiTypes.BINARY},
        request=None,
        parameters=[SheetInput, OpenApiParameter("thermal", str)],
    )
    def post(self, request: Request, kit_code: str) -> HttpResponse:
        (_labels, sheet), thermal = _asked(request), request.query_params.get("thermal") == "1"
        medium = Medium.THERMAL if thermal else Medium.SHEET if sheet else Medium.ROLL
        content = print_unprinted(self.actor(), kit_code, medium=medium, sheet=sheet)
        return HttpResponse(content, content_type="application/zpl" if thermal else "application/pdf")


class Picture(Endpoint):
    """The label of the syringe, or with `kind=bag` of the outer bag, as it prints; looking is no print."""

    @extend_schema(responses={(200, "image/png"): OpenApiTypes.BINARY}, parameters=[OpenApiParameter("kind", str)])
    def get(self, request: Request, uid: UUID) -> HttpResponse:
        outer = request.query_params.get("kind") == LabelKind.BAG
        return HttpResponse(preview(self.actor(), uid, outer=outer), content_type="image/png")
