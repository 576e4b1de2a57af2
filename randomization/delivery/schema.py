"""How the API's description names our authentication and the one-time key."""

from __future__ import annotations

from typing import Any

from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.utils import OpenApiParameter

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


class TrialSchema(AutoSchema):
    """Every method that is done once under a key says so."""

    def get_override_parameters(self) -> list[Any]:
        """The header, where the method takes it."""
        if not getattr(getattr(self.view, self.method.lower()), "takes_one_time_key", False):
            return []
        return [
            OpenApiParameter(
                HEADER,
                str,
                OpenApiParameter.HEADER,
                description="8 to 64 characters of your choice, new for each act. Sent again with the same body within "
                "a day, it gets the first answer and nothing is done twice; with another, it is refused.",
            )
        ]
