"""How the API's description names our authentication, the one-time key, and the question before something is void."""

from __future__ import annotations

from typing import Any

from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.utils import OpenApiParameter
from rest_framework import serializers

from randomization.delivery.one_time_keys import HEADER


class TokenScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    """`Authorization: Token ...`."""

    target_class = "randomization.delivery.authentication.TokenActor"
    name = "token"

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:
        """As OpenAPI wants it."""
        return {
            "type": "apiKey",
            "in": "header",
            "name": "Authorization",
            "description": "`Token` and a space before the token from POST /api/v1/tokens/",
        }


class SessionScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    """The session of a page."""

    target_class = "randomization.delivery.authentication.SessionActor"
    name = "session"

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:
        """As OpenAPI wants it."""
        return {"type": "apiKey", "in": "cookie", "name": "session"}


class VoidOutput(serializers.Serializer[Any]):
    """One prepared syringe that becomes void: where, which dose, when planned; never what it holds."""

    site_code = serializers.CharField()
    route = serializers.CharField()
    number = serializers.IntegerField()
    planned_at = serializers.DateTimeField()


class VoidsNotAcceptedOutput(serializers.Serializer[Any]):
    """`code` is `voids_not_accepted`: nothing was done. Send the same with `accept_voids` to have these become void."""

    type = serializers.CharField()
    title = serializers.CharField()
    status = serializers.IntegerField()
    code = serializers.CharField()
    detail = serializers.CharField()
    accept_voids = serializers.IntegerField()
    sentences = serializers.ListField(child=serializers.CharField())
    voids = VoidOutput(many=True)


class TrialSchema(AutoSchema):
    """Every method that is done once under a key says so, and every method that asks before something is void."""

    def _get_response_bodies(self, direction: Any = "response") -> Any:
        """The question, where the body may accept what becomes void, and the refusal of a request without its key."""
        bodies = super()._get_response_bodies(direction)
        if self.method in {"POST", "PUT", "PATCH"} and getattr(self.get_request_serializer(), "accepts_voids", False):
            bodies["409"] = self._get_response_for_code(  # type: ignore[no-untyped-call]
                VoidsNotAcceptedOutput, "409", media_types=["application/problem+json"]
            )
        if self._takes_key():
            problem = {"schema": {"type": "object", "additionalProperties": {}}}
            bodies["428"] = {
                "description": "The header Idempotency-Key is missing; nothing was done.",
                "content": {"application/problem+json": problem},
            }
        return bodies

    def get_override_parameters(self) -> list[Any]:
        """The header, where the method takes it."""
        if not self._takes_key():
            return []
        return [
            OpenApiParameter(
                HEADER,
                str,
                OpenApiParameter.HEADER,
                required=True,
                description="8 to 64 characters of your choice, new for each act. Sent again with the same body within "
                "a day, it gets the first answer and nothing is done twice; with another, it is refused. Without it "
                "nothing is done: 428, `key_required`.",
            )
        ]

    def _takes_key(self) -> bool:
        return bool(getattr(getattr(self.view, self.method.lower()), "takes_one_time_key", False))
