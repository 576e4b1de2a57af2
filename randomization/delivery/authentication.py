"""Who calls the API: the session of a page, or a token."""

from __future__ import annotations

from typing import Any

from rest_framework.authentication import BaseAuthentication, SessionAuthentication, get_authorization_header
from rest_framework.exceptions import AuthenticationFailed, NotAuthenticated
from rest_framework.request import Request

from randomization.accounts.models import Account
from randomization.accounts.selectors import actor_of, membership_of_token


class SessionActor(SessionAuthentication):
    """The session, with CSRF; the actor was set by the middleware."""

    def authenticate(self, request: Request) -> tuple[Account, Any] | None:
        user_and_auth = super().authenticate(request)
        if user_and_auth is None:
            return None
        if getattr(request._request, "actor", None) is None:
            raise NotAuthenticated("Your membership has ended: ask the trial manager.")
        return user_and_auth


class TokenActor(BaseAuthentication):
    """`Authorization: Token ...`: the hash is looked up, and person and membership must hold."""

    def authenticate(self, request: Request) -> tuple[Account, Any] | None:
        words = get_authorization_header(request).decode("latin-1").split()
        if len(words) != 2 or words[0].lower() != "token":
            return None
        membership = membership_of_token(words[1])
        if membership is None:
            raise AuthenticationFailed("This token is unknown or has expired: get a new one.")
        request._request.actor = actor_of(membership)  # type: ignore[attr-defined]
        request._request.membership = membership  # type: ignore[attr-defined]
        return membership.account, membership

    def authenticate_header(self, request: Request) -> str:
        return "Token"
