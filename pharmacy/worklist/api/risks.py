"""Risks to the blind over the API."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from pharmacy.worklist.risks import risks_by_site, risks_for
from pharmacy.worklist.services.see_risk import see_risk
from randomization.delivery.api import Endpoint, Moment

S = serializers


class RiskOutput(S.Serializer[Any]):
    """Something that could tell the ward."""

    id = S.IntegerField(source="risk.pk")
    site_code = S.CharField(source="risk.site_code")
    kind = S.CharField(source="risk.kind")
    preparation = S.UUIDField(source="risk.preparation_id")
    at = Moment(source="risk.at")
    by = S.CharField(source="risk.by")
    reason = S.CharField()
    seen_at = Moment(source="risk.seen_at", allow_null=True)


class Risks(Endpoint):
    """Risks to the blind within reach, unseen ones first."""

    @extend_schema(responses=RiskOutput(many=True))
    def get(self, request: Request) -> Response:
        return Response(RiskOutput(risks_for(self.actor()), many=True).data)


class RiskCountOutput(S.Serializer[Any]):
    """How often one kind of risk was recorded at a site."""

    site_code = S.CharField()
    kind = S.CharField()
    count = S.IntegerField()


class RiskCounts(Endpoint):
    """Risks to the blind within reach, counted by site and kind."""

    @extend_schema(responses=RiskCountOutput(many=True))
    def get(self, request: Request) -> Response:
        return Response(RiskCountOutput(risks_by_site(self.actor()), many=True).data)


class RiskSeen(Endpoint):
    """The monitor has seen a risk."""

    @extend_schema(request=None, responses={204: None})
    def post(self, request: Request, risk_id: int) -> Response:
        see_risk(actor=self.actor(), risk_id=risk_id)
        return Response(status=204)
