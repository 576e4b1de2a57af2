"""Arrangements of the second check, and risks to the blind, over the API."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from pharmacy.preparation.checking import arrangements
from pharmacy.preparation.risks import risks_by_site, risks_for
from pharmacy.preparation.services import check as checking
from pharmacy.preparation.services.see_risk import see_risk
from pharmacy.preparation.states import Arrangement
from randomization.accounts.policies import check_can
from randomization.accounts.roles import Permission
from randomization.delivery.api import Endpoint, Moment, SignatureInput

S = serializers


class ArrangementBody(S.Serializer[Any]):
    """A cover by another site, or a waiver."""

    site_code = S.CharField()
    kind = S.ChoiceField(choices=list(Arrangement))
    by_site = S.CharField(required=False, default="")
    ends_at = Moment()


class ArrangementOutput(ArrangementBody):
    """An arrangement in force."""

    id = S.IntegerField(source="pk")
    signed_by = S.CharField()


class ArrangementInput(ArrangementBody, SignatureInput):
    """Signed by the sponsor, with its reason."""

    reason = S.CharField()


class Arrangements(Endpoint):
    """How sites without a second person check."""

    @extend_schema(responses=ArrangementOutput(many=True))
    def get(self, request: Request) -> Response:
        check_can(self.actor(), Permission.CHECK_ARRANGE)
        return Response(ArrangementOutput(arrangements(), many=True).data)

    @extend_schema(request=ArrangementInput, responses={201: ArrangementOutput})
    def post(self, request: Request) -> Response:
        given = self.parsed(ArrangementInput)
        asked = {key: given[key] for key in ("site_code", "kind", "by_site", "ends_at", "reason")}
        grant = self.signed(
            given, meaning=checking.ARRANGED, subject=given["site_code"], content=checking.arrangement_content(**asked)
        )
        made = checking.arrange_check(actor=self.actor(), grant=grant, **{**asked, "kind": Arrangement(given["kind"])})
        return Response(ArrangementOutput(made).data, status=201)


class OneArrangement(Endpoint):
    """End an arrangement before its time."""

    @extend_schema(responses={204: None})
    def delete(self, request: Request, arrangement_id: int) -> Response:
        checking.end_arrangement(actor=self.actor(), arrangement_id=arrangement_id)
        return Response(status=204)


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
