"""The hatch over the API: whether messages go on, and the foreign ones that somebody must look at."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from randomization.accounts.policies import check_can
from randomization.accounts.roles import Permission
from randomization.blinded.inbox.hatch_state import hatch_state
from randomization.blinded.inbox.receiving import unreleased
from randomization.blinded.inbox.services.note_foreign import ReleaseForeign, check_shown, release_foreign
from randomization.delivery.api import Endpoint, Moment, SignatureInput

S = serializers


class ForeignOutput(S.Serializer[Any]):
    """One foreign row; what stands in it is told nowhere."""

    why = S.CharField()
    noted_at = Moment()


class MessagesOutput(S.Serializer[Any]):
    """What stops the messages, the foreign rows, and `shown`: the hash to send back with the signature over them."""

    stops = S.ListField(child=S.CharField())
    foreign = ForeignOutput(many=True)
    shown = S.CharField()


class ReleaseInput(S.Serializer[Any]):
    """What was found out, signed."""

    shown = S.CharField()
    reason = S.CharField()
    signature = SignatureInput()


class Messages(Endpoint):
    """Read the state; sign that the foreign messages were looked at."""

    @extend_schema(responses=MessagesOutput)
    def get(self, request: Request) -> Response:
        check_can(self.actor(), Permission.HATCH_RELEASE)
        state = hatch_state()
        stops = [stop for stop, _words in state.stops]
        answer = {"stops": stops, "foreign": state.foreign, "shown": ReleaseForeign(unreleased()).content_hash()}
        return Response(MessagesOutput(answer).data)

    @extend_schema(request=ReleaseInput, responses={204: None})
    def post(self, request: Request) -> Response:
        check_can(self.actor(), Permission.HATCH_RELEASE)
        body, command = self.parsed(ReleaseInput), ReleaseForeign(unreleased())
        check_shown(command, body["shown"])
        grant = self.signed(body["signature"], command)
        release_foreign(actor=self.actor(), reason=body["reason"], grant=grant)
        return Response(status=204)
