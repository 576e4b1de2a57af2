"""Arrangements of the second check, and risks to the blind, over the API."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from pharmacy.preparation.checking import arrangements
from pharmacy.preparation.risks import risks_for
from pharmacy.preparation.services import check as checking
from pharmacy.preparation.states import Arrangement
from randomization.accounts.api import Endpoint, Moment, SignatureInput
from randomization.accounts.policies import check_can
from randomization.accounts.roles import Permission

S = serializers


class ArrangementBody(S.Serializer[Any]):
    """A cover by another site, or a waiver."""

    site_code = S.CharField()
    kind = S.ChoiceField(choices=list(Arrangement))
    by_site = S.CharField(required=False, default="")
    ends_at = Moment()


class ArrangementInput(ArrangementBody, SignatureInput):
    """Signed by the sponsor, with its reason."""

    reason = S.CharField()


class Arrangements(Endpoint):
    """How sites without a second person check."""

    @extend_schema(responses=ArrangementBody(many=True))
    def get(self, request: Request) -> Response:
        check_can(self.actor(), Permission.CHECK_ARRANGE)
        return Response(ArrangementBody(arrangements(), many=True).data)

    @extend_schema(request=ArrangementInput, responses={201: ArrangementBody})
    def post(self, request: Request) -> Response:
        given = self.parsed(ArrangementInput)
        asked = {key: given[key] for key in ("site_code", "kind", "by_site", "ends_at", "reason")}
        grant = self.signed(
            given, meaning=checking.ARRANGED, subject=given["site_code"], content=checking.arrangement_content(**asked)
        )
        made = checking.arrange_check(actor=self.actor(), grant=grant, **{**asked, "kind": Arrangement(given["kind"])})
        return Response(ArrangementBody(made).data, status=201)


class RiskOutput(S.Serializer[Any]):
    """Something done on purpose that could tell the ward."""

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
