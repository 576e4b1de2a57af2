"""Arrangements of the second check, and risks to the blind, over the API."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from pharmacy.preparation.second_check import arrangements
from pharmacy.preparation.services.check import ArrangeCheck, arrange_check, end_arrangement
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
        body = self.parsed(ArrangementInput)
        command = ArrangeCheck(
            body["site_code"], Arrangement(body["kind"]), body["by_site"], body["ends_at"], body["reason"]
        )
        arrangement = arrange_check(actor=self.actor(), command=command, grant=self.signed(body, command))
        return Response(ArrangementOutput(arrangement).data, status=201)


class OneArrangement(Endpoint):
    """End an arrangement before its time."""

    @extend_schema(responses={204: None})
    def delete(self, request: Request, arrangement_id: int) -> Response:
        end_arrangement(actor=self.actor(), arrangement_id=arrangement_id)
        return Response(status=204)
