"""Lists over the API."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from randomization.delivery.api import Endpoint, Moment
from randomization.unblinded.lists.selectors import lists_for


class ListOutput(serializers.Serializer[Any]):
    """One sealed list."""

    uid = serializers.UUIDField()
    context = serializers.CharField()  # type: ignore[assignment]
    length = serializers.IntegerField()
    root = serializers.CharField()  # type: ignore[assignment]
    sealed_at = Moment()


class Lists(Endpoint):
    """Sealed lists, for the statistician."""

    @extend_schema(responses=ListOutput(many=True))
    def get(self, request: Request) -> Response:
        return Response(ListOutput(lists_for(self.actor()), many=True).data)
