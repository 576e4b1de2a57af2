"""Supply over the API."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from pharmacy.stock.services.state_supply import state_supply
from randomization.accounts.api import Endpoint


class SupplyBody(serializers.Serializer[Any]):
    """Whether first doses of every product are at hand."""

    site_code = serializers.CharField()
    may_supply = serializers.BooleanField()


class Stock(Endpoint):
    """State the supply of a site."""

    @extend_schema(request=SupplyBody, responses={201: SupplyBody})
    def post(self, request: Request) -> Response:
        made = state_supply(actor=self.actor(), **self.parsed(SupplyBody))
        return Response(SupplyBody(made).data, status=201)
